"""States of a grade decision, and the pages that explain it. No Django."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from assessment.specification.types import Part
from lms.policies.types import DecisionCard, Grade
from media_pipeline.assets.types import Pages


class GradeState(StrEnum):
    """Where a grade decision stands (domain 3.2, 成绩认定; appeals come with a later step)."""

    COMPUTED = "computed"  # 待组长确认; without a grade: 待补齐
    CHIEF_CONFIRMED = "chief_confirmed"  # 组长已确认
    PUBLISHED = "published"  # 已发布
    SUPERSEDED = "superseded"  # 已由新的认定代替


# One table of allowed moves; every other move raises IllegalMove.
MOVES: dict[GradeState, frozenset[GradeState]] = {
    GradeState.COMPUTED: frozenset({GradeState.CHIEF_CONFIRMED, GradeState.SUPERSEDED}),
    GradeState.CHIEF_CONFIRMED: frozenset({GradeState.PUBLISHED, GradeState.SUPERSEDED}),
    GradeState.PUBLISHED: frozenset({GradeState.SUPERSEDED}),
    GradeState.SUPERSEDED: frozenset(),
}
# On its way to being published: at most one decision of a candidacy, and at most one published.
OPEN_STATES = (GradeState.COMPUTED, GradeState.CHIEF_CONFIRMED)


class Onward(StrEnum):
    """What a released decision leads to."""

    PASSED = "passed"
    RESIT = "resit"  # 补考: what failed may be sat again
    OVER = "over"  # no resit is left, and the policy says nothing more
    RETAKE_REQUIRED = "retake_required"  # 重修: the training has to be taken again


class ResitState(StrEnum):
    """How somebody stands with a part or the whole; a later one outweighs the earlier where parts are put together."""

    PASSED = "passed"
    FIRST = "first"  # nothing of it was released yet
    RESIT = "resit"
    USED_UP = "used_up"
    RETAKE_REQUIRED = "retake_required"


@dataclass(frozen=True)
class Standing:
    """used: resits sat and released, the first attempt is none; allowed None: no limit."""

    used: int
    allowed: int | None
    state: ResitState


@dataclass(frozen=True)
class PartGrade:
    """One part of an assessment as a decision counts it. Marks are out of 100, one decimal.

    weight: share of the composite; mark None while the part is missing. proposed_fail: a grave breach was confirmed
    (severity B), which no mark makes good. outcome: of the room that marked the part; submission: the work marked. expired: a
    pass of it counted until that day, and the part is missing again.
    """

    part: Part
    weight: Decimal
    pass_mark: Decimal
    mark: Decimal | None = None
    proposed_fail: bool = False
    outcome: UUID | None = None
    submission: UUID | None = None
    expired: date | None = None

    @property
    def passed(self) -> bool | None:
        """None while it is missing."""
        if self.mark is None:
            return None
        return self.mark >= self.pass_mark and not self.proposed_fail

    def to_json(self) -> dict[str, Any]:
        """As a decision stores it: decimals as text."""
        stored = {
            "part": str(self.part),
            "weight": str(self.weight),
            "pass_mark": str(self.pass_mark),
            "mark": None if self.mark is None else str(self.mark),
            "proposed_fail": self.proposed_fail,
            "outcome": str(self.outcome) if self.outcome else None,
            "submission": str(self.submission) if self.submission else None,
        }
        # Only where it says something: what was stored before has the same text and hash for good.
        return {**stored, "expired": self.expired.isoformat()} if self.expired else stored

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "PartGrade":
        return cls(
            part=Part(stored["part"]),
            weight=Decimal(stored["weight"]),
            pass_mark=Decimal(stored["pass_mark"]),
            mark=None if stored["mark"] is None else Decimal(stored["mark"]),
            proposed_fail=stored["proposed_fail"],
            outcome=UUID(stored["outcome"]) if stored["outcome"] else None,
            submission=UUID(stored["submission"]) if stored["submission"] else None,
            expired=date.fromisoformat(stored["expired"]) if stored.get("expired") else None,
        )


@dataclass(frozen=True)
class GradeData:
    """A grade decision as other rooms are given it. grade and composite None while a part is missing."""

    decision: UUID
    candidacy: UUID
    version: int
    state: GradeState
    parts: tuple[PartGrade, ...]
    composite: Decimal | None
    grade: Grade | None
    policy_decision: UUID
    content_hash: str
    released_at: datetime | None


class Act(StrEnum):
    """What this person may do with a decision now."""

    CONFIRM = "confirm"
    RELEASE = "release"


@dataclass(frozen=True)
class SumRow:
    """One line of the sum. tone: "" or "bad"; total: the line under the stroke."""

    label: str
    value: str
    tone: str = ""
    total: bool = False


@dataclass(frozen=True)
class Piece:
    """A run of what she said. tone: "" plain, "bad" or "warn" the words in question, "masked" a name (its placeholder)."""

    text: str
    tone: str


@dataclass(frozen=True)
class DeductionView:
    """Why marks were taken away. pieces: the line heard with the words in question, names masked; start_s, end_s: seconds in
    the video; provision: what the rubric says such a breach costs; cost: what this one cost; decided: by whom."""

    severity_label: str
    tone: str
    category_name: str
    law: str
    law_note: str
    provision: str
    pieces: list[Piece]
    start_s: float
    end_s: float
    cost: str
    decided: str


@dataclass(frozen=True)
class CriterionView:
    """One criterion: mean of the counted sheets and the most it can be. low: below the pass share."""

    title: str
    mean: Decimal
    maximum: Decimal
    low: bool


@dataclass(frozen=True)
class SheetView:
    """One examiner as 甲乙丙. counted: it made the mark."""

    label: str
    total: Decimal
    counted: bool


@dataclass(frozen=True)
class WatchView:
    """Her video beside the reasons."""

    video_url: str
    captions_url: str
    poster_url: str
    duration_s: float
    start_s: float


@dataclass(frozen=True)
class WorkView:
    """How one video came to its mark. why: the heading over the deductions; nothing: what to say when there are none.

    words_of_chief: why the chief decided as she did, "" when nothing was left to
    her. waived: titles of criteria that a decision waives. code: the blind code, for those who know the work by it."""

    code: str
    why: str
    nothing: str
    deductions: list[DeductionView]
    criteria: list[CriterionView]
    sheets: list[SheetView]
    words_of_chief: str
    rubric: str
    evidence_url: str
    waived: tuple[str, ...] = ()


@dataclass(frozen=True)
class Explained:
    """A grade decision in words, the same for a pass and a fail. tone: ok, bad, or notrun while a part is missing.

    grounds: the stored policy decision, reason by reason; works: each part that is a video. foot: what it stands on;
    rules_url, policy_url: where to read that."""

    tone: str
    title: str
    verdict: str
    summary: str
    sum: list[SumRow]
    works: list[WorkView]
    grounds: DecisionCard
    foot: str
    rules_url: str
    policy_url: str


@dataclass(frozen=True)
class ResultPage:
    """The trainee's page. number: of this result; version counts her results of this assessment, released_at shown.

    next: what comes now, sentences; newer_url: a later decision that stands instead, "" when this one does; watch: None when
    there is nothing to watch."""

    uuid: UUID
    number: str
    class_name: str
    level_label: str
    explained: Explained
    next: list[str]
    watch: WatchView | None
    released_at: datetime
    newer_url: str
    list_url: str


@dataclass(frozen=True)
class MyResultRow:
    """One of her own published results."""

    class_name: str
    level_label: str
    grade_label: str
    tone: str
    released_at: datetime
    url: str


@dataclass(frozen=True)
class ResultRow:
    """One decision on the desk. subject: the blind code for a chief, the masked name for everybody else; act: what may be
    done with it here, None for nothing. grade_label is "" and composite None while a part is missing."""

    uuid: UUID
    subject: str
    class_name: str
    level_label: str
    marks: str
    composite: Decimal | None
    grade_label: str
    tone: str
    state_label: str
    state_tone: str
    version: int
    moved_at: datetime
    act: Act | None
    url: str


@dataclass(frozen=True)
class Shelf:
    """One of the lists of the desk, with how many lie in it."""

    key: str
    label: str
    count: int
    url: str
    current: bool


@dataclass(frozen=True)
class ResultsPage:
    """The desk's list. blind: works by code, without names; act: what may be done with those selected, None for nothing."""

    rows: list[ResultRow]
    pages: Pages
    shelves: list[Shelf]
    shelf: str
    blind: bool
    act: Act | None


@dataclass(frozen=True)
class JudgementPage:
    """One decision on the desk, with what she will read. subject, act and blind as in the list; waits: what it waits for.

    versions: every decision of this candidacy, newest first."""

    uuid: UUID
    number: str
    subject: str
    blind: bool
    class_name: str
    organisation_name: str
    level_label: str
    state_label: str
    state_tone: str
    act: Act | None
    waits: str
    explained: Explained
    versions: list[ResultRow]
    confirmed_at: datetime | None
    released_at: datetime | None
    confirm_url: str
    release_url: str
    list_url: str
