"""Homework: how a hand-in stands, the rubric it is marked by, what pages show. No Django."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from media_pipeline.assets.types import Pages


class ItemState(StrEnum):
    """Where one attempt at a practice task stands."""

    DRAFT = "draft"  # 草稿
    HANDED_IN = "handed_in"  # 待批改
    RETURNED = "returned"  # 已退回，可以再交
    MARKED = "marked"  # 已批改


# One table of allowed moves; every other move raises IllegalMove. HANDED_IN → DRAFT: she takes it back to change it.
MOVES: dict[ItemState, frozenset[ItemState]] = {
    ItemState.DRAFT: frozenset({ItemState.HANDED_IN}),
    ItemState.HANDED_IN: frozenset({ItemState.DRAFT, ItemState.RETURNED, ItemState.MARKED}),
    ItemState.RETURNED: frozenset(),
    ItemState.MARKED: frozenset(),
}
# At most one attempt at a task is under way.
OPEN_STATES = (ItemState.DRAFT, ItemState.HANDED_IN)

# Limits of one hand-in.
TEXT_MAX = 10_000  # characters
PICTURES_MAX = 6
WORDS_MAX = 1_000  # characters of what the instructor writes


class HomeworkRefused(Exception):
    """A foreseen refusal. `message` is for the person who asked; `field` names the input, "" for the whole form.

    code: now, handed_in, marked, stale, empty, text, picture, video; own, levels, words, reason, moved, closed, rubric;
    part, early, waiting.
    """

    def __init__(self, message: str, *, code: str, field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.field = field


@dataclass(frozen=True)
class RubricLevel:
    """How well a criterion was met. share: whole per cent of its maximum."""

    code: str
    label: str
    label_en: str
    share: int
    descriptor: str
    descriptor_en: str


@dataclass(frozen=True)
class RubricCriterion:
    """What is looked at. maximum: its share of the 100 points."""

    code: str
    title: str
    title_en: str
    maximum: Decimal
    observed: str
    observed_en: str


@dataclass(frozen=True)
class RubricData:
    """One version of a rubric for practice tasks; its maxima sum to 100.

    missing: what a task that was never handed in counts when the homework of a class is settled.
    """

    uuid: UUID
    key: str
    version: int
    content_hash: str
    title: str
    title_en: str
    levels: tuple[RubricLevel, ...]
    criteria: tuple[RubricCriterion, ...]
    missing: Decimal


@dataclass(frozen=True)
class Standing:
    """All marks of one enrolment. marks: task → latest mark; tasks: those of the class, in its order."""

    enrolment: UUID
    tasks: tuple[UUID, ...]
    marks: Mapping[UUID, Decimal]


@dataclass(frozen=True)
class PictureView:
    """A picture handed in, by addresses behind the gate; width and height in pixels."""

    uuid: UUID
    number: int
    url: str
    width: int
    height: int


@dataclass(frozen=True)
class VideoView:
    """A video handed in. anchor: of its place on the page; tone: of its state's tag; live: the machine is at work on it;
    src is "" until it can be played; reasons: why it was refused.
    """

    anchor: str
    state_label: str
    tone: str
    live: bool
    src: str
    poster: str
    captions: str
    duration_s: float
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class CriterionMark:
    """One line of a mark."""

    title: str
    level_label: str
    points: Decimal
    maximum: Decimal


@dataclass(frozen=True)
class MarkView:
    """What the instructor gave. number: of the mark's version, above 1 when it was changed."""

    mark: Decimal
    lines: tuple[CriterionMark, ...]
    words: str
    number: int
    at: datetime
    rubric: str


@dataclass(frozen=True)
class AttemptView:
    """One attempt as it was handed in. reason: why it was returned."""

    uuid: UUID
    number: int
    state: ItemState
    state_label: str
    tone: str
    handed_in_at: datetime | None
    text: str
    pictures: tuple[PictureView, ...]
    video: VideoView | None
    mark: MarkView | None
    reason: str
    returned_at: datetime | None


@dataclass(frozen=True)
class TaskHead:
    """A practice task of a class. body: safe HTML; accepts: words for what may be handed in; minutes: how long it takes."""

    uid: UUID
    title: str
    body: str
    accepts: tuple[str, ...]
    takes_text: bool
    takes_pictures: bool
    takes_video: bool
    minutes: int
    lesson_title: str
    lesson_url: str
    class_name: str


