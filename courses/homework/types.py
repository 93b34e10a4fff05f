"""Homework: how a hand-in stands, the rubric it is marked by, what pages show. No Django."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID


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

    code: rules (no task, not now), empty, stale, picture, video, marked, own, words, levels, waiting, early, settled.
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
    """A video handed in. tone: of its state's tag; src is "" until it can be played; reasons: why it was refused."""

    asset: UUID
    title: str
    state_label: str
    tone: str
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
class TaskLink:
    """What a lesson's page says of a task in it: the state of her hand-in and one link; words are of the link."""

    state_label: str
    tone: str
    mark: Decimal | None
    words: str
    url: str


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
class MarkingPage:
    """One hand-in on the desk. level and criterion texts are in the reader's language; chosen: code → level already given.

    may_mark: the reader is the class's instructor; open: it waits for a mark; words: what was said with the mark before.
    """

    attempt: AttemptView
    head: TaskHead
    trainee: str
    earlier: tuple[AttemptView, ...]
    rubric: RubricData
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
    """One trainee over all tasks. part: what was told to the assessment; note: why it is not told yet."""

    trainee: str
    marked: int
    waiting: int
    mean: Decimal | None
    part: Decimal | None
    note: str


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
    may_settle: bool
    early: str
    settle_url: str
    list_url: str
    class_url: str
