"""Effective study time: rules, beats, what was counted and why not. No Django.

Moments are whole milliseconds since 1970 on the server's clock, durations whole milliseconds or seconds as named.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import IntFlag, StrEnum
from typing import NamedTuple
from uuid import UUID

Interval = tuple[int, int]  # from (included), until (excluded)
LessonKey = tuple[int, UUID | None]  # enrolment, lesson; lesson None: time on another platform


class Flag(IntFlag):
    """What a page says of itself in one beat; the state held for the whole span of the beat."""

    VISIBLE = 1
    PLAYING = 2
    ANSWERED = 4


class Refusal(StrEnum):
    """Why a moment was not counted."""

    AHEAD = "ahead"  # claimed a moment later than its own arrival
    LATE = "late"  # arrived too long after its moment
    OUTSIDE = "outside"  # before or after the days of the class
    HIDDEN = "hidden"  # the page was not in view
    IDLE = "idle"  # nobody touched anything for too long
    UNANSWERED = "unanswered"  # 还在学习吗 was not answered
    OVERLAP = "overlap"  # already counted on another page, device or platform
    CAP = "cap"  # the lesson's minutes were full
    UNLISTED = "unlisted"  # a platform that was not on the list that day


class StudyRefused(Exception):
    """A foreseen refusal. `message` is for the person who asked; `field` names the input, "" for the whole form."""

    def __init__(self, message: str, *, code: str, field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.field = field


@dataclass(frozen=True)
class StudyRules:
    """One version of the rules as it holds for one policy profile; see data/study_rules.yaml. clause: "" is our default."""

    version: int
    profile: str
    interval_s: int
    span_max_s: int
    idle_text_s: int
    idle_video_s: int
    presence_every_s: int
    presence_grace_s: int
    offline_max_s: int
    stream_max_s: int
    hour_step: Decimal
    listed_platforms_only: bool
    clause: str = ""


@dataclass(frozen=True)
class Stream:
    """One opened lesson page. cap_s: the lesson's online minutes as they stood at its opening, in seconds."""

    pk: int
    enrolment: int
    lesson: UUID
    opened_ms: int
    cap_s: int
    rules: StudyRules
    runs: Interval  # the days of the class


class BeatData(NamedTuple):
    """One beat as it lies in the ledger.

    at_ms: since the stream's opening, by the page's monotonic clock; span_ms: how much time before it speaks for; idle_ms:
    since the last touch; rate: percent of the video's normal speed; position_ms: in the video, None without one.
    """

    stream: int
    seq: int
    received_ms: int
    at_ms: int
    span_ms: int
    idle_ms: int
    flags: int
    position_ms: int | None
    rate: int


class Logged(NamedTuple):
    """Time on another platform by its log. refused: why none of it counts, or None."""

    pk: int
    enrolment: int
    interval: Interval
    refused: Refusal | None


class Piece(NamedTuple):
    """A stretch of time of one source. stream: 0 where a platform's log is the source, then `log` names the entry."""

    from_ms: int
    until_ms: int
    enrolment: int
    lesson: UUID | None
    stream: int
    log: int
    reason: Refusal | None

    @property
    def ms(self) -> int:
        """Its length."""
        return self.until_ms - self.from_ms


@dataclass(frozen=True)
class Counted:
    """intervals: what counts, disjoint, in order of time; refused: what does not and why, each reason disjoint in itself.

    ms: counted milliseconds by enrolment and lesson, before a lesson's cap unless `capped` was asked for.
    """

    intervals: tuple[Piece, ...]
    refused: tuple[Piece, ...]
    ms: Mapping[LessonKey, int]

    @property
    def seconds(self) -> int:
        """Everything counted, in whole seconds."""
        return sum(piece.ms for piece in self.intervals) // 1000


@dataclass(frozen=True)
class ClockView:
    """The clock on a lesson page (_clock.html).

    ticket: signed leave to open a stream, "" when nothing is counted now; `note` then says why. counted_s and required_s
    are whole seconds; required_s 0: nothing of this lesson is studied online.
    """

    ticket: str
    counted_s: int
    required_s: int
    interval_s: int
    presence_every_s: int
    presence_grace_s: int
    idle_text_s: int
    idle_video_s: int
    note: str = ""

    @property
    def counted_minutes(self) -> int:
        """Full minutes counted."""
        return self.counted_s // 60

    @property
    def required_minutes(self) -> int:
        """What the lesson asks for."""
        return self.required_s // 60

    @property
    def shown_s(self) -> int:
        """How far the bar goes."""
        return min(self.counted_s, self.required_s)


