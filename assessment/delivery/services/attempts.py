"""A candidate's own acts: coming in, starting, changing the device, handing in; and the machine's: time is up."""

import secrets
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, Min
from django.utils.translation import gettext as _

from assessment.candidates.services import locked_candidacy
from assessment.delivery.filed import judged
from assessment.delivery.logic import SETTLE_MS, first_hash, in_time, line, to_ms
from assessment.delivery.models import Attempt, IntegrityEvent, RosterEntry, Sitting
from assessment.delivery.rules import ATTEMPT
from assessment.delivery.selectors import granted_kinds, hers, last_attempt
from assessment.delivery.services.rows import happen, locked_attempt, locked_entry, still_running
from assessment.delivery.types import LIVE, ArrangementKind, AttemptState, DeliveryRefused, Kind, SittingState, Watched
from lms.accounts.api import Acting, require
from lms.core import audit
from lms.core.ids import new_uuid

# The waiting room lets in this long before the sitting opens.
WAITING_ROOM = timedelta(minutes=30)


def _hers(by: Acting, entry: RosterEntry) -> None:
    require(by, ATTEMPT, "execute", own=hers(by, entry))


def _record(attempt: Attempt, action: str, by: UUID | None, now: datetime, **fields: audit.Fact) -> None:
    audit.record(subject_kind="exam_attempt", subject=attempt.uuid, action=action, actor=by, fields=fields, now=now)


@transaction.atomic
def enter(*, by: Acting, entry: UUID, device: UUID, now: datetime) -> Attempt:
    """Come into the waiting room and take a place in the line; again from the same device is the same.

    Raises NotAllowed, DeliveryRefused ("entry", "state", "window", "identity", "device": she is in on another one,
    "over": her attempt has ended, "paper").
    """
    row = locked_entry(entry)
    _hers(by, row)
    if not row.included:
        raise DeliveryRefused(_(row.reason) if row.reason else _("This candidate is not on the roster."), code="entry")
    last = last_attempt(row)
    _on_the_screen(row, last)
    if last is not None and last.state in LIVE:
        if last.device != device:
            raise DeliveryRefused(_("The examination is open on another device."), code="device")
        return last
    if last is not None:
        raise DeliveryRefused(_("Your attempt has ended."), code="over")
    _comes_in(row.sitting, row, now)
    return _admitted(row, row.form, 1, device, by.user, now)


def _on_the_screen(row: RosterEntry, last: Attempt | None) -> None:
    """Raises DeliveryRefused ("paper") where a paper form takes the place of the screen."""
    if last.on_paper if last is not None else ArrangementKind.PAPER_FORM in granted_kinds(row):
        raise DeliveryRefused(_("You write on a paper form. The invigilator gives it to you."), code="paper")


def _comes_in(sitting: Sitting, row: RosterEntry, now: datetime) -> None:
    if sitting.state != SittingState.OPEN:
        raise DeliveryRefused(_("The sitting is not open."), code="state")
    if not sitting.opens_at - WAITING_ROOM <= now <= sitting.closes_at:
        raise DeliveryRefused(
            _("The waiting room opens 30 minutes before; nobody begins after the end."), code="window"
        )
    if sitting.identity_check and row.identity_at is None:
        raise DeliveryRefused(_("The invigilator has to check your identity card first."), code="identity")


def _admitted(
    row: RosterEntry, form: str, number: int, device: UUID, by: UUID | None, now: datetime, *, on_paper: bool = False
) -> Attempt:
    # The sitting's row last: it may have been closed since it was read.
    if not Sitting.objects.filter(pk=row.sitting_id, state=SittingState.OPEN).update(places=F("places") + 1):
        raise DeliveryRefused(_("The sitting is not open."), code="state")
    place = Sitting.objects.values_list("places", flat=True).get(pk=row.sitting_id)
    uuid = new_uuid()
    attempt = Attempt.objects.create(
        uuid=uuid,
        entry=row,
        number=number,
        paper=UUID(row.sitting.papers[form]),
        form=form,
        seed=secrets.token_hex(16),
        items=row.sitting.items,
        grace_ms=row.sitting.grace_s * 1000,
        place=place,
        entered_ms=to_ms(now),
        device=device,
        on_paper=on_paper,
        hash=first_hash(uuid, 1),
        seen_ms=to_ms(now),
        created_at=now,
    )
    happen(attempt, Kind.ENTERED, by=by, now=now, value=place)
    _record(attempt, "entered", by, now, entry=row.uuid, paper=attempt.paper, form=form)
    return attempt


