"""Who sits: fixed at a stated hour, everybody left out with a reason; later additions with theirs."""

from contextlib import suppress
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from assessment.candidates.selectors import candidacies, candidacy, class_candidacies
from assessment.candidates.types import CandidacyData
from assessment.delivery.filed import judged
from assessment.delivery.logic import forms_by_seat
from assessment.delivery.models import Attempt, RosterEntry, Sitting
from assessment.delivery.papers import use_paper
from assessment.delivery.rules import CONDUCT, SITTING, require_for
from assessment.delivery.services.rows import happen, locked_attempt, locked_entry, locked_sitting, said
from assessment.delivery.services.sittings import record
from assessment.delivery.types import LIVE, AttemptState, DeliveryRefused, Kind, SittingKind, SittingState
from lms.accounts.api import INSTALLATION, Acting

NO_SEAT = gettext_noop("All seats of this sitting are taken.")
_BEFORE = (SittingState.DRAFTED, SittingState.REQUESTED, SittingState.APPROVED)
LONGEST_EXTRA = 240


@transaction.atomic
def register_candidacy(*, by: Acting, sitting: UUID, held: UUID, now: datetime) -> RosterEntry:
    """Put a candidacy down for an accreditation before its roster is fixed; twice is once.

    Raises NotAllowed, DeliveryRefused ("state", "frozen", "entry": a class's roster is its own).
    """
    row = locked_sitting(sitting, *_BEFORE)
    require_for(by, SITTING, "update", row)
    if row.frozen_at is not None:
        raise DeliveryRefused(_("The roster is fixed. The invigilator may add somebody, with a reason."), code="frozen")
    if row.kind != SittingKind.ACCREDITATION:
        raise DeliveryRefused(_("The roster of a class is made from the class."), code="entry")
    person = candidacy(held).person
    entry, made = RosterEntry.objects.get_or_create(
        sitting=row, candidacy=held, defaults={"person": person, "added_by": by.user, "added_at": now}
    )
    if made:
        record(row, "registered", by, now, candidacy=held)
    return entry


@transaction.atomic
def freeze_roster(*, by: Acting, sitting: UUID, now: datetime) -> None:
    """Fix the roster, once, from the hour it was asked for: seats and forms given, everybody left out with her reason.

    Raises NotAllowed, DeliveryRefused ("state", "frozen", "window": too early).
    """
    row = locked_sitting(sitting, SittingState.APPROVED)
    require_for(by, SITTING, "update", row)
    if row.frozen_at is not None:
        raise DeliveryRefused(_("The roster is fixed already."), code="frozen")
    if now < row.freeze_at:
        raise DeliveryRefused(_("The roster is not to be fixed before its hour."), code="window")
    asked = _asked(row)
    refused = judged(row, asked)
    forms = forms_by_seat(sorted(row.papers), row.seats, row.seed) if row.seats else ()
    present = {entry.candidacy: entry for entry in row.entries.select_for_update().order_by("id")}
    seat = 0
    for one in asked:
        entry = present.get(one.uuid) or RosterEntry(
            sitting=row, candidacy=one.uuid, person=one.person, added_by=by.user, added_at=now
        )
        reason = refused[one.uuid]
        if not reason and seat >= row.seats:
            reason = NO_SEAT
        entry.included, entry.reason = not reason, reason
        if not reason:
            seat += 1
            entry.seat, entry.form = seat, forms[seat - 1]
        entry.save()
    row.frozen_at = now
    row.save(update_fields=["frozen_at"])
    for paper in row.papers.values():
        use_paper(paper=UUID(paper), sitting=row.uuid, now=now)
    record(row, "roster_fixed", by, now, included=seat, left_out=len(asked) - seat)


def fix_due_rosters(*, now: datetime) -> int:
    """Fix what has come to its hour, each in a transaction of its own; how many."""
    due = Sitting.objects.filter(state=SittingState.APPROVED, frozen_at=None, freeze_at__lte=now).order_by("freeze_at")
    fixed = 0
    for sitting in list(due.values_list("uuid", flat=True)):
        with suppress(DeliveryRefused):  # somebody was first
            freeze_roster(by=INSTALLATION, sitting=sitting, now=now)
            fixed += 1
    return fixed