@dataclass(frozen=True)
class OnlineHours:
    """THE counted online hours of one enrolment (S3-16).

    seconds: own ledger and listed platforms together, `platform_seconds` the latter alone; hours: class hours of
    `hour_minutes` minutes, rounded down once.
    """

    enrolment: UUID
    seconds: int
    platform_seconds: int
    hours: Decimal
    hour_minutes: int


# Pages ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ClassTimeRow:
    """One trainee of a class. name: masked; hours: class hours; share: percent of what the plan asks for online, 0–100."""

    name: str
    url: str
    seconds: int
    platform_seconds: int
    hours: Decimal
    share: int
    last_day: date | None


@dataclass(frozen=True)
class ClassTimePage:
    """A class's counted online time. required_s: all lessons' online minutes; waiting: days still being added up.

    exports: kind, label, address.
    """

    class_name: str
    class_url: str
    hour_minutes: int
    required_s: int
    rows: tuple[ClassTimeRow, ...]
    waiting: int
    exports: tuple[tuple[str, str, str], ...]
    logs_url: str


@dataclass(frozen=True)
class ClassTimeLink:
    """One class in the list of those who oversee."""

    name: str
    institution: str
    starts_on: date
    ends_on: date
    trainees: int
    url: str


@dataclass(frozen=True)
class LessonTimeRow:
    """One lesson of one trainee. required_s 0: nothing of it is studied online."""

    title: str
    seconds: int
    required_s: int
    full: bool


@dataclass(frozen=True)
class MyClassTime:
    """A trainee's own time in one class."""

    class_name: str
    seconds: int
    required_s: int
    platform_seconds: int
    hours: Decimal
    hour_minutes: int
    lessons: tuple[LessonTimeRow, ...]
    url: str

    @property
    def shown_s(self) -> int:
        """How far the bar goes."""
        return min(self.seconds, self.required_s)


@dataclass(frozen=True)
class Slot:
    """A day or an hour: how much of it counted and how much did not (a moment may be refused on two pages at once)."""

    label: str
    counted_s: int
    refused_s: int
    url: str
    current: bool


@dataclass(frozen=True)
class Stretch:
    """One stretch of an hour. source: which page or platform; reason: "" where it counts."""

    from_at: datetime
    until_at: datetime
    seconds: Decimal
    lesson: str
    source: str
    reason: str
    tone: str


@dataclass(frozen=True)
class BeatRow:
    """One beat as it lies in the ledger, its moment put on the server's clock. span_s, idle_s: seconds, one decimal."""

    stream: str
    seq: int
    moment: datetime
    received_at: datetime
    span_s: Decimal
    idle_s: Decimal
    states: str
    video: str


@dataclass(frozen=True)
class AuditPage:
    """How one trainee's time was earned. days: all of them; slots: of the chosen day; stretches and beats: of the hour.

    own: she reads it herself.
    """

    name: str
    class_name: str
    back_url: str
    own: bool
    seconds: int
    platform_seconds: int
    hours: Decimal
    hour_minutes: int
    lessons: tuple[LessonTimeRow, ...]
    rules: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    days: tuple[Slot, ...]
    day: date | None
    slots: tuple[Slot, ...]
    hour: int | None
    stretches: tuple[Stretch, ...]
    beats: tuple[BeatRow, ...]


@dataclass(frozen=True)
class PlatformRow:
    """A listed platform. may_end: this office can put an end to the listing."""

    uuid: UUID
    name: str
    operator: str
    document: str
    valid_from: date
    valid_to: date | None
    may_end: bool


@dataclass(frozen=True)
class PlatformsPage:
    """The listed platforms that hold for a place."""

    rows: tuple[PlatformRow, ...]
    may_list: bool


@dataclass(frozen=True)
class LogFileRow:
    """A log that was handed in. entries: read from it; listed: whether its platform is on the list; url: "" where the file
    itself is not shown."""

    uuid: UUID
    platform: str
    file_name: str
    at: datetime
    entries: int
    listed: bool
    url: str


@dataclass(frozen=True)
class LogsPage:
    """The logs of one class."""

    class_name: str
    class_url: str
    rows: tuple[LogFileRow, ...]
    may_add: bool
    platforms: tuple[str, ...]


@dataclass(frozen=True)
class LogLine:
    """One row of a log that was read: who (masked), when; note: "" or why nothing or not all of it would count."""

    row: int
    name: str
    title: str
    started_at: datetime
    ended_at: datetime
    note: str


@dataclass(frozen=True)
class LogReading:
    """A log read but not yet handed in. faults: cell and what is wrong; a file with faults is not taken in.

    sha256: of the file, so that what is confirmed is what was shown.
    """

    platform: str
    file_name: str
    listed: bool
    lines: tuple[LogLine, ...]
    faults: tuple[tuple[str, str], ...]
    sha256: str