@transaction.atomic
def start_attempt(*, by: Acting, attempt: UUID, device: UUID, now: datetime) -> Attempt:
    """Open the paper; her clock begins. Again from the same device is the same.

    What entitles her is read again here. Raises NotAllowed, DeliveryRefused ("state", "window", "line": not her turn yet,
    "entitlement", "device", "over").
    """
    row = locked_attempt(attempt)
    sitting = row.entry.sitting
    _hers(by, row.entry)
    if row.state in {AttemptState.RUNNING, AttemptState.PAUSED} and row.device == device:
        return row
    if row.state != AttemptState.WAITING:
        raise DeliveryRefused(_("Your attempt has ended."), code="over" if row.state not in LIVE else "device")
    if row.device != device:
        raise DeliveryRefused(_("The examination is open on another device."), code="device")
    if sitting.state != SittingState.OPEN:
        raise DeliveryRefused(_("The sitting is not open."), code="state")
    if now > sitting.closes_at:
        raise DeliveryRefused(_("The hours of this sitting are over."), code="window")
    turn = line(
        row.place,
        opens_ms=to_ms(sitting.opens_at),
        entered_ms=row.entered_ms,
        starts_per_minute=sitting.starts_per_minute,
        now_ms=to_ms(now),
    )
    if to_ms(now) < turn.enters_ms:
        raise DeliveryRefused(_("It is not your turn yet; the paper opens by itself."), code="line")
    held = locked_candidacy(row.entry.candidacy)
    if refused := judged(sitting, [held])[held.uuid]:
        raise DeliveryRefused(_(refused), code="entitlement")
    minutes = sitting.minutes + row.entry.extra_minutes
    happen(row, Kind.STARTED, by=by.user, now=now, value=minutes * 60_000)
    _record(row, "started", by.user, now, minutes=minutes)
    return row


@transaction.atomic
def change_device(*, by: Acting, attempt: UUID, device: UUID, now: datetime) -> Attempt:
    """Go on from this device: the stream of the old one is closed, what it still holds will lie beside.

    Raises NotAllowed, DeliveryRefused ("over", "paper").
    """
    row = locked_attempt(attempt)
    _hers(by, row.entry)
    if row.state not in LIVE:
        raise DeliveryRefused(_("Your attempt has ended."), code="over")
    _on_the_screen(row.entry, row)
    if row.device == device:
        return row
    row.device, row.seen_ms = device, to_ms(now)
    happen(row, Kind.DEVICE, by=by.user, now=now)
    # The server's own numbers lie below the page's, which count from 1.
    least = min(row.watched.aggregate(least=Min("number"))["least"] or 0, 0)
    IntegrityEvent.objects.create(
        attempt=row, epoch=row.epoch, number=least - 1, kind=Watched.SECOND_DEVICE, at_ms=to_ms(now), ago_ms=0
    )
    _record(row, "device_changed", by.user, now, epoch=row.epoch)
    return row


@transaction.atomic
def hand_in(*, by: Acting, attempt: UUID, device: UUID, sequence: int, head: str, now: datetime) -> Attempt:
    """End it. The page says the last receipt it holds, so that nothing it believes saved is missing; again is the same.

    Raises NotAllowed, DeliveryRefused ("device", "unsent": answers are still on their way, "over": the time is up,
    "live": paused or not begun).
    """
    row = locked_attempt(attempt)
    _hers(by, row.entry)
    if row.state == AttemptState.HANDED_IN:
        return row
    if row.device != device:
        raise DeliveryRefused(_("The examination is open on another device."), code="device")
    still_running(row, now)
    if (row.sequence, row.hash) != (sequence, head):
        raise DeliveryRefused(_("Some answers are still waiting to upload. Please wait a moment."), code="unsent")
    happen(row, Kind.HANDED_IN, by=by.user, now=now)
    _record(row, "handed_in", by.user, now, answers=row.sequence, receipt=row.hash)
    return row


def time_out_due(*, now: datetime, most: int = 500) -> int:
    """End what is past deadline, grace and a minute more, so that no save on its way meets an ended attempt; how many."""
    latest = to_ms(now) - SETTLE_MS
    due = Attempt.objects.filter(state=AttemptState.RUNNING, deadline_ms__lt=latest).order_by("id")
    return sum(_time_out(uuid, now) for uuid in list(due.values_list("uuid", flat=True)[:most]))


@transaction.atomic
def _time_out(attempt: UUID, now: datetime) -> bool:
    row = locked_attempt(attempt)
    if row.state != AttemptState.RUNNING or in_time(row.deadline_ms, row.grace_ms + SETTLE_MS, to_ms(now)):
        return False
    happen(row, Kind.TIMED_OUT, by=None, now=now)
    _record(row, "timed_out", None, now, answers=row.sequence, receipt=row.hash)
    return True
