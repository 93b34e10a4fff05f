"""The candidate's pages as frozen facts: her sittings, the rules, the waiting room, the paper, the end. No key, no result."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from django.db.models import BigAutoField
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from assessment.delivery.logic import to_moment, to_ms
from assessment.delivery.models import Attempt, AttemptEvent, RosterEntry, Sitting
from assessment.delivery.pages.arrangements import ArrangementLine, arrangement_lines
from assessment.delivery.pages.sheet import cells_html, questions_html
from assessment.delivery.selectors import (
    current_answers,
    entries_of,
    granted_kinds,
    last_attempt,
    leave_to_save,
    place_in_line,
)
from assessment.delivery.services.attempts import WAITING_ROOM
from assessment.delivery.types import LIVE, ArrangementKind, AttemptState, SittingState
from lms.accounts.api import Acting
from lms.core.keptquery import KeptQuery

# Sittings that can still be sat.
_AHEAD: Final = frozenset({SittingState.APPROVED, SittingState.OPEN})


@dataclass(frozen=True)
class SittingRow:
    """One line of her list."""

    url: str
    title: str
    opens_at: datetime
    hall: str
    seat: int | None
    state_label: str
    tone: str
    ahead: bool


@dataclass(frozen=True)
class SeatPage:
    """One sitting before she is in. why_not: why she cannot come in now, "" when she may. attempt: of hers, when it is live
    or has ended; elsewhere: it is live on another device; asks: she
    may ask for an arrangement."""

    entry: UUID
    title: str
    state_label: str
    tone: str
    opens_at: datetime
    closes_at: datetime
    room_at: datetime
    minutes: int
    extra_minutes: int
    items: int
    grace_s: int
    hall: str
    seat: int | None
    identity_asked: bool
    identity_checked: bool
    why_not: str
    attempt: UUID | None
    elsewhere: bool
    arrangements: tuple[ArrangementLine, ...]
    asks: bool


@dataclass(frozen=True)
class WaitingPage:
    """The waiting room. Moments in milliseconds on the server's clock: the page counts down by itself."""

    attempt: UUID
    title: str
    opens_at: datetime
    place: int
    ahead: int
    pace: int
    opens_ms: int
    enters_ms: int
    now_ms: int
    minutes: int
    items: int


@dataclass(frozen=True)
class PlayerPage:
    """The paper. questions, cells: HTML; given: what its script starts from (see `el/kb-exam.js`); large, aloud: granted to
    her; keeps: the device may keep the page for hours without a network (not in Safe Exam Browser, whose keys a worker's
    requests do not carry)."""

    attempt: UUID
    title: str
    count: int
    questions: SafeString
    cells: SafeString
    given: dict[str, Any]
    large: bool
    aloud: bool
    keeps: bool


@dataclass(frozen=True)
class OverPage:
    """After the end. receipt: the beginning of the last one; answered: questions with an answer that counts; result_url: ""
    until marks are released; given: what brings answers that are still on this device, None where it is not hers."""

    attempt: UUID
    title: str
    state: str
    ended_at: datetime
    answered: int
    items: int
    receipt: str
    result_url: str
    given: dict[str, Any] | None


def sitting_rows(acting: Acting) -> tuple[SittingRow, ...]:
    """Her sittings, the latest first. Raises NotAllowed."""
    rows = []
    for entry, last in entries_of(acting):
        label, tone = _where(entry, last)
        rows.append(
            SittingRow(
                url=result_url(entry) or reverse("assessment:delivery:seat", args=[entry.uuid]),
                title=entry.sitting.title,
                opens_at=entry.sitting.opens_at,
                hall=entry.sitting.hall,
                seat=entry.seat,
                state_label=label,
                tone=tone,
                ahead=entry.sitting.state in _AHEAD and entry.included is not False,
            )
        )
    return tuple(rows)


class Near(StrEnum):
    """How near a sitting of hers is, the nearest first."""

    LIVE = "live"  # she is in: waiting, answering, paused
    OPEN = "open"  # she may come in now
    AHEAD = "ahead"
    SAT = "sat"  # handed in or time up, marks to come
    TOLD = "told"  # marks are out


@dataclass(frozen=True)
class NearestExam:
    """The sitting that asks for her attention first, or the one she sat last."""

    near: Near
    title: str
    opens_at: datetime
    hall: str
    url: str


