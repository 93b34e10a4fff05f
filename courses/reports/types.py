"""Reports of studying: what is known, what follows from it, what the pages show. No Django."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from courses.learning.types import LessonStanding
from lms.core.charts import BarChart
from media_pipeline.assets.types import Pages


class Pace(StrEnum):
    """How a trainee stands in her class, the most urgent first."""

    LATE = "late"  # 有逾期: a deadline has passed on a lesson she has not completed
    IDLE = "idle"  # 多日没学
    NEW = "new"  # 未开始
    STUDYING = "studying"  # 在学
    DONE = "done"  # 全部学完


# ---- what is known ----


@dataclass(frozen=True)
class PlannedLesson:
    """A lesson of the class's curriculum. number: from 1; minutes: planned online, 0 where it is taught on site."""

    uid: UUID
    number: int
    title: str
    minutes: int
    checks: int
    tasks: tuple[UUID, ...]


@dataclass(frozen=True)
class Handed:
    """The latest attempt at a practice task that was handed in. mark: None before there is one; returned: to be done again."""

    mark: Decimal | None
    returned: bool = False


@dataclass(frozen=True)
class Spent:
    """Time in one lesson. counted_s: up to the lesson's cap; spent_s: before it."""

    counted_s: int
    spent_s: int


@dataclass(frozen=True)
class Studied:
    """Everything on record about one trainee. time: by lesson, None for other platforms; homework: by task.

    ended: lessons completed, and on which day in Shanghai; seen_on: the day of `seen_at`.
    """

    enrolment: UUID
    name: str
    lessons: Mapping[UUID, LessonStanding]
    ended: Mapping[UUID, date]
    seen_at: datetime | None
    seen_on: date | None
    time: Mapping[UUID | None, Spent]
    homework: Mapping[UUID, Handed]


@dataclass(frozen=True)
class Due:
    """A deadline of the class. lesson None: all lessons. The day is included."""

    lesson: UUID | None
    day: date


@dataclass(frozen=True)
class ClassFacts:
    """A class as it stands. today: in Shanghai; runs: from its first day to its last."""

    lessons: tuple[PlannedLesson, ...]
    trainees: tuple[Studied, ...]
    dues: tuple[Due, ...]
    today: date
    runs: tuple[date, date]


# ---- what follows ----


@dataclass(frozen=True)
class TraineeLine:
    """One trainee in figures.

    counted_s: everything that counts, other platforms too; right of answered self-check questions; handed: tasks handed in
    and not returned, of `tasks`; mean: of the marks; overdue: lessons not completed in time and still open; late: completed
    after their day.
    """

    enrolment: UUID
    name: str
    completed: int
    opened: int
    lessons: int
    counted_s: int
    planned_s: int
    seen_at: datetime | None
    right: int
    answered: int
    handed: int
    tasks: int
    mean: Decimal | None
    overdue: int
    late: int
    pace: Pace


@dataclass(frozen=True)
class LessonLine:
    """One lesson over all trainees: opened ≥ half ≥ finished. half: at least half of the text, or finished.

    spent_s: mean time, before the cap, of the `timed` trainees who finished it and have time in it; None without any.
    """

    lesson: PlannedLesson
    opened: int
    half: int
    finished: int
    timed: int
    spent_s: int | None
    right: int
    answered: int


@dataclass(frozen=True)
class DueLine:
    """One deadline over all trainees: everything due done in time, done later, not done."""

    lesson: UUID | None
    day: date
    in_time: int
    later: int
    missing: int


@dataclass(frozen=True)
class LessonRow:
    """One lesson of one trainee. late_days: completed so many days after its day; overdue: its day is over and it is open."""

    lesson: PlannedLesson
    standing: LessonStanding | None
    time: Spent
    handed: int
    returned: int
    mean: Decimal | None
    due: date | None
    late_days: int
    overdue: bool


# ---- pages ----


@dataclass(frozen=True)
class ClassRow:
    """A class in the list. begun: trainees who opened a lesson; seen_at: when somebody last studied."""

    name: str
    institution: str
    starts_on: date
    ends_on: date
    state_label: str
    tone: str
    trainees: int
    begun: int
    seen_at: datetime | None
    url: str


@dataclass(frozen=True)
class ClassListPage:
    """Classes as the reader sees them, newest first."""

    rows: tuple[ClassRow, ...]
    pages: Pages


@dataclass(frozen=True)
class Shelf:
    """One filter of the trainees."""

    label: str
    count: int
    url: str
    current: bool


@dataclass(frozen=True)
class Figure:
    """A number with its unit and what it says."""

    label: str
    figure: str
    unit: str
    note: str


@dataclass(frozen=True)
class TraineeRow:
    """A trainee as shown. name: as the reader may see it; minutes are whole; share: right self-checks in percent."""

    name: str
    url: str
    completed: int
    lessons: int
    counted_min: int
    planned_min: int
    seen_at: datetime | None
    right: int
    answered: int
    share: int | None
    handed: int
    tasks: int
    mean: Decimal | None
    overdue: int
    late: int
    pace_label: str
    tone: str


@dataclass(frozen=True)
class LessonShown:
    """A lesson as the tables show it. spent_min: whole minutes, None where nobody who finished has time in it."""

    number: int
    title: str
    opened: int
    half: int
    finished: int
    planned_min: int
    spent_min: int | None
    timed: int
    share: int | None


@dataclass(frozen=True)
class DueShown:
    """A deadline as shown."""

    label: str
    day: date
    phrase: str
    tone: str
    in_time: int
    later: int
    missing: int


@dataclass(frozen=True)
class ReportPage:
    """The report of one class. drop, time: None while there is nothing to draw; asked: the address's own question."""

    class_name: str
    institution: str
    class_uid: UUID
    placed: int
    total: int
    figures: tuple[Figure, ...]
    drop: BarChart | None
    drop_finding: str
    time: BarChart | None
    time_finding: str
    lessons: tuple[LessonShown, ...]
    dues: tuple[DueShown, ...]
    shelves: tuple[Shelf, ...]
    rows: tuple[TraineeRow, ...]
    pages: Pages
    show: str
    asked: str
    export_url: str
    class_url: str
    study_url: str
    time_url: str
    list_url: str


@dataclass(frozen=True)
class LessonOfHers:
    """One lesson on a trainee's page. due: in words, "" without one."""

    number: int
    title: str
    state_label: str
    tone: str
    percent: int
    opened_at: datetime | None
    completed_at: datetime | None
    counted_min: int
    planned_min: int
    right: int
    answered: int
    checks: int
    homework: str
    due: str
    due_tone: str


@dataclass(frozen=True)
class PersonPage:
    """The report of one trainee. hours: counted class hours, of `hour_minutes` minutes each."""

    name: str
    class_name: str
    pace_label: str
    tone: str
    figures: tuple[Figure, ...]
    time: BarChart | None
    time_finding: str
    lessons: tuple[LessonOfHers, ...]
    class_url: str
    list_url: str
    time_url: str
