"""A question as a document: what versions, files, screens and papers have in common. No Django.

`QuestionDocument` is the one shape of a question. A version keeps it for good, every format is read into it and written
from it. Text is plain, with Markdown's `**strong**` and `![alt](name)` for a file of `media`; nothing else is markup.
Blanks of a fill-in question are marked by four underscores, `____`, in their order.
"""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from lms.core.types import Level

BLANK = "____"


class QuestionType(StrEnum):
    """Shapes of a question. A case set (案例题) is several of these with one stimulus."""

    SINGLE = "single"  # 单项选择题
    MULTIPLE = "multiple"  # 多项选择题
    TRUE_FALSE = "true_false"  # 判断题
    FILL = "fill"  # 填空题
    ORDERING = "ordering"  # 排序题
    MATCHING = "matching"  # 匹配题
    SHORT = "short"  # 简答题


class Step(StrEnum):
    """Cognitive steps, after the revised taxonomy of Bloom, in the four that a theory exam tells apart."""

    REMEMBER = "remember"  # 识记
    UNDERSTAND = "understand"  # 理解
    APPLY = "apply"  # 应用
    ANALYSE = "analyse"  # 分析


class QuestionState(StrEnum):
    """Where a question stands (domain 5). What papers draw from is APPROVED and IN_USE alone (S1-27, S1-31)."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    RETURNED = "returned"
    APPROVED = "approved"
    IN_USE = "in_use"
    SUSPENDED = "suspended"
    RETIRED = "retired"


class Pool(StrEnum):
    """Apart for good: a question that lessons practise is never drawn for a paper."""

    EXAM = "exam"
    PRACTICE = "practice"


class MediaKind(StrEnum):
    """Files a question may show."""

    PICTURE = "picture"
    AUDIO = "audio"
    VIDEO = "video"


@dataclass(frozen=True)
class Media:
    """A file of the question. name: as `![alt](name)` calls it, unique in the question; sha256: of its bytes, in hex."""

    name: str
    sha256: str
    kind: MediaKind


@dataclass(frozen=True)
class Option:
    """One option. key: A, B, C… in the order shown; of a matching question the left side has 1, 2, 3…, the right A, B, C…."""

    key: str
    text: str


@dataclass(frozen=True)
class Stimulus:
    """The shared material of a case set. uid: the same in all its questions."""

    uid: UUID
    text: str


@dataclass(frozen=True, repr=False)
class Key:
    """What is right. One field is filled, by the type; the others are empty. `repr` says nothing: no log holds a key.

    choices: keys of the options; one (single), two or more in the options' order (multiple), all in the right order
    (ordering). truth: of a true/false question. blanks: for each blank the accepted texts, the best first.
    pairs: (left, right), one for every left key in its order; a right key may be used once or never. model: the expected
    answer of a short one.
    """

    choices: tuple[str, ...] = ()
    truth: bool | None = None
    blanks: tuple[tuple[str, ...], ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()
    model: str = ""

    def __repr__(self) -> str:
        return "Key(…)"


@dataclass(frozen=True)
class Place:
    """Where a question belongs. topic: code of a module of the curriculum (C5-01…), "" while unknown; difficulty: 1 easy …
    5 hard; clause: the source clause, such as 《中华人民共和国广告法》第九条; law: counts as law (at least 10 % of a paper);
    source: who it is from; uncertain: a point of law in it waits for a check."""

    level: Level
    topic: str = ""
    step: Step = Step.UNDERSTAND
    difficulty: int = 3
    clause: str = ""
    law: bool = False
    source: str = ""
    uncertain: bool = False


@dataclass(frozen=True)
class QuestionDocument:
    """A question whole. uid: its name for good, the same in every version and file. marks: suggested, None when the paper
    decides."""

    uid: UUID
    type: QuestionType
    place: Place
    stem: str
    key: Key
    options: tuple[Option, ...] = ()
    explanation: str = field(default="", repr=False)
    marks: Decimal | None = None
    stimulus: Stimulus | None = None
    media: tuple[Media, ...] = ()


@dataclass(frozen=True)
class ReadQuestion:
    """A question as a file tells it, before anybody says where it belongs. where: "第12行", "B7", "item-3.xml"…

    uid, level and the fields of `Place` are None or empty where the file says nothing: the import fills them from its
    own defaults. files: bytes by the media's name.
    """

    where: str
    type: QuestionType
    stem: str
    key: Key
    options: tuple[Option, ...] = ()
    explanation: str = field(default="", repr=False)
    marks: Decimal | None = None
    stimulus: str = ""
    stimulus_uid: UUID | None = None
    uid: UUID | None = None
    level: Level | None = None
    topic: str = ""
    step: Step | None = None
    difficulty: int | None = None
    clause: str = ""
    law: bool | None = None
    source: str = ""
    uncertain: bool = False
    files: tuple[tuple[str, bytes], ...] = ()


@dataclass(frozen=True)
class Refused:
    """What could not be read, where, why, and what to do about it; excerpt: the beginning of it, for the eye.

    read: as far as it could be read, so that it can be mended on the screen; None where there is no question to be seen.
    """

    where: str
    reason: str
    excerpt: str = ""
    read: ReadQuestion | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class Reading:
    """What a file holds. format: plain, word, excel, gift, moodle, qti21, qti22 or qti30; title: the paper's, if any."""

    format: str
    accepted: tuple[ReadQuestion, ...]
    refused: tuple[Refused, ...]
    title: str = ""


