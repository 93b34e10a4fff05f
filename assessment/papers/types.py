"""Blueprints, what the bank offers them, and papers (S1-31). No Django.

A blueprint says what every paper of a kind is made of. A paper names versions of questions and their marks: no text, no key.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from assessment.bank.types import QuestionType, Step
from lms.core.types import Level

# Names of parallel forms. More would ask for a bank many times the paper, and are another drawing.
FORMS = "ABCD"


class Source(StrEnum):
    """Where the marks of a section come from."""

    BANK = "bank"  # questions that stand alone
    CASE = "case"  # 案例: questions about shared material
    VIDEO = "video"  # a share of the video part's mark; no questions


@dataclass(frozen=True)
class Ask:
    """So many questions of one type. marks: each."""

    type: QuestionType
    count: int
    marks: Decimal


@dataclass(frozen=True)
class Section:
    """One section (大题). asks: one for a bank section, one or more of different types for a case section, none for video.

    cases: over how many shared materials at most a case section's questions may be spread; share: marks of the video.
    """

    title: str
    source: Source
    asks: tuple[Ask, ...] = ()
    cases: int = 1
    share: Decimal = Decimal(0)

    @property
    def count(self) -> int:
        """Questions."""
        return sum(ask.count for ask in self.asks)

    @property
    def marks(self) -> Decimal:
        """Marks in all, of the questions or the video."""
        return sum((ask.count * ask.marks for ask in self.asks), self.share)


class Measure(StrEnum):
    """What shares of topics are taken of."""

    MARKS = "marks"
    COUNT = "count"


@dataclass(frozen=True)
class TopicShare:
    """Topics that together make a share. share and tolerance: percent of what is drawn (marks or number of questions)."""

    name: str
    codes: tuple[str, ...]
    share: Decimal
    tolerance: Decimal


@dataclass(frozen=True)
class Share:
    """A share of the questions drawn, in percent, give or take `tolerance` points."""

    share: Decimal
    tolerance: Decimal


@dataclass(frozen=True)
class BlueprintContent:
    """What every paper of the kind is made of.

    law_minimum: percent of the paper's whole marks that questions of law have at least (domain 4.4). forbidden_pairs:
    uids of questions never on one form. overlap_limit: percent of its questions that two parallel forms may have in common.
    exposure_limit: a question used more often is not drawn; None: however often.
    """

    key: str
    level: Level
    title: str
    note: str
    minutes: int
    total: Decimal
    pass_mark: Decimal
    sections: tuple[Section, ...]
    topic_measure: Measure = Measure.MARKS
    topics: tuple[TopicShare, ...] = ()
    difficulty: Mapping[int, Share] = field(default_factory=dict)
    steps: Mapping[Step, Share] = field(default_factory=dict)
    law_minimum: Decimal = Decimal(10)
    forbidden_pairs: tuple[tuple[UUID, UUID], ...] = ()
    overlap_limit: Decimal = Decimal(0)
    exposure_limit: int | None = None

    @property
    def count(self) -> int:
        """Questions of a form."""
        return sum(section.count for section in self.sections)

    @property
    def drawn_marks(self) -> Decimal:
        """Marks of the questions: without the video's share."""
        return sum((section.marks - section.share for section in self.sections), Decimal(0))


@dataclass(frozen=True)
class Fault:
    """What is wrong with a blueprint. where: as `sections.1.count`; code: a word of `presentation.FAULTS`; said: its
    figures."""

    where: str
    code: str
    said: Mapping[str, str] = field(default_factory=dict)


class QuotaKind(StrEnum):
    """What a blueprint asks of a paper."""

    SECTION = "section"
    TOPIC = "topic"
    DIFFICULTY = "difficulty"
    STEP = "step"
    LAW = "law"
    PAIRS = "pairs"  # only ever failed: with every other quota kept, so many forbidden pairs would stand together
    OVERLAP = "overlap"


