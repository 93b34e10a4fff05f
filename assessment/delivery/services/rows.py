"""Rows read again for update, and the one way something happens to an attempt. A sitting is locked before its attempts."""

from datetime import datetime
from uuid import UUID

from django.db.models import BigAutoField, QuerySet, UUIDField
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from assessment.delivery.logic import first_hash, in_time, step, to_ms
from assessment.delivery.models import Attempt, AttemptEvent, RosterEntry, Sitting
from assessment.delivery.types import AttemptState, DeliveryRefused, Happened, Kind, NotPossible, SittingState
from lms.core.keptquery import KeptQuery

LONGEST_REASON = 300


def locked_sitting(sitting: UUID, *states: SittingState) -> Sitting:
    """Raises DeliveryRefused ("state") unless it stands in one of the states."""
    row = Sitting.objects.select_for_update().filter(uuid=sitting).first()
    if row is None or (states and row.state not in states):
        raise DeliveryRefused(_("The sitting has moved on. Look at it again."), code="state")
    return row


def _entry(uuid: UUID) -> QuerySet[RosterEntry]:
    return RosterEntry.objects.select_for_update(of=("self",)).select_related("sitting").filter(uuid=uuid)


def _attempt(uuid: UUID) -> QuerySet[Attempt]:
    rows = Attempt.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("entry__sitting").filter(uuid=uuid)


_ENTRY = KeptQuery(_entry, uuid=UUIDField())
_ATTEMPT = KeptQuery(_attempt, uuid=UUIDField())
_LAST_EVENT = KeptQuery(
    lambda attempt: AttemptEvent.objects.filter(attempt=attempt).order_by("-number")[:1], attempt=BigAutoField()
)


def locked_entry(entry: UUID) -> RosterEntry:
    """With its sitting, which is not locked. Raises DeliveryRefused ("entry")."""
    found = _ENTRY(uuid=entry)
    if not found:
        raise DeliveryRefused(_("This candidate is not on the roster."), code="entry")
    return found[0]


def locked_attempt(attempt: UUID) -> Attempt:
    """With entry and sitting, which are not locked. Raises DeliveryRefused ("entry")."""
    found = _ATTEMPT(uuid=attempt)
    if not found:
        raise DeliveryRefused(_("There is no such attempt."), code="entry")
    return found[0]


def sitting_of(attempt: UUID) -> UUID:
    """The sitting of an attempt, to be locked before it. Raises DeliveryRefused ("entry")."""
    found = Attempt.objects.values_list("entry__sitting__uuid", flat=True).filter(uuid=attempt).first()
    if found is None:
        raise DeliveryRefused(_("There is no such attempt."), code="entry")
    return found


def said(reason: str, *, field: str = "reason") -> str:
    """A reason in words. Raises DeliveryRefused ("reason")."""
    words = " ".join(reason.split())
    if not words:
        raise DeliveryRefused(pgettext("sitting", "Say why."), code="reason", field=field)
    if len(words) > LONGEST_REASON:
        text = _("At most %(count)d characters.") % {"count": LONGEST_REASON}
        raise DeliveryRefused(text, code="reason", field=field)
    return words


def still_running(attempt: Attempt, now: datetime) -> None:
    """Raises DeliveryRefused ("over") when her time is up, though the machine has not ended it yet."""
    if attempt.state == AttemptState.RUNNING and not in_time(attempt.deadline_ms, attempt.grace_ms, to_ms(now)):
        raise DeliveryRefused(_("The time is up."), code="over")


def happen(
    attempt: Attempt, kind: Kind, *, by: UUID | None, now: datetime, value: int | None = None, reason: str = ""
) -> None:
    """Write the event and bring the locked row's clock up to date. Raises DeliveryRefused ("live") for a move not allowed."""
    event = Happened(kind, to_ms(now), value)
    try:
        clock = step(None if kind is Kind.ENTERED else attempt.clock, event)
    except NotPossible:
        raise DeliveryRefused(_("The attempt has moved on. Look at it again."), code="live") from None
    AttemptEvent.objects.create(
        attempt=attempt,
        # Nothing can have happened before she came in.
        number=1 if kind is Kind.ENTERED else _LAST_EVENT(attempt=attempt.pk)[0].number + 1,
        kind=kind,
        at_ms=event.at_ms,
        value=value,
        reason=reason,
        actor=by,
        sequence=attempt.sequence,
        hash=attempt.hash,
    )
    if clock.epoch != attempt.epoch:
        attempt.sequence, attempt.hash, attempt.noticed = 0, first_hash(attempt.uuid, clock.epoch), 0
    attempt.state, attempt.epoch = clock.state, clock.epoch
    attempt.started_ms, attempt.deadline_ms, attempt.paused_ms = clock.started_ms, clock.deadline_ms, clock.paused_ms
    attempt.save(
        update_fields=[
            "state",
            "epoch",
            "sequence",
            "hash",
            "started_ms",
            "deadline_ms",
            "paused_ms",
            "device",
            "seen_ms",
            "noticed",
        ]
    )
