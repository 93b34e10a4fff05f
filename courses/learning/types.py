"""Studying: what happened in a lesson, how it stands, what the pages show. No Django."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from uuid import UUID

from courses.catalogue.types import Delivery, LessonKind


class StudyState(StrEnum):
    """How one lesson stands for one trainee."""

    NEW = "new"  # 未开始
    OPENED = "opened"  # 在学
    COMPLETED = "completed"  # 学完


class Happening(StrEnum):
    """What a device tells of a lesson."""

    OPENED = "opened"
    READ = "read"  # she is at this place now
    COMPLETED = "completed"


class StudyRefused(Exception):
    """A foreseen refusal. `message` is for the person who asked; `field` names the input, "" for the whole form."""

    def __init__(self, message: str, *, code: str, field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.field = field


class PackageStale(StudyRefused):
    """The package was continued elsewhere meanwhile."""


class PackageStatus(StrEnum):
    """cmi.core.lesson_status of SCORM 1.2, in its words."""

    NOT_ATTEMPTED = "not attempted"
    INCOMPLETE = "incomplete"
    BROWSED = "browsed"
    COMPLETED = "completed"
    PASSED = "passed"
    FAILED = "failed"


class NoteStale(StudyRefused):
    """The note was saved elsewhere meanwhile: `text` and `revision` as they stand there."""

    def __init__(self, message: str, *, text: str, revision: int) -> None:
        super().__init__(message, code="stale", field="text")
        self.text = text
        self.revision = revision


@dataclass(frozen=True)
class Place:
    """A place in a lesson. block: from 1, 0 is its top; second: of the video, None where there is none."""

    block: int = 0
    second: int | None = None


@dataclass(frozen=True)
class PackageSaid:
    """What a package says of itself. score: 0 to 100; suspend_data: its own words, at most 4096; seconds: of all sessions."""

    status: PackageStatus = PackageStatus.NOT_ATTEMPTED
    score: Decimal | None = None
    location: str = ""
    suspend_data: str = ""
    seconds: int = 0


@dataclass(frozen=True)
class Told:
    """One thing a device tells. key: its own name, told again it is the same; at: when it happened, on our clock.

    received_at: when the server heard of it; None: at once.
    """

    key: UUID
    kind: Happening
    at: datetime
    place: Place = Place()
    percent: int = 0
    received_at: datetime | None = None


@dataclass(frozen=True)
class Standing:
    """All that was told of one lesson, in one. percent: the furthest; place: the latest, told at `place_at`."""

    opened_at: datetime | None = None
    completed_at: datetime | None = None
    percent: int = 0
    place: Place = Place()
    place_at: datetime | None = None
    place_key: UUID | None = None

    @property
    def state(self) -> StudyState:
        """How it stands."""
        if self.completed_at is not None:
            return StudyState.COMPLETED
        return StudyState.NEW if self.opened_at is None else StudyState.OPENED


# ---- what she said about herself, for her path (S3-13, S5-02) ----


class Schooling(StrEnum):
    """文化程度."""

    PRIMARY = "primary"  # 小学及以下
    JUNIOR = "junior"  # 初中
    SENIOR = "senior"  # 高中、中专、技校
    COLLEGE = "college"  # 大专及以上


class Experience(StrEnum):
    """就业经历: what she has sold so far."""

    NONE = "none"  # 没有卖过东西
    SHOP = "shop"  # 开过店、做过销售
    LIVE = "live"  # 做过直播或短视频


class Aim(StrEnum):
    """就业需求."""

    JOB = "job"  # 找主播工作
    OWN = "own"  # 卖自家产品、自己开店
    UPGRADE = "upgrade"  # 在岗提升


@dataclass(frozen=True)
class Background:
    """What she says about herself; None is not said."""

    schooling: Schooling | None = None
    experience: Experience | None = None
    aim: Aim | None = None

    @property
    def said(self) -> bool:
        """Whether she said anything."""
        return any((self.schooling, self.experience, self.aim))


class Weight(StrEnum):
    """How a lesson is to be taken."""

    AGAIN = "again"  # 再学一遍
    FIRST = "first"  # 重点学
    NORMAL = "normal"
    QUICK = "quick"  # 可以快看


@dataclass(frozen=True)
class PathLesson:
    """A lesson as the path sees it. course: number of its module from 0.

    tags: codes of the content lists of all policies; audiences: codes of categories in her class's policy.
    """

    uid: UUID
    title: str
    course: int
    position: int
    kind: LessonKind
    delivery: Delivery
    minutes: int
    methods: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    audiences: frozenset[str] = frozenset()


@dataclass(frozen=True)
class PathFacts:
    """What is known of her. level: 5 is elementary; job: the post she trains for; categories: those she belongs to.

    results: lesson → share she got right (self-checks, homework), 0 to 1; due: lesson → day, None for all lessons.
    """

    level: int
    job: str
    today: date
    ends_on: date
    background: Background = Background()
    categories: frozenset[str] = frozenset()
    completed: frozenset[UUID] = frozenset()
    results: Mapping[UUID, Fraction] = field(default_factory=dict)
    due: Mapping[UUID | None, date] = field(default_factory=dict)


@dataclass(frozen=True)
class PathStep:
    """One lesson of her path. reasons: codes of the rules that put it here; day: by when to have studied it."""

    uid: UUID
    weight: Weight
    reasons: tuple[str, ...]
    day: date


# ---- reads for other rooms ----


@dataclass(frozen=True)
class NextLesson:
    """What she studies next. percent: of this lesson; place: where she stopped; left: lessons not completed, this one too."""

    training_class: UUID
    class_name: str
    lesson: UUID
    title: str
    state: StudyState
    percent: int
    place: Place
    minutes: int
    completed: int
    left: int
    due: date | None
    url: str


@dataclass(frozen=True)
class LessonStanding:
    """One lesson of one trainee, for reports. percent: of the lesson, 0–100.

    right, checks: self-check questions answered rightly, answered at all; seen_at: when she was last in it.
    """

    lesson: UUID
    state: StudyState
    percent: int
    opened_at: datetime | None
    completed_at: datetime | None
    right: int
    checks: int
    seen_at: datetime | None = None


@dataclass(frozen=True)
class TraineeProgress:
    """One trainee of a class, for reports. Lessons she never opened are missing from `lessons`."""

    enrolment: UUID
    person: UUID
    name: str
    completed: int
    lessons: Mapping[UUID, LessonStanding]


@dataclass(frozen=True)
class ClassProgress:
    """All placed trainees of a class by enrolment, and how many lessons there are to study."""

    training_class: UUID
    manifest: UUID | None
    lessons: int
    trainees: tuple[TraineeProgress, ...]


# ---- pages ----


@dataclass(frozen=True)
class LessonLine:
    """A lesson in a list. tag and tone of its state; due: its own deadline, in words."""

    uid: UUID
    number: int
    title: str
    summary: str
    url: str
    state: StudyState
    state_label: str
    tone: str
    percent: int
    minutes: int
    tasks: int
    due: str
    due_tone: str
    current: bool = False


@dataclass(frozen=True)
class CourseLine:
    """A module with its lessons. open: unfolded at first."""

    title: str
    code: str
    completed: int
    lessons: tuple[LessonLine, ...]
    open: bool


@dataclass(frozen=True)
class ClassLink:
    """Another class of hers."""

    name: str
    detail: str
    url: str


@dataclass(frozen=True)
class DueLine:
    """A deadline. label: lesson or all lessons; phrase: until when, how long; missing: trainees not done (staff only)."""

    uuid: UUID | None
    label: str
    phrase: str
    tone: str
    missing: int | None = None


@dataclass(frozen=True)
class NowStudy:
    """The one thing to do now, as components/now_card.html shows it; action_url "" when there is nothing to do."""

    title: str
    lead: str = ""
    hints: tuple[tuple[str, str], ...] = ()
    action_label: str = ""
    action_url: str = ""
    action_icon: str = ""
    more_label: str = ""
    more_url: str = ""


@dataclass(frozen=True)
class StudyHome:
    """A trainee's 学习 page for one class. total: lessons of the class; answered: her questions, and what waits of them."""

    class_uid: UUID
    class_name: str
    institution: str
    now: NowStudy
    completed: int
    total: int
    courses: tuple[CourseLine, ...]
    dues: tuple[DueLine, ...]
    others: tuple[ClassLink, ...]
    questions: int
    waiting: int
    path_url: str
    questions_url: str