def nearest_exam(acting: Acting, *, now: datetime) -> NearestExam | None:
    """For her home; None where she is on no roster. Raises NotAllowed."""
    found = [(near, entry) for entry, last in entries_of(acting) if (near := _near(entry, last, now)) is not None]
    if not found:
        return None
    order = list(Near)
    # Of two that lie ahead the earlier one, of two that are over the later one, which is listed first.
    near, entry = min(
        reversed(found) if any(one is Near.AHEAD for one, _ in found) else found, key=lambda pair: order.index(pair[0])
    )
    return NearestExam(
        near=near,
        title=entry.sitting.title,
        opens_at=entry.sitting.opens_at,
        hall=entry.sitting.hall,
        url=result_url(entry) or reverse("assessment:delivery:seat", args=[entry.uuid]),
    )


def _near(entry: RosterEntry, attempt: Attempt | None, now: datetime) -> Near | None:
    sitting = entry.sitting
    if attempt is not None and attempt.state != AttemptState.VOIDED:
        if attempt.state in LIVE:
            return Near.LIVE
        return Near.TOLD if sitting.state == SittingState.RELEASED else Near.SAT
    if entry.included is False or sitting.state not in _AHEAD or now > sitting.closes_at:
        return None
    return Near.OPEN if sitting.state == SittingState.OPEN and now >= sitting.opens_at - WAITING_ROOM else Near.AHEAD


def result_url(entry: RosterEntry) -> str:
    """Where she reads her marks, "" before they are released. entry: with its sitting."""
    released = entry.sitting.state == SittingState.RELEASED and entry.included
    return reverse("assessment:paper_result", args=[entry.uuid]) if released else ""


def _where(entry: RosterEntry, attempt: Attempt | None) -> tuple[str, str]:
    if entry.sitting.state == SittingState.VOIDED:
        return pgettext("exam", "Void"), "bad"
    if attempt is not None and result_url(entry) and attempt.state != AttemptState.VOIDED:
        return pgettext("exam", "Marks released"), "ok"
    if attempt is not None:
        return _attempt_words(AttemptState(attempt.state))
    if entry.included is False:
        return pgettext("exam", "Not on the roster"), "warn"
    if entry.sitting.state in _AHEAD:
        return (
            (pgettext("exam", "Roster not fixed yet"), "mute")
            if entry.included is None
            else (pgettext("exam", "To be sat"), "info")
        )
    return pgettext("exam", "Absent"), "warn"


def _attempt_words(state: AttemptState) -> tuple[str, str]:
    return {
        AttemptState.WAITING: (pgettext("exam", "In the waiting room"), "now"),
        AttemptState.RUNNING: (pgettext("exam", "Under way"), "now"),
        AttemptState.PAUSED: (pgettext("exam", "Paused"), "warn"),
        AttemptState.HANDED_IN: (pgettext("exam", "Handed in"), "ok"),
        AttemptState.TIMED_OUT: (pgettext("exam", "Time was up"), "info"),
        AttemptState.VOIDED: (pgettext("exam", "Void"), "bad"),
    }[state]


def seat_page(entry: RosterEntry, *, device: UUID | None, now: datetime) -> SeatPage:
    """One sitting of hers. entry: with its sitting; device: the name this browser keeps."""
    sitting, attempt = entry.sitting, last_attempt(entry)
    label, tone = _where(entry, attempt)
    live = attempt is not None and attempt.state in LIVE
    arrangements = arrangement_lines(entry, told=True)
    on_paper = attempt.on_paper if attempt is not None else ArrangementKind.PAPER_FORM in granted_kinds(entry)
    return SeatPage(
        entry=entry.uuid,
        title=sitting.title,
        state_label=label,
        tone=tone,
        opens_at=sitting.opens_at,
        closes_at=sitting.closes_at,
        room_at=sitting.opens_at - WAITING_ROOM,
        minutes=sitting.minutes,
        extra_minutes=entry.extra_minutes,
        items=sitting.items,
        grace_s=sitting.grace_s,
        hall=sitting.hall,
        seat=entry.seat,
        identity_asked=sitting.identity_check,
        identity_checked=entry.identity_at is not None,
        why_not=_on_paper() if on_paper else "" if live else _why_not(entry, sitting, now),
        attempt=attempt.uuid if attempt and not (on_paper and live) else None,
        elsewhere=live and attempt is not None and attempt.device != device and not on_paper,
        arrangements=arrangements,
        asks=attempt is None and entry.included is True and sitting.state in _AHEAD,
    )


