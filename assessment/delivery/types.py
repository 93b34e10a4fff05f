"""Sittings, attempts and saved answers: the words and the frozen shapes. No Django.

Moments that a save is judged by are whole milliseconds since 1970 on the server's clock (`…_ms`): one integer enters the
hash chain, the token and the comparison, so no rounding can make a deadline mean two things.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from lms.core.types import Level


class SittingKind(StrEnum):
    """Who asked for it: an institution for its class, or the evaluation body for an accreditation."""

    CLASS = "class"  # 班级考试
    ACCREDITATION = "accreditation"  # 认定考试


class SittingState(StrEnum):
    """Where a sitting (场次) stands."""

    DRAFTED = "drafted"
    REQUESTED = "requested"
    APPROVED = "approved"
    OPEN = "open"
    CLOSED = "closed"
    MARKED = "marked"
    RELEASED = "released"
    VOIDED = "voided"


SITTING_MOVES: dict[SittingState, frozenset[SittingState]] = {
    SittingState.DRAFTED: frozenset({SittingState.REQUESTED, SittingState.VOIDED}),
    SittingState.REQUESTED: frozenset({SittingState.APPROVED, SittingState.DRAFTED, SittingState.VOIDED}),
    SittingState.APPROVED: frozenset({SittingState.OPEN, SittingState.VOIDED}),
    SittingState.OPEN: frozenset({SittingState.CLOSED, SittingState.VOIDED}),
    SittingState.CLOSED: frozenset({SittingState.MARKED, SittingState.VOIDED}),
    SittingState.MARKED: frozenset({SittingState.RELEASED, SittingState.VOIDED}),
    SittingState.RELEASED: frozenset(),
    SittingState.VOIDED: frozenset(),
}


class AttemptState(StrEnum):
    """Where one candidate's attempt stands. Who has none has not come in yet."""

    WAITING = "waiting"  # 候考
    RUNNING = "running"  # 答题中
    PAUSED = "paused"  # 监考已暂停
    HANDED_IN = "handed_in"  # 已交卷
    TIMED_OUT = "timed_out"  # 时间到
    VOIDED = "voided"  # 作废


LIVE = frozenset({AttemptState.WAITING, AttemptState.RUNNING, AttemptState.PAUSED})
OVER = frozenset({AttemptState.HANDED_IN, AttemptState.TIMED_OUT, AttemptState.VOIDED})


class Kind(StrEnum):
    """What happened to an attempt. `value` of the event: in brackets."""

    ENTERED = "entered"  # [place in the line]
    STARTED = "started"  # [milliseconds she has]
    DEVICE = "device"  # another device took over
    PAUSED = "paused"
    RESUMED = "resumed"
    EXTENDED = "extended"  # [milliseconds more]
    HANDED_IN = "handed_in"
    TIMED_OUT = "timed_out"
    VOIDED = "voided"
    KEYED = "keyed"  # her paper form was keyed in [answers]


_ON_DESK = frozenset({AttemptState.RUNNING, AttemptState.PAUSED})
_RUNNING = frozenset({AttemptState.RUNNING})
# What may happen in which states, and the state it leads to; None: the same.
ATTEMPT_MOVES: dict[Kind, tuple[frozenset[AttemptState], AttemptState | None]] = {
    Kind.STARTED: (frozenset({AttemptState.WAITING}), AttemptState.RUNNING),
    Kind.DEVICE: (LIVE, None),
    Kind.PAUSED: (_RUNNING, AttemptState.PAUSED),
    Kind.RESUMED: (frozenset({AttemptState.PAUSED}), AttemptState.RUNNING),
    Kind.EXTENDED: (_ON_DESK, None),
    Kind.HANDED_IN: (_RUNNING, AttemptState.HANDED_IN),
    Kind.TIMED_OUT: (_RUNNING, AttemptState.TIMED_OUT),
    Kind.VOIDED: (LIVE | {AttemptState.HANDED_IN, AttemptState.TIMED_OUT}, AttemptState.VOIDED),
    Kind.KEYED: (frozenset({AttemptState.HANDED_IN, AttemptState.TIMED_OUT}), None),
}


class Standing(StrEnum):
    """What an answer that arrived is worth. Decided once, on arrival, and part of its hash."""

    COUNTED = "counted"
    LATE = "late"  # after the deadline and its grace, or after the end: counts by the chief's decision alone
    BESIDE = "beside"  # from a device that another one had taken over from: kept beside, never over
    PAPER = "paper"  # written on a paper form that was taken in in time, keyed in twice


# Those that count by themselves, and those the chief decides on.
TAKEN = frozenset({Standing.COUNTED, Standing.PAPER})
ASIDE = frozenset({Standing.LATE, Standing.BESIDE})


class ArrangementKind(StrEnum):
    """What one candidate gets by decision, besides more time (便利措施)."""

    LARGE_TYPE = "large_type"  # 大字试卷
    READING_ALOUD = "reading_aloud"  # 读题
    SCRIBE = "scribe"  # 代写, by a named person
    PAPER_FORM = "paper_form"  # 纸质试卷, keyed in twice by two people


class Watched(StrEnum):
    """Information for people about how somebody sat (诚信记录), never a verdict."""

    FOCUS_LOST = "focus_lost"
    FOCUS_BACK = "focus_back"
    PASTED = "pasted"
    COPIED = "copied"
    FULL_SCREEN_LEFT = "full_screen_left"
    OFFLINE = "offline"
    ONLINE = "online"
    RELOADED = "reloaded"
    SECOND_TAB = "second_tab"
    SECOND_DEVICE = "second_device"  # written by the server alone


