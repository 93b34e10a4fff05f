"""Making marks known: results take them in, and each candidate is told. Once a mark."""

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext_noop

from assessment.candidates.selectors import candidacies
from assessment.delivery.models import Sitting
from assessment.theory.events import PaperReleased
from assessment.theory.models import PaperMark, PaperRelease
from lms.core.events import publish
from lms.notices.api import notify

NOTICE_KIND = "paper_released"


def tell(sitting: Sitting, marks: Sequence[PaperMark], *, now: datetime) -> int:
    """Make these marks known; how many were new. In the caller's transaction, with the sitting's row locked.

    marks: none pending, with attempt and entry.
    """
    known = set(PaperRelease.objects.filter(mark__in=[mark.pk for mark in marks]).values_list("mark_id", flat=True))
    new = [mark for mark in marks if mark.pk not in known]
    held = candidacies([mark.attempt.entry.candidacy for mark in new])
    for mark in new:
        entry = mark.attempt.entry
        assert mark.mark is not None
        PaperRelease.objects.create(mark=mark, at=now)
        publish(
            PaperReleased(
                sitting=sitting.uuid,
                attempt=mark.attempt.uuid,
                candidacy=entry.candidacy,
                person=entry.person,
                mark=mark.mark,
                outcome=mark.uuid,
                proposed_fail=mark.proposed_fail,
            )
        )
        candidacy = held.get(entry.candidacy)
        first = mark.number == 1 or not PaperRelease.objects.filter(mark__attempt=mark.attempt).exclude(mark=mark).exists()
        notify(
            user=candidacy.user if candidacy else None,
            person=entry.person,
            kind=NOTICE_KIND,
            title=gettext_noop("Your examination paper has been marked") if first else gettext_noop("Your paper's mark has changed"),
            body=gettext_noop("The mark of your paper in “%(sitting)s” is out. You can read it by section and topic.")
            if first
            else gettext_noop("A question in “%(sitting)s” was corrected. Your paper's mark was made anew; you can read it again."),
            params={"sitting": sitting.title},
            url=reverse("assessment:paper_result", args=[entry.uuid]),
            now=now,
            about=candidacy.class_uid if candidacy else None,
            about_name=candidacy.class_name if candidacy else "",
            key=str(mark.uuid),
        )
    return len(new)