@dataclass(frozen=True)
class Quota:
    """One thing asked, in questions or marks, both ends included. high None: no upper end.

    name: title of the section, name of the topics, the difficulty, the step; type: of a section's questions.
    """

    kind: QuotaKind
    name: str
    measure: Measure
    low: Decimal
    high: Decimal | None
    type: QuestionType | None = None


@dataclass(frozen=True)
class Met:
    """How a form meets a quota. form: A…; of the overlap both, as AB."""

    quota: Quota
    form: str
    found: Decimal


@dataclass(frozen=True)
class Shortfall:
    """A quota that no drawing meets together with the others. found: the nearest that can be had; by: how far that is off,
    above 0, in the quota's measure; a `found` above the upper end is too much, else it is too little."""

    quota: Quota
    form: str
    found: Decimal
    by: Decimal


@dataclass(frozen=True)
class PaperItem:
    """One question on a paper. position: from 1 through the whole paper; marks: for it alone; stimulus: uid of its case."""

    position: int
    question: UUID
    version: UUID
    type: QuestionType
    marks: Decimal
    stimulus: UUID | None


@dataclass(frozen=True)
class SectionData:
    """One section of a paper. items: none for the video, whose share of the marks is `video_share`."""

    title: str
    kind: Source
    items: tuple[PaperItem, ...]
    video_share: Decimal

    @property
    def marks(self) -> Decimal:
        """In all."""
        return sum((item.marks for item in self.items), self.video_share)


@dataclass(frozen=True)
class DrawnForm:
    """One form as drawn. met: every quota of it."""

    form: str
    sections: tuple[SectionData, ...]
    met: tuple[Met, ...]

    @property
    def items(self) -> tuple[PaperItem, ...]:
        """Every question in its order."""
        return tuple(item for section in self.sections for item in section.items)


@dataclass(frozen=True)
class Drawn:
    """Parallel forms of one drawing. overlaps: what each pair of forms has in common."""

    seed: int
    forms: tuple[DrawnForm, ...]
    overlaps: tuple[Met, ...]


@dataclass(frozen=True)
class Offer:
    """What the bank has for one quota now. questions: so many drawable ones would count for it, each section's type taken."""

    quota: Quota
    questions: int


class PaperState(StrEnum):
    """Where a paper stands: drawn → approved → used; withdrawn for good, with a reason."""

    DRAWN = "drawn"
    APPROVED = "approved"
    USED = "used"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class BlueprintData:
    """One version of a blueprint. author_name: "" for the installation."""

    uuid: UUID
    key: str
    level: Level
    version: int
    content_hash: str
    title: str
    content: BlueprintContent
    approved: bool
    approved_at: datetime | None
    author_name: str
    created_at: datetime


@dataclass(frozen=True)
class PaperData:
    """A paper as delivery and marking read it. group: its parallel forms have the same one."""

    uuid: UUID
    blueprint_key: str
    blueprint_version: int
    blueprint_hash: str
    level: Level
    title: str
    form: str
    group: UUID
    seed: int
    minutes: int
    total: Decimal
    pass_mark: Decimal
    sections: tuple[SectionData, ...]
    content_hash: str
    state: PaperState

    @property
    def items(self) -> tuple[PaperItem, ...]:
        """Every question in its order."""
        return tuple(item for section in self.sections for item in section.items)


class NoBlueprint(LookupError):
    """There is no such blueprint, or none of its versions is approved."""


class NoPaper(LookupError):
    """There is no such paper, or it may not be sat."""


class PaperRefusal(Exception):
    """A foreseen refusal. `message` is for the person who asked; `field` names the input.

    code: faults, same, approved, newer, unapproved, level, short, changed, state, reason, drawable.
    """

    def __init__(self, message: str, *, code: str, field: str = "", shortfalls: tuple[Shortfall, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.field = field
        self.shortfalls = shortfalls