def _on_paper() -> str:
    return _("You write on a paper form. The invigilator gives it to you.")


def _why_not(entry: RosterEntry, sitting: Sitting, now: datetime) -> str:
    """For the eye; `services.enter` decides."""
    if entry.included is False:
        return _(entry.reason)
    if sitting.state not in _AHEAD or now > sitting.closes_at:
        return _("The hours of this sitting are over.")
    if sitting.state != SittingState.OPEN or now < sitting.opens_at - WAITING_ROOM:
        return _("The waiting room is not open yet.")
    if sitting.identity_check and entry.identity_at is None:
        return _("The invigilator has to check your identity card first.")
    return ""


def waiting_page(row: Attempt, *, now: datetime) -> WaitingPage:
    """row: with entry and sitting."""
    sitting, line = row.entry.sitting, place_in_line(row, now=now)
    return WaitingPage(
        attempt=row.uuid,
        title=sitting.title,
        opens_at=sitting.opens_at,
        place=line.place,
        ahead=line.ahead,
        pace=sitting.starts_per_minute,
        opens_ms=to_ms(sitting.opens_at),
        enters_ms=line.enters_ms,
        now_ms=to_ms(now),
        minutes=sitting.minutes + row.entry.extra_minutes,
        items=row.items,
    )


def player_page(row: Attempt, *, now: datetime) -> PlayerPage:
    """The paper in her order, and where her stream of answers stands. row: with entry and sitting."""
    # On the first opening nothing can have been said yet.
    fresh = row.epoch == 1 and not row.sequence
    answers = {} if fresh else current_answers(row.uuid)
    given = {
        "attempt": str(row.uuid),
        "epoch": row.epoch,
        "token": leave_to_save(row),
        "stream": {"sequence": row.sequence, "hash": row.hash},
        "noticed": row.noticed,
        "flags": [int(position) for position in row.flags.split()],
        "answers": {str(position): response for position, response in answers.items()},
        "state": row.state,
        "deadline": row.deadline_ms,
        "grace": row.grace_ms,
        "now": to_ms(now),
    }
    kinds = granted_kinds(row.entry)
    aloud = ArrangementKind.READING_ALOUD in kinds
    return PlayerPage(
        attempt=row.uuid,
        title=row.entry.sitting.title,
        count=row.items,
        questions=questions_html(row.paper, row.seed, aloud=aloud),
        cells=cells_html(row.items),
        given=given,
        large=ArrangementKind.LARGE_TYPE in kinds,
        aloud=aloud,
        keeps=not row.entry.sitting.browser_keys,
    )


_ENDED = KeptQuery(
    lambda attempt: AttemptEvent.objects.filter(
        attempt=attempt, kind__in=["handed_in", "timed_out", "voided"]
    ).order_by("-number")[:1],
    attempt=BigAutoField(),
)


def over_page(row: Attempt, *, device: UUID | None) -> OverPage:
    """row: with entry and sitting; device: the name this browser keeps."""
    ended = next(iter(_ENDED(attempt=row.pk)), None)
    answered = sum(response not in (None, "", [], {}) for response in current_answers(row.uuid).values())
    return OverPage(
        attempt=row.uuid,
        title=row.entry.sitting.title,
        state=row.state,
        ended_at=to_moment(ended.at_ms if ended else row.seen_ms),
        answered=answered,
        items=row.items,
        receipt=row.hash[:12] if row.sequence else "",
        result_url=result_url(row.entry),
        given=_left_behind(row) if row.device == device and row.state != AttemptState.VOIDED else None,
    )


def _left_behind(row: Attempt) -> dict[str, Any]:
    """What arrives after the end is late, and for the chief to decide on; better there than on a device alone."""
    return {
        "attempt": str(row.uuid),
        "epoch": row.epoch,
        "token": leave_to_save(row),
        "stream": {"sequence": row.sequence, "hash": row.hash},
        "noticed": row.noticed,
    }