@dataclass(frozen=True)
class Fault:
    """What is wrong with a question. field: stem, options, key, place, media…; option: its key, when it is about one."""

    field: str
    message: str
    option: str = ""


@dataclass(frozen=True)
class VersionData:
    """One version for a screen. document.key and explanation are empty unless the key was asked for by right; author: None for
    the installation."""

    uuid: UUID
    number: int
    document: QuestionDocument
    author: UUID | None
    author_name: str
    created_at: datetime
    note: str
    restored_from: int | None


class ReviewVerdict(StrEnum):
    """An expert's word on a version: one return sends it back, the quorum of approvals lets it into the bank (S1-27)."""

    APPROVE = "approve"
    RETURN = "return"


@dataclass(frozen=True)
class Topic:
    """A module of the curriculum. code: C5-01…"""

    code: str
    level: Level
    title: str


@dataclass(frozen=True)
class Filters:
    """What a list is narrowed to; None and "" say nothing. words: looked for in stem, options and shared material.

    mine: questions of which she wrote a version; waiting: those that wait for her verdict.
    """

    words: str = ""
    level: Level | None = None
    topic: str = ""
    type: QuestionType | None = None
    step: Step | None = None
    difficulty: int | None = None
    state: QuestionState | None = None
    pool: Pool | None = None
    mine: bool = False
    waiting: bool = False


@dataclass(frozen=True)
class QuestionRow:
    """One line of a list. serial: what people call it by (题号); version: number of the newest; usable: papers may draw it
    now, by a version that may be older than the newest; opened_at: since when candidates may read it, None: they may not."""

    uuid: UUID
    serial: int
    pool: Pool
    level: Level
    topic: str
    topic_title: str
    type: QuestionType
    step: Step
    difficulty: int
    law: bool
    state: QuestionState
    stem: str
    version: int
    usable: bool
    exposure: int
    opened_at: datetime | None
    is_demo: bool
    author_name: str
    updated_at: datetime


@dataclass(frozen=True)
class QuestionList:
    """A page of a list, newest first. count: how many there are, at most `limit`; beyond: there are more than that.

    before: give it back for the next page, None on the last; after: for the page before, None on the first.
    """

    rows: tuple[QuestionRow, ...]
    count: int
    beyond: bool
    before: int | None
    after: int | None


