"""What a job is to those who write handlers. No Django."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID


class JobState(StrEnum):
    """waiting → running → done | waiting (again) | dead → waiting (a person retried); waiting | dead → cancelled."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    DEAD = "dead"
    CANCELLED = "cancelled"


LIVE = (JobState.WAITING, JobState.RUNNING)


class GiveUp(Exception):
    """Raised by a handler when trying again is useless: the job is dead at once, the text is its plain reason."""


class TryAgain(Exception):
    """Raised by a handler for a foreseen, passing failure. The text is the plain reason shown if no attempt succeeds."""


class JobInterrupted(BaseException):
    """The handler must stop now. Not an `Exception`, so a handler's own `except Exception` does not swallow it;
    release files and child processes in `finally`."""


class LeaseLost(JobInterrupted):
    """Another worker holds this job: whatever this one still writes about it is ignored."""


class JobTimeout(JobInterrupted):
    """The job ran longer than its kind allows; it counts as a failed attempt."""


class WorkerStopping(JobInterrupted):
    """The worker was asked to stop: the job is handed back and the attempt does not count."""


class RunningJob(Protocol):
    """What a handler receives."""

    @property
    def uuid(self) -> UUID: ...
    @property
    def kind(self) -> str: ...
    @property
    def subject(self) -> UUID: ...
    @property
    def key(self) -> str: ...
    @property
    def attempt(self) -> int:
        """1 for the first run."""

    @property
    def max_attempts(self) -> int: ...

    def progress(self, fraction: float | None, note: str = "") -> None:
        """Show how far it is (0…1, None when unknown); any thread, written at most once a second.

        Raises LeaseLost when another worker has claimed the job.
        """

    def hold(self) -> None:
        """Lock the claim until the end of the current transaction: call it first in the one that stores the result,
        so that of two workers only the holder stores. Raises LeaseLost; must be inside `transaction.atomic`."""


Handler = Callable[[RunningJob], None]


@dataclass(frozen=True)
class JobKind:
    """A registered kind. Times in seconds; `lease_s` None means the installation's; `every_s` makes it periodic."""

    name: str
    handler: Handler
    cluster: str
    max_attempts: int
    timeout_s: int
    lease_s: int | None
    every_s: int | None


@dataclass(frozen=True)
class JobDied:
    """Event: a job ended in the dead-letter list. `reason` is plain and may be shown to the person concerned."""

    kind: str
    subject: UUID
    key: str
    reason: str
    attempts: int


@dataclass(frozen=True)
class DeadJob:
    """A row of the dead-letter list."""

    uuid: UUID
    kind: str
    subject: UUID
    key: str
    reason: str
    attempts: int
    max_attempts: int
    died_at: datetime
    detail: str


@dataclass(frozen=True)
class JobView:
    """A job as a progress page shows it."""

    uuid: UUID
    kind: str
    subject: UUID
    key: str
    state: JobState
    attempt: int
    max_attempts: int
    progress: float | None
    note: str
    reason: str
    ahead: int