@dataclass(frozen=True)
class NoteView:
    """Her note on a lesson. saved_at: None before the first save."""

    text: str = ""
    revision: int = 0
    saved_at: datetime | None = None


@dataclass(frozen=True)
class BookmarkView:
    """A place of the lesson that may be marked. label: its heading or first words; marked: it is."""

    block: int
    label: str
    marked: bool


@dataclass(frozen=True)
class Word:
    """One message of a question's thread. teacher: an answer; who: the teacher's name, "" for the asker."""

    text: str
    at: datetime
    teacher: bool
    who: str = ""


@dataclass(frozen=True)
class QuestionView:
    """A question with its answers. mine: she asked it herself; others see it only where the teacher shared it."""

    uuid: UUID
    text: str
    asked_at: datetime
    words: tuple[Word, ...]
    mine: bool
    waiting: bool
    shared: bool
    url: str


@dataclass(frozen=True)
class CheckStanding:
    """Her last answer to a self-check question."""

    chosen: tuple[str, ...]
    correct: bool
    at: datetime


@dataclass(frozen=True)
class CheckResult:
    """Whether an answer is right, which options are, and why. clause: the law it rests on, "" where none."""

    correct: bool
    right: tuple[str, ...]
    explanation: str
    clause: str


@dataclass(frozen=True)
class LessonPage:
    """The frame around a lesson's text. tracked: she is its trainee, what she does is kept.

    url: the lesson's own address, below which everything is told; owner: whose device this is, a name nobody can read;
    place_ms: when `resume` was told, milliseconds since 1970; previous, next: addresses, "" at the ends.
    """

    class_uid: UUID
    class_name: str
    lesson: UUID
    url: str
    number: int
    total: int
    title: str
    summary: str
    minutes: int
    tracked: bool
    owner: str
    state: StudyState
    percent: int
    resume: Place
    place_ms: int
    resume_label: str
    courses: tuple[CourseLine, ...]
    note: NoteView
    places: tuple[BookmarkView, ...]
    questions: tuple[QuestionView, ...]
    checks: Mapping[str, CheckStanding]
    due: str
    due_tone: str
    back_url: str
    previous_url: str
    next_url: str
    next_title: str


