"""Classes: how they stand, what is planned, what their pages show. No Django."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from uuid import UUID

from lms.core.types import Level


class ClassState(StrEnum):
    """Where a class stands (domain 3.2; plan approval, survey and archive come with their rooms)."""

    PLANNED = "planned"  # 计划中
    FILED = "filed"  # 已备案，等人社局同意开班
    OPEN = "open"  # 报名中
    TEACHING = "teaching"  # 培训中
    FINISHED = "finished"  # 培训结束
    ASSESSMENT = "assessment"  # 考核中
    CLOSED = "closed"  # 已结班
    CANCELLED = "cancelled"  # 已取消


# One table of allowed moves; every other move raises IllegalMove. FILED → PLANNED: the bureau returns a filing.
MOVES: dict[ClassState, frozenset[ClassState]] = {
    ClassState.PLANNED: frozenset({ClassState.FILED, ClassState.CANCELLED}),
    ClassState.FILED: frozenset({ClassState.OPEN, ClassState.PLANNED, ClassState.CANCELLED}),
    ClassState.OPEN: frozenset({ClassState.TEACHING, ClassState.CANCELLED}),
    ClassState.TEACHING: frozenset({ClassState.FINISHED}),
    ClassState.FINISHED: frozenset({ClassState.ASSESSMENT}),
    ClassState.ASSESSMENT: frozenset({ClassState.CLOSED}),
    ClassState.CLOSED: frozenset(),
    ClassState.CANCELLED: frozenset(),
}


class ClassRefused(Exception):
    """A foreseen refusal. `message` is for the person who asked; `field` names the input, "" for the whole form."""

    def __init__(self, message: str, *, code: str, field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.field = field


@dataclass(frozen=True)
class ClassPlan:
    """What a class is planned to be. Hours are class hours; None is not stated. Both days are included.

    modes: how its meetings are held, training_type: which of its policy's types it is, both in the profile's codes;
    size_reason: why it is larger than the profile advises.
    """

    name: str
    level: Level
    occupation: str
    job: str
    starts_on: date
    ends_on: date
    planned_hours: int
    capacity: int
    theory_hours: int | None = None
    practice_hours: int | None = None
    hour_minutes: int | None = None
    days: int | None = None
    offline_days: int | None = None
    modes: frozenset[str] = field(default_factory=frozenset)
    training_type: str = ""
    size_reason: str = ""


@dataclass(frozen=True)
class ClassHead:
    """What every page says of a class. tone: of the state's tag; level_label as 五级/初级工."""

    uuid: UUID
    name: str
    institution_name: str
    level_label: str
    job: str
    starts_on: date
    ends_on: date
    planned_hours: int
    capacity: int
    state: ClassState
    state_label: str
    tone: str
    url: str


@dataclass(frozen=True)
class Act:
    """A move this reader may make. grave: confirm it, it cannot be taken back; reason: words are asked for."""

    to: ClassState
    label: str
    grave: bool
    reason: bool