@dataclass(frozen=True)
class VerdictData:
    """One verdict. current: it counts for what is under review now, or has brought it where it is."""

    number: int
    round: int
    expert_name: str
    verdict: ReviewVerdict
    words: str
    at: datetime
    current: bool


@dataclass(frozen=True)
class CommentData:
    """One remark. number: the version she had before her."""

    author_name: str
    number: int
    words: str
    at: datetime


@dataclass(frozen=True)
class MoveData:
    """One change of state and why. by_name: "" for the installation."""

    before: QuestionState
    after: QuestionState
    reason: str
    by_name: str
    at: datetime


@dataclass(frozen=True)
class KeyLookData:
    """One look at a key. number: of the version; format: of an export, else ""."""

    by_name: str
    number: int
    reason: str
    format: str
    at: datetime


@dataclass(frozen=True)
class Rights:
    """What she may do with a question as it stands now. why_not: why she may not judge or reinstate it, "" when she may or
    when there is nothing to judge."""

    write: bool
    submit: bool
    withdraw: bool
    judge: bool
    why_not: str
    suspend: bool
    reinstate: bool
    retire: bool
    see_key: bool


@dataclass(frozen=True)
class QuestionPage:
    """A question whole, without its key. versions: newest first; the first is the newest. approved: number of the version
    that papers draw, None when there is none. approvals of quorum: how far the review under way is."""

    row: QuestionRow
    versions: tuple[VersionData, ...]
    approved: int | None
    approvals: int
    quorum: int
    verdicts: tuple[VerdictData, ...]
    comments: tuple[CommentData, ...]
    moves: tuple[MoveData, ...]
    looks: tuple[KeyLookData, ...]
    rights: Rights


@dataclass(frozen=True)
class RevealedKey:
    """What the one door to keys gives. media: every file of the version, those too that only the explanation shows."""

    version: UUID
    key: Key
    explanation: str = field(repr=False)
    media: tuple[Media, ...] = ()


@dataclass(frozen=True)
class LookAlike:
    """A question like the one asked about. score: 0 to 1, how much of the text is the same; question and state: None when it
    stands in the same file, at `where`."""

    score: float
    stem: str
    question: UUID | None = None
    serial: int = 0
    pool: Pool | None = None
    state: QuestionState | None = None
    where: str = ""


@dataclass(frozen=True)
class ImportReport:
    """What an import did. made, renewed (a new version of a question that was there), unchanged: uids in the file's order;
    alike: where → what is like it, the most alike first."""

    made: tuple[UUID, ...]
    renewed: tuple[UUID, ...]
    unchanged: tuple[UUID, ...]
    alike: tuple[tuple[str, tuple[LookAlike, ...]], ...]


@dataclass(frozen=True)
class Export:
    """A file on its way out."""

    name: str
    mime: str
    data: bytes = field(repr=False)


@dataclass(frozen=True)
class Drawable:
    """A question as a paper's blueprint sees it: what may be drawn and by which version, no text and no key (S1-31)."""

    question: UUID
    version: UUID
    level: Level
    topic: str
    type: QuestionType
    step: Step
    difficulty: int
    law: bool
    stimulus: UUID | None
    exposure: int


@dataclass(frozen=True)
class PlacedVersion:
    """A version that stands on a paper, and what has become of its question since. place: by this version's own words;
    serial: what people call the question by; number: of this version; usable: papers may draw the question now; renewed: by
    another version."""

    place: Drawable
    serial: int
    number: int
    usable: bool
    renewed: bool


@dataclass(frozen=True)
class PracticeItem:
    """A self-check question of a lesson on its way into the practice pool."""

    document: QuestionDocument
    author: UUID | None


@dataclass(frozen=True)
class StatisticsRow:
    """How many questions of the exam pool one topic has, and how many of them may be drawn."""

    level: Level
    topic: str
    topic_title: str
    questions: int
    usable: int
    law: int
    exposure: int
