"""What came late, or from a device that another one had taken over from: counted by the chief's decision alone."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from assessment.delivery.events import LateRuled
from assessment.delivery.models import Answer, LateRuling
from assessment.delivery.rules import DECISION, require_for
from assessment.delivery.services.attempts import _record
from assessment.delivery.services.rows import locked_attempt, locked_sitting, said, sitting_of
from assessment.delivery.types import ASIDE, DeliveryRefused, SittingState
from lms.accounts.api import Acting
from lms.core.events import publish


@transaction.atomic
def rule_on_late(
    *, by: Acting, attempt: UUID, answers: Collection[tuple[int, int]], counts: bool, reason: str, now: datetime
) -> int:
    """Decide on answers named by (epoch, sequence), once each; how many. See `logic.sheet` for what counting means.

    Raises NotAllowed, DeliveryRefused ("state": marks are released, "reason", "entry": one of them is not late, "ruled").
    """
    # The sitting first: its marks may be released this very moment.
    locked_sitting(sitting_of(attempt))
    row = locked_attempt(attempt)
    require_for(by, DECISION, "approve", row.entry.sitting)
    if row.entry.sitting.state in {SittingState.RELEASED, SittingState.VOIDED}:
        raise DeliveryRefused(_("The sitting has moved on. Look at it again."), code="state")
    words = said(reason)
    held = {
        (one.epoch, one.sequence): one
        for one in Answer.objects.filter(attempt=row, standing__in=ASIDE).select_related("ruling")
    }
    if not answers or set(answers) - set(held):
        raise DeliveryRefused(_("Choose answers that came late."), code="entry")
    chosen = [held[name] for name in sorted(set(answers))]
    if any(hasattr(one, "ruling") for one in chosen):
        raise DeliveryRefused(_("It has been decided on one of them already."), code="ruled")
    LateRuling.objects.bulk_create(
        LateRuling(answer=one, counts=counts, reason=words, by=by.user, at=now) for one in chosen
    )
    publish(LateRuled(row.entry.sitting.uuid, row.uuid))
    _record(row, "late_ruled", by.user, now, answers=len(chosen), counts=counts)
    return len(chosen)