class NotPossible(Exception):
    """Something that may not happen to an attempt in its state."""

    def __init__(self, state: str, kind: Kind) -> None:
        super().__init__(f"{kind} may not happen while {state}")


@dataclass(frozen=True)
class AttemptClock:
    """What the events of an attempt add up to. None: not yet."""

    state: AttemptState = AttemptState.WAITING
    epoch: int = 1
    started_ms: int | None = None
    deadline_ms: int | None = None
    paused_ms: int | None = None


@dataclass(frozen=True)
class Happened:
    """One event of an attempt, as `logic.step` reads it."""

    kind: Kind
    at_ms: int
    value: int | None = None


@dataclass(frozen=True)
class Sent:
    """One answer as a device sends it. sequence: counts the device's answers from 1; response: canonical JSON (ASCII)."""

    sequence: int
    position: int
    response: str


@dataclass(frozen=True)
class Seen:
    """One thing the exam page noticed. number: counts from 1; ago_ms: how long before it was sent."""

    number: int
    kind: Watched
    ago_ms: int


@dataclass(frozen=True)
class Batch:
    """What one request brings. previous: hash of the receipt before the first answer; it may bring no answer at all; flags:
    positions she marked for later, None when they have not changed: a help of hers, no answer."""

    previous: str
    answers: tuple[Sent, ...] = ()
    seen: tuple[Seen, ...] = ()
    flags: tuple[int, ...] | None = None


@dataclass(frozen=True)
class Head:
    """The attempt's row as the save path re-reads it. sequence and hash: end of the stream of the current epoch."""

    state: AttemptState
    epoch: int
    deadline_ms: int | None
    grace_ms: int
    items: int
    sequence: int
    hash: str


@dataclass(frozen=True)
class Stream:
    """The end of one device's stream of answers: number and hash of the last receipt."""

    sequence: int
    hash: str


@dataclass(frozen=True)
class Stored:
    """An answer as it stands in the database, with the hash its receipt says."""

    epoch: int
    sequence: int
    position: int
    response: str
    at_ms: int
    standing: Standing
    hash: str


class Refusal(StrEnum):
    """Why a save was not taken in; the page has the words for each."""

    MALFORMED = "malformed"
    NOT_STARTED = "not_started"
    PAUSED = "paused"  # stays in the outbox
    GAP = "gap"  # answers between are missing: send again from `sequence` + 1
    FORK = "fork"  # the receipt before is not the one here
    CONFLICT = "conflict"  # the number is taken by other bytes
    TOO_MANY = "too_many"


class SaveRefused(Exception):
    """A save that is not taken in. stream: where the device's stream stands here."""

    def __init__(self, code: Refusal, stream: Stream | None = None) -> None:
        super().__init__(code.value)
        self.code = code
        self.stream = stream


@dataclass(frozen=True)
class Saved:
    """What a save is answered: the receipts of all its answers, in order, and where the attempt stands."""

    receipts: tuple[Stored, ...]
    state: AttemptState
    epoch: int
    deadline_ms: int | None
    stream: Stream


class DeliveryRefused(Exception):
    """A foreseen refusal. `message` is for the person who asked; `field` names the input.

    code: state, papers, unfiled, window, seats, same_person, reason, frozen, not_frozen, entitlement, twice, identity,
    invigilator, entry, line, over, unsent, device, live, form, beyond, ruled, browser, arranged, paper, keyed.
    """

    def __init__(self, message: str, *, code: str, field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.field = field


@dataclass(frozen=True)
class SittingRequest:
    """What a sitting is asked for with. papers: form → paper; window: when an attempt may be started; freeze_at: when the
    roster is fixed; starts_per_minute: how fast the waiting room lets in; browser_keys: of Safe Exam Browser, none asked
    when empty."""

    kind: SittingKind
    title: str
    level: Level
    papers: tuple[tuple[str, UUID], ...]
    opens_at: datetime
    closes_at: datetime
    freeze_at: datetime
    hall: str
    seats: int
    class_uid: UUID | None = None
    grace_s: int = 30
    starts_per_minute: int = 300
    identity_check: bool = True
    browser_keys: tuple[str, ...] = ()


@dataclass(frozen=True)
class AnswerData:
    """One answer for marking and for people. response: as JSON reads it; accepted: the chief decided that it counts."""

    position: int
    response: Any
    standing: Standing
    epoch: int
    sequence: int
    at: datetime
    accepted: bool


@dataclass(frozen=True)
class Line:
    """A place in the waiting room. ahead: how many go in before her; enters_ms: when she may."""

    place: int
    ahead: int
    enters_ms: int


@dataclass(frozen=True)
class BoardRow:
    """One candidate on the invigilator's board. state None: not here; answered: questions with a counted answer."""

    entry: UUID
    person: UUID
    seat: int | None
    form: str
    attempt: UUID | None
    state: AttemptState | None
    answered: int
    items: int
    beside: int
    watched: int
    deadline_ms: int | None
    seen_ms: int | None
    extra_minutes: int
    identity_checked: bool
    arrangements: tuple[ArrangementKind, ...] = ()
    on_paper: bool = False


@dataclass(frozen=True)
class Recount:
    """An attempt made again from its events and answers. problem: the first thing that does not agree, "" when all does."""

    clock: AttemptClock
    stream: Stream
    answers: int
    problem: str = ""
