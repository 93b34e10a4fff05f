"""A lesson as a document: what pages, versions, files and screens have in common. No Django.

`LessonDocument` is the one shape of a lesson. A Wagtail page is edited into it, a `LessonVersion` keeps it for good, the
files of an export carry it, templates are made from it. Text is Markdown: paragraphs, `###` headings, **strong**, lists,
links, quotations; nothing else.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID


class LessonKind(StrEnum):
    """Theory or practice: what shares of hours are counted in (S2-13, S3-12)."""

    THEORY = "theory"  # 理论
    PRACTICE = "practice"  # 实操


class Delivery(StrEnum):
    """How a lesson's hours are delivered (S1-11)."""

    ONLINE = "online"  # 线上
    OFFLINE = "offline"  # 线下
    PRACTICE = "practice"  # 实践


class Method(StrEnum):
    """Ways of teaching (S4-15: first four; S5-15: the other five)."""

    LECTURE = "lecture"  # 理论讲解
    OPERATION = "operation"  # 实际操作
    STUDY_TOUR = "study_tour"  # 游学
    CASE = "case"  # 典型案例
    INTERNAL = "internal"  # 内部培训
    EXTERNAL = "external"  # 外部培训
    ONLINE = "online"  # 在线学习
    HANDS_ON = "hands_on"  # 实践操作
    EXCHANGE = "exchange"  # 交流分享会


class Accepts(StrEnum):
    """What may be handed in for a practice task."""

    TEXT = "text"
    PICTURE = "picture"
    VIDEO = "video"


class CheckKind(StrEnum):
    """Kinds of self-check question."""

    SINGLE = "single"
    MULTIPLE = "multiple"
    TRUE_FALSE = "true_false"


@dataclass(frozen=True)
class TextBlock:
    """Running text."""

    text: str


@dataclass(frozen=True)
class PictureBlock:
    """A picture. file: its name in the export's `files/`; alt: what it shows, for those who do not see it."""

    file: str
    sha256: str
    alt: str
    caption: str = ""


@dataclass(frozen=True)
class Chapter:
    """Where a part of a video begins."""

    second: int
    title: str


@dataclass(frozen=True)
class VideoBlock:
    """A lesson video by the uuid of its `LessonVideo`."""

    video: UUID
    title: str
    chapters: tuple[Chapter, ...] = ()


@dataclass(frozen=True)
class DownloadBlock:
    """A file to take away."""

    file: str
    sha256: str
    title: str


@dataclass(frozen=True)
class PackageBlock:
    """A SCORM package by the uuid of its `ContentPackage`."""

    package: UUID
    title: str


@dataclass(frozen=True)
class CaseBlock:
    """An example from selling (案例). product: what is sold in it."""

    title: str
    text: str
    product: str = ""


@dataclass(frozen=True)
class LawBlock:
    """What the law says (法律怎么说). source: where this was read; uncertain: to be checked before anybody relies on it."""

    law: str
    article: str
    text: str
    source: str
    uncertain: bool = False


@dataclass(frozen=True)
class SayBlock:
    """可以这样说 / 不能这样说, and why."""

    good: str
    bad: str
    why: str


@dataclass(frozen=True)
class ScriptBlock:
    """A sample selling script (话术示例); look-alike checks subtract these."""

    title: str
    text: str
    product: str = ""


@dataclass(frozen=True)
class TaskBlock:
    """A practice task that is handed in (练一练). uid: its name for good; minutes: how long it should take."""

    uid: UUID
    title: str
    text: str
    accepts: tuple[Accepts, ...]
    minutes: int


@dataclass(frozen=True)
class Option:
    """One answer of a self-check question. key: A, B, C …"""

    key: str
    text: str
    correct: bool


@dataclass(frozen=True)
class CheckBlock:
    """A self-check question (自测); never one that a paper may draw."""

    uid: UUID
    kind: CheckKind
    stem: str
    options: tuple[Option, ...]
    explanation: str
    clause: str = ""


@dataclass(frozen=True)
class Term:
    """A word of the trade and what it means."""

    term: str
    meaning: str


@dataclass(frozen=True)
class TermsBlock:
    """Glossary terms of a lesson."""

    terms: tuple[Term, ...]


Block = (
    TextBlock
    | PictureBlock
    | VideoBlock
    | DownloadBlock
    | PackageBlock
    | CaseBlock
    | LawBlock
    | SayBlock
    | ScriptBlock
    | TaskBlock
    | CheckBlock
    | TermsBlock
)
# The word for a block in files, StreamFields and templates.
BLOCK_TYPES: dict[str, type[Block]] = {
    "text": TextBlock,
    "picture": PictureBlock,
    "video": VideoBlock,
    "download": DownloadBlock,
    "package": PackageBlock,
    "case": CaseBlock,
    "law": LawBlock,
    "say": SayBlock,
    "script": ScriptBlock,
    "task": TaskBlock,
    "check": CheckBlock,
    "terms": TermsBlock,
}