@dataclass(frozen=True)
class TaskPage:
    """Her page of one task. now: the attempt she may change, None before she begins; revision: of its draft, 0 before.

    may_write: she may change and hand in now; closed: why not, "" when she may; counts: the homework is part of her
    assessment; may_take_back: it waits and nobody has looked at it yet.
    """

    head: TaskHead
    state_label: str
    tone: str
    headline: str
    now: AttemptView | None
    revision: int
    saved_at: datetime | None
    may_write: bool
    may_take_back: bool
    closed: str
    counts: str
    earlier: tuple[AttemptView, ...]
    pictures_left: int
    save_url: str
    draft_url: str
    video_url: str
    take_back_url: str
    list_url: str


@dataclass(frozen=True)
class TaskRow:
    """One task in her list."""

    title: str
    lesson_title: str
    state_label: str
    tone: str
    mark: Decimal | None
    url: str


@dataclass(frozen=True)
class ClassTasks:
    """Her tasks of one class. part: what the whole homework came to, None while it is not told."""

    class_name: str
    counts: str
    part: Decimal | None
    rows: tuple[TaskRow, ...]
    marked: int


@dataclass(frozen=True)
class ItemRow:
    """One hand-in on the desk's list. trainee: masked name."""

    trainee: str
    class_name: str
    task_title: str
    attempt: int
    handed_in_at: datetime
    state_label: str
    tone: str
    mark: Decimal | None
    url: str


@dataclass(frozen=True)
class HomeworkShelf:
    """One of the lists of the desk."""

    key: str
    label: str
    count: int
    url: str
    current: bool


@dataclass(frozen=True)
class HomeworkListPage:
    """One list of the desk. class_name: of the class it is narrowed to, "" for all; asked: the address's own question.

    marks: the reader is one who marks.
    """

    rows: tuple[ItemRow, ...]
    shelves: tuple[HomeworkShelf, ...]
    shelf: str
    class_name: str
    class_url: str
    all_url: str
    pages: Pages
    asked: str
    marks: bool


@dataclass(frozen=True)
class GridCell:
    """One choice: a level of a criterion, and what it is worth."""

    value: str
    label: str
    points: Decimal
    checked: bool


@dataclass(frozen=True)
class GridRow:
    """One criterion. name: of its field."""

    name: str
    title: str
    observed: str
    maximum: Decimal
    cells: tuple[GridCell, ...]


@dataclass(frozen=True)
class RubricGrid:
    """The rubric in the reader's language. levels: label and descriptor, best first."""

    title: str
    levels: tuple[tuple[str, str], ...]
    rows: tuple[GridRow, ...]


@dataclass(frozen=True)
class MarkingPage:
    """One hand-in on the desk. chosen: criterion → level already given.

    may_mark: the reader is the class's instructor and it may have a mark, or another; open: it waits for the first.
    """

    attempt: AttemptView
    head: TaskHead
    trainee: str
    earlier: tuple[AttemptView, ...]
    rubric: RubricData
    chosen: Mapping[str, str]
    may_mark: bool
    open: bool
    next_url: str
    mark_url: str
    return_url: str
    list_url: str
    class_url: str


@dataclass(frozen=True)
class TaskTally:
    """One task over a class: how many of her placed trainees handed it in, wait for a mark, were marked."""

    title: str
    lesson_title: str
    handed_in: int
    waiting: int
    marked: int
    mean: Decimal | None


@dataclass(frozen=True)
class TraineeTally:
    """One trainee over all tasks. part: what was told to the assessment; settled: tasks without a mark were counted in."""

    trainee: str
    marked: int
    waiting: int
    mean: Decimal | None
    part: Decimal | None
    settled: bool


@dataclass(frozen=True)
class ClassHomeworkPage:
    """The homework of one class. counts: the weight it has in the assessment in words, "" where it has none.

    may_settle: those tasks never handed in can be counted now; early: why not yet, "" when it does not apply.
    """

    class_uuid: UUID
    class_name: str
    counts: str
    rubric_title: str
    tasks: tuple[TaskTally, ...]
    trainees: tuple[TraineeTally, ...]
    placed: int
    task_count: int
    may_settle: bool
    early: str
    settle_url: str
    waiting_url: str
    list_url: str
    class_url: str
