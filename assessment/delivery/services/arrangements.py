"""What one candidate gets by decision: large type, reading aloud, a scribe, a paper form. Somebody asks, the chief decides."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from assessment.delivery.models import Arrangement, ArrangementRuling, RosterEntry
from assessment.delivery.rules import ATTEMPT, CONDUCT, DECISION, SITTING, may_do, require_for
from assessment.delivery.services.rows import locked_entry, said
from assessment.delivery.services.sittings import record
from assessment.delivery.types import ArrangementKind, AttemptState, DeliveryRefused, SittingState
from lms.accounts.api import Acting, NotAllowed, can, records_of

_ALIVE = frozenset({SittingState.REQUESTED, SittingState.APPROVED, SittingState.OPEN})
LONGEST_NAME = 60


def _asks(by: Acting, entry: RosterEntry) -> None:
    """She herself, whose sitting it is, or who watches it. Raises NotAllowed."""
    hers = by.person is not None and entry.person in records_of([by.person])[by.person]
    if hers and can(by, ATTEMPT, "execute") is not None:
        return
    if not (may_do(by, SITTING, "update", entry.sitting) or may_do(by, CONDUCT, "execute", entry.sitting)):
        raise NotAllowed(_("Your role may not do this here."))


@transaction.atomic
def ask_arrangement(
    *, by: Acting, entry: UUID, kind: ArrangementKind, reason: str, scribe: str = "", now: datetime
) -> Arrangement:
    """Ask for one arrangement; the reason is kept encrypted. scribe: who writes for her, for a scribe alone.

    Raises NotAllowed, DeliveryRefused ("entry", "state", "reason", "arranged": asked for or granted already, "live": her
    attempt has begun, or ended).
    """
    row = locked_entry(entry)
    _asks(by, row)
    if row.sitting.state not in _ALIVE:
        raise DeliveryRefused(_("The sitting has moved on. Look at it again."), code="state")
    if row.included is False:
        raise DeliveryRefused(_("This candidate is not on the roster."), code="entry")
    words, name = said(reason), " ".join(scribe.split())[:LONGEST_NAME]
    if kind is ArrangementKind.SCRIBE and not name:
        raise DeliveryRefused(_("Name the person who writes for the candidate."), code="reason", field="scribe")
    same = row.arrangements.filter(kind=kind)
    if same.filter(ruling=None).exists() or same.filter(ruling__granted=True).exists():
        raise DeliveryRefused(_("This has been asked for already, or is granted."), code="arranged", field="kind")
    _not_begun(row, kind)
    made = Arrangement.objects.create(
        entry=row,
        kind=kind,
        scribe=name if kind is ArrangementKind.SCRIBE else "",
        reason=words,
        asked_by=by.user,
        at=now,
    )
    record(row.sitting, "arrangement_asked", by, now, entry=row.uuid, arrangement=made.uuid, kind=kind)
    return made


def _not_begun(row: RosterEntry, kind: ArrangementKind) -> None:
    """A paper form takes the place of the screen, so it is settled before she begins; the rest until she has ended."""
    last = row.attempts.order_by("-number").first()
    if last is None or last.state == AttemptState.VOIDED:
        return
    if kind is ArrangementKind.PAPER_FORM:
        raise DeliveryRefused(
            _("The attempt has begun on the screen. Repeat it with a parallel form first."), code="live"
        )
    if last.state in {AttemptState.HANDED_IN, AttemptState.TIMED_OUT}:
        raise DeliveryRefused(_("Her attempt has ended."), code="live")


@transaction.atomic
def rule_on_arrangement(*, by: Acting, arrangement: UUID, granted: bool, reason: str, now: datetime) -> None:
    """Decide on what somebody else asked for, once, with a reason.

    Raises NotAllowed, DeliveryRefused ("entry", "state", "reason", "ruled", "same_person", "live").
    """
    found = Arrangement.objects.select_related("entry").filter(uuid=arrangement).first()
    if found is None:
        raise DeliveryRefused(_("There is no such request."), code="entry")
    row = locked_entry(found.entry.uuid)
    require_for(by, DECISION, "approve", row.sitting)
    if row.sitting.state not in _ALIVE:
        raise DeliveryRefused(_("The sitting has moved on. Look at it again."), code="state")
    words = said(reason)
    if ArrangementRuling.objects.filter(arrangement=found).exists():
        raise DeliveryRefused(_("This has been decided already."), code="ruled")
    if by.user is not None and by.user == found.asked_by:
        raise DeliveryRefused(_("Somebody else must decide what you asked for."), code="same_person")
    kind = ArrangementKind(found.kind)
    if granted:
        _not_begun(row, kind)
    ArrangementRuling.objects.create(arrangement=found, granted=granted, reason=words, by=by.user, at=now)
    if granted:
        row.granted = " ".join(sorted({*row.granted.split(), kind.value}))
        row.save(update_fields=["granted"])
    record(row.sitting, "arrangement_ruled", by, now, entry=row.uuid, arrangement=found.uuid, granted=granted)
