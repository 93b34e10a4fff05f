"""What an invigilator does during the hour, and what chief or bureau decide about a disturbed one. All with a reason."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from assessment.delivery.logic import to_ms
from assessment.delivery.models import Attempt
from assessment.delivery.papers import paper_for_sitting
from assessment.delivery.rules import CONDUCT, DECISION, require_for
from assessment.delivery.services.attempts import _admitted, _record
from assessment.delivery.services.rows import (
    happen,
    locked_attempt,
    locked_entry,
    locked_sitting,
    said,
    sitting_of,
    still_running,
)
from assessment.delivery.services.sittings import record
from assessment.delivery.types import LIVE, AttemptState, DeliveryRefused, Kind, SittingState
from lms.accounts.api import Acting

LONGEST_EXTENSION = 240


@transaction.atomic
def pause_attempt(*, by: Acting, attempt: UUID, reason: str, now: datetime) -> None:
    """Stop her clock; what she writes meanwhile stays on her device.

    Raises NotAllowed, DeliveryRefused ("reason", "live", "over").
    """
    row = locked_attempt(attempt)
    require_for(by, CONDUCT, "execute", row.entry.sitting)
    still_running(row, now)
    happen(row, Kind.PAUSED, by=by.user, now=now, reason=said(reason))
    _record(row, "paused", by.user, now)


@transaction.atomic
def resume_attempt(*, by: Acting, attempt: UUID, now: datetime) -> None:
    """Let her go on; the deadline moves by what the pause took. Raises NotAllowed, DeliveryRefused ("live")."""
    row = locked_attempt(attempt)
    require_for(by, CONDUCT, "execute", row.entry.sitting)
    happen(row, Kind.RESUMED, by=by.user, now=now)
    _record(row, "resumed", by.user, now)


@transaction.atomic
def extend_attempt(*, by: Acting, attempt: UUID, minutes: int, reason: str, now: datetime) -> None:
    """More minutes after a disturbance. Raises NotAllowed, DeliveryRefused ("reason", "beyond", "live", "over")."""
    row = locked_attempt(attempt)
    require_for(by, CONDUCT, "execute", row.entry.sitting)
    still_running(row, now)
    if not 0 < minutes <= LONGEST_EXTENSION:
        text = _("Enter a number of minutes from 1 to %(most)d.") % {"most": LONGEST_EXTENSION}
        raise DeliveryRefused(text, code="beyond", field="minutes")
    happen(row, Kind.EXTENDED, by=by.user, now=now, value=minutes * 60_000, reason=said(reason))
    _record(row, "extended", by.user, now, minutes=minutes)


def _where(attempt: UUID) -> tuple[UUID, UUID]:
    """Sitting and entry of an attempt, to be locked before it. Raises DeliveryRefused ("entry")."""
    found = Attempt.objects.values_list("entry__sitting__uuid", "entry__uuid").filter(uuid=attempt).first()
    if found is None:
        raise DeliveryRefused(_("There is no such attempt."), code="entry")
    return found


def _live(sitting_pk: int, state: AttemptState) -> list[Attempt]:
    found = Attempt.objects.filter(entry__sitting=sitting_pk, state=state).order_by("id")
    return [locked_attempt(uuid) for uuid in list(found.values_list("uuid", flat=True))]


@transaction.atomic
def pause_sitting(*, by: Acting, sitting: UUID, reason: str, now: datetime) -> int:
    """Stop everybody's clock (a fire alarm, a power cut); how many. Raises NotAllowed, DeliveryRefused ("state", "reason")."""
    row = locked_sitting(sitting, SittingState.OPEN)
    require_for(by, CONDUCT, "execute", row)
    words, paused = said(reason), 0
    for attempt in _live(row.pk, AttemptState.RUNNING):
        if attempt.state == AttemptState.RUNNING and (attempt.deadline_ms or 0) + attempt.grace_ms >= to_ms(now):
            happen(attempt, Kind.PAUSED, by=by.user, now=now, reason=words)
            paused += 1
    record(row, "paused", by, now, attempts=paused)
    return paused


@transaction.atomic
def resume_sitting(*, by: Acting, sitting: UUID, now: datetime) -> int:
    """Let everybody who is paused go on; how many. Raises NotAllowed, DeliveryRefused ("state")."""
    row = locked_sitting(sitting, SittingState.OPEN)
    require_for(by, CONDUCT, "execute", row)
    resumed = 0
    for attempt in _live(row.pk, AttemptState.PAUSED):
        if attempt.state == AttemptState.PAUSED:
            happen(attempt, Kind.RESUMED, by=by.user, now=now)
            resumed += 1
    record(row, "resumed", by, now, attempts=resumed)
    return resumed


@transaction.atomic
def void_attempt(*, by: Acting, attempt: UUID, reason: str, now: datetime) -> None:
    """Declare one attempt void, also one that has ended; its answers stay.

    Raises NotAllowed, DeliveryRefused ("reason", "live", "state": released).
    """
    # The sitting first: its marks may be released this very moment.
    locked_sitting(sitting_of(attempt))
    row = locked_attempt(attempt)
    require_for(by, DECISION, "approve", row.entry.sitting)
    if row.entry.sitting.state == SittingState.RELEASED:
        raise DeliveryRefused(_("The sitting has moved on. Look at it again."), code="state")
    happen(row, Kind.VOIDED, by=by.user, now=now, reason=said(reason))
    _record(row, "voided", by.user, now)


@transaction.atomic
def repeat_attempt(*, by: Acting, attempt: UUID, form: str, reason: str, now: datetime) -> Attempt:
    """Let her begin anew with a parallel form, in the waiting room's line; the disturbed attempt is void.

    Raises NotAllowed, DeliveryRefused ("state", "reason", "form": the same one, or none of this sitting's; "live": void
    already).
    """
    sitting, entry = _where(attempt)
    open_row = locked_sitting(sitting, SittingState.OPEN)
    require_for(by, DECISION, "approve", open_row)
    held = locked_entry(entry)
    row = locked_attempt(attempt)
    words = said(reason)
    sat = set(held.attempts.values_list("form", flat=True))
    paper = held.sitting.papers.get(form)
    if form in sat or paper is None or paper_for_sitting(UUID(paper)) is None:
        raise DeliveryRefused(_("Choose a parallel form that she has not seen."), code="form", field="form")
    if row.state != AttemptState.VOIDED:
        happen(row, Kind.VOIDED, by=by.user, now=now, reason=words)
    elif held.attempts.filter(state__in=LIVE).exists():
        raise DeliveryRefused(_("The attempt has moved on. Look at it again."), code="live")
    number = held.attempts.count() + 1
    # The new attempt waits for the device she comes back with.
    made = _admitted(held, form, number, row.device, by.user, now, on_paper=row.on_paper)
    _record(row, "repeated", by.user, now, again=made.uuid)
    return made
