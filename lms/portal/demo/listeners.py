"""In a demonstration, whatever a demonstration trainee uploads is assigned to the demonstration's examiner at once."""

from django.conf import settings

from assessment.api import grant_evidence
from lms.accounts.api import User
from lms.core import clock
from lms.core.events import subscribe
from lms.portal.demo.world import CAST
from media_pipeline.api import EvidenceReady


@subscribe(EvidenceReady)
def assign_to_demo_examiner(news: EvidenceReady) -> None:
    """Until allocation exists, an explicit grant; nothing happens outside a demonstration."""
    if not settings.DEMO or settings.PRODUCTION:
        return
    name = next(character.name for character in CAST if character.key == "examiner")
    examiner = User.objects.filter(display_name=name, is_demo=True).first()
    if examiner is not None:
        grant_evidence(examiner=examiner.uuid, asset=news.asset, granted_by=None, now=clock.now())