@dataclass(frozen=True)
class LessonDocument:
    """One lesson. uid: its name for good, the same in every edition that carries it on.

    hours: planned class hours in steps of 0.5; online_minutes: how much of that is studied on the phone, at most counted.
    tags: profile key → codes of its `content_items`; audiences: profile key → codes of its `categories` (S4-08).
    """

    uid: UUID
    title: str
    summary: str
    kind: LessonKind
    delivery: Delivery
    methods: tuple[Method, ...]
    hours: Decimal
    online_minutes: int
    tags: tuple[tuple[str, tuple[str, ...]], ...]
    audiences: tuple[tuple[str, tuple[str, ...]], ...]
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class ManifestLesson:
    """One lesson as a manifest pins it. uid: the lesson's name; version: of its `LessonVersion`; position: from 0, over the
    whole manifest. checks: how many self-check questions; videos: of `LessonVideo`s, in order.
    """

    uid: UUID
    version: UUID
    title: str
    summary: str
    kind: LessonKind
    delivery: Delivery
    methods: tuple[Method, ...]
    hours: Decimal
    online_minutes: int
    tags: tuple[tuple[str, tuple[str, ...]], ...]
    audiences: tuple[tuple[str, tuple[str, ...]], ...]
    tasks: tuple[TaskBlock, ...]
    checks: int
    videos: tuple[UUID, ...]
    position: int


@dataclass(frozen=True)
class ManifestCourse:
    """One module (模块) of a manifest. uid: its name for good, also where another level uses it."""

    uid: UUID
    title: str
    code: str
    summary: str
    lessons: tuple[ManifestLesson, ...]


@dataclass(frozen=True)
class ManifestData:
    """What one edition of a level's curriculum held at a moment, lesson by lesson (content hash: SHA-256 in hex)."""

    uuid: UUID
    level: int
    edition: int
    content_hash: str
    created_at: datetime
    courses: tuple[ManifestCourse, ...]

    @property
    def lessons(self) -> tuple[ManifestLesson, ...]:
        """All of them in the order of learning."""
        return tuple(lesson for course in self.courses for lesson in course.lessons)

    def lesson(self, uid: UUID) -> ManifestLesson | None:
        """One lesson by its name, None when it is not in it."""
        return next((lesson for lesson in self.lessons if lesson.uid == uid), None)


@dataclass(frozen=True)
class LessonVersionData:
    """One published text of a lesson, kept for good. revision: Wagtail's; by, approved_by: logins, None for what we ship."""

    uuid: UUID
    lesson: UUID
    title: str
    content_hash: str
    revision: int | None
    published_at: datetime
    by: UUID | None
    approved_by: UUID | None
    document: LessonDocument


@dataclass(frozen=True)
class FoundLesson:
    """One hit of a search. snippet: the words around the first hit, the hit itself between before and after."""

    uid: UUID
    version: UUID
    title: str
    summary: str
    before: str
    hit: str
    after: str


@dataclass(frozen=True)
class LessonChange:
    """One lesson that differs between two manifests: added (before None), removed (after None) or changed."""

    uid: UUID
    title: str
    before: UUID | None
    after: UUID | None


@dataclass(frozen=True)
class EditionHead:
    """One edition of a level that is in force from a day on (None: from the beginning)."""

    level: int
    edition: int
    in_force_from: date | None
    page: int


@dataclass(frozen=True)
class LessonCard:
    """A lesson in a list. Labels are words of the current language."""

    uid: UUID
    title: str
    summary: str
    url: str
    kind_label: str
    delivery_label: str
    method_labels: tuple[str, ...]
    hours: Decimal
    online_minutes: int
    audiences: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class CourseCard:
    """A module in a list, with its lessons."""

    uid: UUID
    title: str
    code: str
    summary: str
    url: str
    hours: Decimal
    lessons: tuple[LessonCard, ...]


@dataclass(frozen=True)
class LevelView:
    """One edition of a level: `rank` as printed on certificates (五级/初级工), `intro` as HTML, `url` of its own page."""

    title: str
    rank: str
    number: int
    edition: int
    intro: str
    is_open: bool
    url: str
    courses: tuple[CourseCard, ...]
    hours: Decimal
    hours_by_delivery: tuple[tuple[str, Decimal], ...]


@dataclass(frozen=True)
class LevelDecision:
    """One decision of the authority on a level."""

    opens: bool
    document: str
    reason: str
    decided_on: date


@dataclass(frozen=True)
class LevelRow:
    """One level as the authority sees it; decisions: the latest first."""

    number: int
    title: str
    rank: str
    is_open: bool
    may_decide: bool
    decisions: tuple[LevelDecision, ...]
