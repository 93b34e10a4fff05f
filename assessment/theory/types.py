"""Marks of papers: the words and the frozen shapes. No Django.

A paper's mark is made from facts alone: the answers that count, keys, decided corrections, what people gave to short answers,
the video's mark. So it can be made again at any time, and is written anew only where it comes out differently.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from assessment.bank.types import Key, QuestionType


class Cause(StrEnum):
    """Why a mark was written."""

    FIRST = "first"  # 首次阅卷
    ANSWERS = "answers"  # 迟到答案裁定
    PEOPLE = "people"  # 简答人评
    VIDEO = "video"  # 视频部分
    CORRECTION = "correction"  # 试题更正
    SETTLED = "settled"  # 组长裁定不再等待


class Waits(StrEnum):
    """What a paper's mark waits for."""

    PEOPLE = "people"  # short answers with the examiners
    VIDEO = "video"  # the video's mark


class Step(StrEnum):
    """Decisions about the marks of a sitting."""

    CONFIRMED = "confirmed"
    RELEASED = "released"


class CorrectionKind(StrEnum):
    """What becomes of a question version on papers that were sat."""

    KEY = "key"  # another key
    STRUCK = "struck"  # struck out: everybody who had it gets its marks


class TheoryRefused(Exception):
    """A foreseen refusal. `message` is for the person who asked; `field` names the input.

    code: state, pending, own, tie, confirmed, changed, stale, reason, version, key, same, decided, same_person, settled,
    policy, in_use.
    """

    def __init__(self, message: str, *, code: str, field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.field = field


@dataclass(frozen=True)
class Place:
    """One question of a paper as marking needs it. section: title of its section; topic: its module's code."""

    position: int
    question: UUID
    version: UUID
    type: QuestionType
    section: str
    topic: str
    marks: Decimal


@dataclass(frozen=True)
class Sheet:
    """A paper as marking needs it. total: marks in all, the video's share included; pass_mark: of `total`."""

    paper: UUID
    form: str
    places: tuple[Place, ...]
    video_section: str
    video_share: Decimal
    total: Decimal
    pass_mark: Decimal

    @property
    def versions(self) -> tuple[UUID, ...]:
        """In the paper's order."""
        return tuple(place.version for place in self.places)


@dataclass(frozen=True)
class Correction:
    """A decided change of key, or the question struck out (`key` None)."""

    uuid: UUID
    version: UUID
    key: Key | None = field(repr=False)


@dataclass(frozen=True)
class ItemMark:
    """What one answer is worth. mark None: people have to mark it; outcome: of `marking.objective`, or "struck",
    or "settled" where the chief decided not to wait for them; people: it is theirs to mark."""

    place: Place
    mark: Decimal | None
    outcome: str
    people: bool = False

    def to_json(self) -> dict[str, Any]:
        """As a mark stores it: decimals as text; no key, no answer."""
        place = self.place
        return {
            "position": place.position,
            "question": str(place.question),
            "version": str(place.version),
            "type": place.type.value,
            "section": place.section,
            "topic": place.topic,
            "max": str(place.marks),
            "mark": None if self.mark is None else str(self.mark),
            "outcome": self.outcome,
            "people": self.people,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "ItemMark":
        return cls(
            Place(
                stored["position"],
                UUID(stored["question"]),
                UUID(stored["version"]),
                QuestionType(stored["type"]),
                stored["section"],
                stored["topic"],
                Decimal(stored["max"]),
            ),
            None if stored["mark"] is None else Decimal(stored["mark"]),
            stored["outcome"],
            stored["people"],
        )


STRUCK = "struck"
SETTLED = "settled"
WITH_PEOPLE = "for_people"  # as `marking.objective` says it


@dataclass(frozen=True)
class VideoMark:
    """The mark of the candidacy's video, 0 to 100 with one decimal. proposed_fail: a grave breach stands (domain 4.3)."""

    mark: Decimal
    proposed_fail: bool
    outcome: UUID


@dataclass(frozen=True)
class PaperContent:
    """One mark of one paper, whole.

    machine, people, video: marks of these parts, of `total`; people and video None while pending, 0 where the paper has none.
    mark: 0 to 100, one decimal, half up; None while pending. corrections: those that concern questions of this paper.
    """

    items: tuple[ItemMark, ...]
    total: Decimal
    pass_mark: Decimal
    video_section: str
    video_share: Decimal
    machine: Decimal
    people: Decimal | None
    video: Decimal | None
    mark: Decimal | None
    proposed_fail: bool
    credit_key: str
    credit_hash: str
    corrections: tuple[UUID, ...]
    video_outcome: UUID | None
    people_outcome: UUID | None
    settled: tuple[Waits, ...] = ()
    content_hash: str = ""

    @property
    def waits(self) -> tuple[Waits, ...]:
        """What is missing."""
        found = []
        if self.people is None:
            found.append(Waits.PEOPLE)
        if self.video is None:
            found.append(Waits.VIDEO)
        return tuple(found)


@dataclass(frozen=True)
class Share:
    """Marks of one section or topic. mark None: not all of it is marked."""

    name: str
    mark: Decimal | None
    maximum: Decimal


# For the rooms above -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MarkedItem:
    """One answer of one candidate. response: as JSON reads it, None for no answer; mark None: people have to mark it."""

    position: int
    question: UUID
    version: UUID
    type: QuestionType
    section: str
    topic: str
    max: Decimal
    mark: Decimal | None
    outcome: str
    response: Any


@dataclass(frozen=True)
class MarkedPaper:
    """One candidate's paper by its newest mark. mark None: pending."""

    attempt: UUID
    candidacy: UUID
    form: str
    paper: UUID
    mark: Decimal | None
    items: tuple[MarkedItem, ...]


@dataclass(frozen=True)
class VersionUse:
    """A question version and the sittings whose marks are released or confirmed that asked it, oldest first."""

    question: UUID
    version: UUID
    sittings: tuple[UUID, ...]


# What a correction would change --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Difference:
    """One paper whose mark a correction changes. before, after: of 100; passed…: by the paper's pass mark."""

    attempt: UUID
    sitting: UUID
    sitting_title: str
    code: str
    released: bool
    before: Decimal | None
    after: Decimal | None
    passed_before: bool | None
    passed_after: bool | None

    def to_json(self) -> dict[str, Any]:
        """As a trial stores it: decimals as text."""
        return {
            "attempt": str(self.attempt),
            "sitting": str(self.sitting),
            "sitting_title": self.sitting_title,
            "code": self.code,
            "released": self.released,
            "before": None if self.before is None else str(self.before),
            "after": None if self.after is None else str(self.after),
            "passed_before": self.passed_before,
            "passed_after": self.passed_after,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Difference":
        def number(name: str) -> Decimal | None:
            return None if stored[name] is None else Decimal(stored[name])

        return cls(
            UUID(stored["attempt"]),
            UUID(stored["sitting"]),
            stored["sitting_title"],
            stored["code"],
            stored["released"],
            number("before"),
            number("after"),
            stored["passed_before"],
            stored["passed_after"],
        )


@dataclass(frozen=True)
class Trial:
    """A stored dry run. rows: the first of those that change; figures: of all of them."""

    uuid: UUID
    figures: Mapping[str, int]
    sittings: tuple[str, ...]
    rows: tuple[Difference, ...]
    at: datetime


@dataclass(frozen=True)
class Trying:
    """How a dry run stands: its trial, or how far the worker is (0 to 1, None when it waits), or that it gave up."""

    trial: Trial | None = None
    progress: float | None = None
    failed: bool = False


@dataclass(frozen=True)
class DryRun:
    """What a correction would change, before anybody decides it. papers: how many were marked with the version."""

    sittings: tuple[tuple[UUID, str], ...]
    papers: int
    changed: tuple[Difference, ...]

    @property
    def raised(self) -> int:
        """How many gain."""
        return sum(one.before is not None and one.after is not None and one.after > one.before for one in self.changed)

    @property
    def lowered(self) -> int:
        """How many lose: what a decision looks at first."""
        return sum(one.before is not None and one.after is not None and one.after < one.before for one in self.changed)

    @property
    def now_pass(self) -> int:
        """How many pass anew."""
        return sum(one.passed_after is True and one.passed_before is False for one in self.changed)

    @property
    def now_fail(self) -> int:
        """How many fail anew."""
        return sum(one.passed_after is False and one.passed_before is True for one in self.changed)

    def to_json(self) -> dict[str, int]:
        """What a decision keeps of it."""
        return {
            "sittings": len(self.sittings),
            "papers": self.papers,
            "changed": len(self.changed),
            "raised": self.raised,
            "lowered": self.lowered,
            "now_pass": self.now_pass,
            "now_fail": self.now_fail,
        }


@dataclass(frozen=True)
class Released:
    """What became of a sitting's marks. told: candidates whose result is out already."""

    papers: int
    told: int
    at: datetime | None
