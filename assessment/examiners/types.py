"""Examiners of an evaluation body and their filing. No Django."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from lms.core.types import Level


class ExaminerGrade(StrEnum):
    """What the qualification card says (domain A4)."""

    EXAMINER = "examiner"  # 考评员
    SENIOR = "senior"  # 高级考评员


class ExaminerState(StrEnum):
    """Only a filed examiner is assigned work (S1-30)."""

    DRAFT = "draft"  # 待备案
    FILED = "filed"  # 已备案
    SUSPENDED = "suspended"  # 已暂停
    ENDED = "ended"  # 已退出


# One table of allowed moves; every other move raises IllegalMove.
MOVES: dict[ExaminerState, frozenset[ExaminerState]] = {
    ExaminerState.DRAFT: frozenset({ExaminerState.FILED, ExaminerState.ENDED}),
    ExaminerState.FILED: frozenset({ExaminerState.SUSPENDED, ExaminerState.ENDED}),
    ExaminerState.SUSPENDED: frozenset({ExaminerState.FILED, ExaminerState.ENDED}),
    ExaminerState.ENDED: frozenset(),
}


class ExaminerRefused(Exception):
    """A foreseen refusal. `field` names the input it belongs to, "" for the whole form."""

    def __init__(self, message: str, *, code: str, field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.field = field


@dataclass(frozen=True)
class ExaminerData:
    """One examiner who may be given work. user: who signs in; organisation: the evaluation body's uuid."""

    uuid: UUID
    user: UUID
    person: UUID | None
    grade: ExaminerGrade
    organisation: UUID


@dataclass(frozen=True)
class ExaminerRow:
    """A row of the pool's page. acts: what this reader may do, as (value of the button, words, whether it is grave)."""

    uuid: UUID
    name: str
    organisation_name: str
    grade_label: str
    levels_label: str
    card_no: str
    valid_from: date
    valid_to: date
    state_label: str
    tone: str
    filed_on: date | None
    acts: tuple[tuple[str, str, bool], ...]


@dataclass(frozen=True)
class PoolPage:
    """The pool as one reader sees it. add_url: "" for those who may not add; waiting: how many await her filing."""

    rows: tuple[ExaminerRow, ...]
    add_url: str
    waiting: int


# Domain A4: an examiner assesses levels 5 to 3, a senior examiner also 2 and 1.
_LEVELS: dict[ExaminerGrade, frozenset[Level]] = {
    ExaminerGrade.EXAMINER: frozenset({Level.ELEMENTARY, Level.INTERMEDIATE, Level.ADVANCED}),
    ExaminerGrade.SENIOR: frozenset(Level),
}


def levels_of(grade: ExaminerGrade) -> frozenset[Level]:
    """The levels a grade may assess at most."""
    return _LEVELS[grade]