def _asked(row: Sitting) -> tuple[CandidacyData, ...]:
    if row.class_uid is not None:
        return class_candidacies(row.class_uid)
    held = list(row.entries.order_by("id").values_list("candidacy", flat=True))
    found = candidacies(held)
    return tuple(found[uuid] for uuid in held)


@transaction.atomic
def add_late(*, by: Acting, sitting: UUID, held: UUID, reason: str, now: datetime) -> RosterEntry:
    """Let one more sit, also one who was left out and has been entitled since.

    Raises NotAllowed, NoCandidacy, DeliveryRefused ("state", "not_frozen", "reason", "twice", "entitlement", "seats").
    """
    row = locked_sitting(sitting, SittingState.APPROVED, SittingState.OPEN)
    require_for(by, CONDUCT, "execute", row)
    if row.frozen_at is None:
        raise DeliveryRefused(_("The roster is not fixed yet."), code="not_frozen")
    words = said(reason)
    one = candidacy(held)
    if refused := judged(row, [one])[held]:
        raise DeliveryRefused(_(refused), code="entitlement")
    entry = RosterEntry.objects.filter(sitting=row, candidacy=held).first()
    if entry is not None and entry.included:
        raise DeliveryRefused(_("She is on the roster already."), code="twice")
    seat = (row.entries.aggregate(last=Max("seat"))["last"] or 0) + 1
    if seat > row.seats:
        raise DeliveryRefused(_(NO_SEAT), code="seats")
    entry = entry or RosterEntry(sitting=row, candidacy=held, person=one.person, added_by=by.user, added_at=now)
    entry.included, entry.reason, entry.late_reason, entry.seat = True, "", words, seat
    entry.form = forms_by_seat(sorted(row.papers), row.seats, row.seed)[seat - 1]
    entry.save()
    record(row, "added_late", by, now, candidacy=held, seat=seat)
    return entry


@transaction.atomic
def give_extra_time(*, by: Acting, entry: UUID, minutes: int, reason: str, now: datetime) -> None:
    """Extra minutes in all, and why (large type, reading aloud, a scribe…); a running attempt gets the difference at once.

    Raises NotAllowed, DeliveryRefused ("entry", "reason", "beyond", "live": it has ended).
    """
    row = locked_entry(entry)
    require_for(by, CONDUCT, "execute", row.sitting)
    words = said(reason)
    if not 0 < minutes <= LONGEST_EXTRA:
        text = _("Enter a number of minutes from 1 to %(most)d.") % {"most": LONGEST_EXTRA}
        raise DeliveryRefused(text, code="beyond", field="minutes")
    last = row.attempts.order_by("-number").first()
    if last is not None and last.state in {AttemptState.HANDED_IN, AttemptState.TIMED_OUT}:
        raise DeliveryRefused(_("Her attempt has ended."), code="live")
    if last is not None and last.state in LIVE - {AttemptState.WAITING}:
        _lengthen(last, minutes - row.extra_minutes, words, by, now)
    row.extra_minutes, row.extra_reason = minutes, words
    row.save(update_fields=["extra_minutes", "extra_reason"])
    record(row.sitting, "extra_time", by, now, entry=row.uuid, minutes=minutes)


def _lengthen(last: Attempt, minutes: int, reason: str, by: Acting, now: datetime) -> None:
    if minutes < 0:
        raise DeliveryRefused(_("Time that was given is not taken back."), code="beyond", field="minutes")
    if minutes:
        happen(locked_attempt(last.uuid), Kind.EXTENDED, by=by.user, now=now, value=minutes * 60_000, reason=reason)


@transaction.atomic
def check_identity(*, by: Acting, entry: UUID, now: datetime) -> None:
    """The invigilator has seen her and her card. Once. Raises NotAllowed, DeliveryRefused ("entry")."""
    row = locked_entry(entry)
    require_for(by, CONDUCT, "execute", row.sitting)
    if row.identity_at is not None:
        return
    row.identity_at, row.identity_by = now, by.user
    row.save(update_fields=["identity_at", "identity_by"])
    record(row.sitting, "identity_checked", by, now, entry=row.uuid)