@dataclass(frozen=True)
class PathLine:
    """One lesson of the recommended path, as shown. reasons: in words."""

    title: str
    url: str
    weight: Weight
    weight_label: str
    tone: str
    reasons: tuple[str, ...]
    day: date
    minutes: int


@dataclass(frozen=True)
class PathPage:
    """Her plan. version: of the rules it was made by; completed lessons are not in it unless to be studied again."""

    class_name: str
    class_uid: UUID
    job: str
    level_label: str
    background: Background
    lines: tuple[PathLine, ...]
    completed: int
    total: int
    version: str
    back_url: str


@dataclass(frozen=True)
class QuestionRow:
    """A question in the teacher's list. days: whole days it has waited; overdue: longer than it should."""

    uuid: UUID
    excerpt: str
    who: str
    lesson: str
    class_name: str
    asked_at: datetime
    days: int
    waiting: bool
    overdue: bool
    url: str


@dataclass(frozen=True)
class QuestionList:
    """Questions of the classes she sees, or a trainee's own. within: days in which an answer is due."""

    rows: tuple[QuestionRow, ...]
    waiting: int
    overdue: int
    within: int
    show: str
    own: bool


@dataclass(frozen=True)
class QuestionPage:
    """One thread. may_answer: her teacher; may_follow: the asker herself."""

    view: QuestionView
    who: str
    lesson: str
    lesson_url: str
    class_name: str
    overdue: bool
    days: int
    may_answer: bool
    may_follow: bool
    back_url: str


@dataclass(frozen=True)
class StaffClassRow:
    """A class in the teacher's or institution's list of studying."""

    name: str
    detail: str
    url: str
    trainees: int
    waiting: int


@dataclass(frozen=True)
class StaffClassPage:
    """A class as its teacher and institution see its studying: lessons to read, deadlines, questions."""

    class_uid: UUID
    name: str
    trainees: int
    total: int
    courses: tuple[CourseLine, ...]
    dues: tuple[DueLine, ...]
    waiting: int
    overdue: int
    may_set: bool
    class_url: str
    back_url: str


@dataclass(frozen=True)
class Found:
    """A lesson found by words; the hit stands between before and after."""

    title: str
    class_name: str
    url: str
    before: str
    hit: str
    after: str
