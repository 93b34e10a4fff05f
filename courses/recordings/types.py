"""Recordings of a class's sessions as pages show them. No Django."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from fractions import Fraction
from uuid import UUID

from lms.policies.types import DecisionCard
from media_pipeline.assets.types import StageView


class Mode(StrEnum):
    """What was taught in the room: both are recorded (S2-31)."""

    THEORY = "theory"  # 理论课
    PRACTICE = "practice"  # 实操课


@dataclass(frozen=True)
class NewRecording:
    """What is said about a recording before it is sent. minutes: of the session by the timetable."""

    held_on: date
    starts_at: time
    minutes: int
    mode: Mode
    subject: str


@dataclass(frozen=True)
class Part:
    """One file of a session. seconds: measured length, 0 for a refused file, None while it is not known."""

    uuid: UUID
    held_on: date
    starts_at: time
    minutes: int
    seconds: Fraction | None


@dataclass(frozen=True)
class RecordedSession:
    """All files of one session. seconds: together; None while one of them is being measured."""

    held_on: date
    starts_at: time
    minutes: int
    seconds: Fraction | None
    parts: tuple[UUID, ...]

    @property
    def short(self) -> bool:
        """Less is on video than the timetable says (S2-31)."""
        return self.seconds is not None and self.seconds < 60 * self.minutes


@dataclass(frozen=True)
class FileRow:
    """One file of a session on the list."""

    url: str
    duration_s: float | None
    state_label: str
    tone: str


@dataclass(frozen=True)
class SessionRow:
    """One session on the list. recorded_s: None while it is measured."""

    held_on: date
    starts_at: time
    subject: str
    mode_label: str
    minutes: int
    recorded_s: float | None
    short: bool
    files: tuple[FileRow, ...]


@dataclass(frozen=True)
class RecordingsPage:
    """Recordings of one class by session. decision: what the policy asks, None: nothing; new_url: "" for readers."""

    class_name: str
    class_url: str
    sessions: tuple[SessionRow, ...]
    decision: DecisionCard | None
    kept_until: date
    new_url: str


@dataclass(frozen=True)
class RecordingPage:
    """One file. headline to progress_url are what components/job.html reads; src: "" until it can be played."""

    title: str
    class_name: str
    list_url: str
    held_on: date
    starts_at: time
    minutes: int
    mode_label: str
    by: str
    uploaded_at: datetime
    kept_until: date
    duration_s: float | None
    src: str
    poster: str
    hints: tuple[str, ...]
    headline: str
    state_label: str
    tone: str
    reasons: tuple[str, ...]
    stages: tuple[StageView, ...]
    live: bool
    progress_url: str
    withdraw_url: str
    withdrawn: str
    poll_s: int = 4
    waiting_ahead: int = 0


class RecordingRefused(Exception):
    """A foreseen refusal; `message` is for the person who asked, `errors` names fields of the form."""

    def __init__(self, message: str, *, errors: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.errors = dict(errors or {})
