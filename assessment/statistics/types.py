"""Answers as a matrix, and the figures and flags drawn from it. No Django.

Candidates are rows, items (question versions) are columns. Figures that cannot be had (no variance, nobody reached the
item…) are None, never zero.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from assessment.bank.types import QuestionType

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


class Seen(IntEnum):
    """What a candidate did with an item."""

    NOT_ASKED = 0  # not on her form
    ANSWERED = 1
    OMITTED = 2  # left empty on her way, or handed in empty: wrong
    NOT_REACHED = 3  # her time ran out before it: worth nothing to her, and says nothing about the item


@dataclass(frozen=True)
class Asked:
    """An item. maximum: its marks, above 0; options: what can be chosen, in order (A, B… or true, false), () where there is
    nothing to choose; key: the right ones of them."""

    question: UUID
    version: UUID
    type: QuestionType
    maximum: float
    options: tuple[str, ...] = ()
    key: frozenset[str] = field(default=frozenset(), repr=False)


@dataclass(frozen=True)
class Given:
    """An answer. position: where the item stood for her, from 1; marks: None for what nobody has marked yet; chosen: the
    options she chose, none when she left it empty."""

    position: int
    answered: bool
    marks: float | None
    chosen: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Sheet:
    """A candidate's answers by version; what is missing was not on her form. timed_out: her time ran out; who hands in early
    has reached everything."""

    answers: Mapping[UUID, Given]
    timed_out: bool = True


@dataclass(frozen=True, eq=False)
class Responses:
    """Everybody's answers. shares: marks as a share of the item's, 0 to 1, candidates × items, NaN where not asked; seen:
    codes of `Seen`, same shape; chosen: bit n is the item's option n, same shape."""

    items: tuple[Asked, ...]
    shares: Floats
    seen: NDArray[np.uint8]
    chosen: NDArray[np.uint32]

    def __post_init__(self) -> None:
        if not self.shares.shape == self.seen.shape == self.chosen.shape or self.shares.shape[1:] != (len(self.items),):
            raise ValueError("shares, seen and chosen are candidates × items")
        if any(item.maximum <= 0 or len(item.options) > 32 for item in self.items):
            raise ValueError("an item has marks above 0 and at most 32 options")
        with np.errstate(invalid="ignore"):
            unfit = (self.shares < 0) | (self.shares > 1) | (np.isnan(self.shares) != (self.seen == Seen.NOT_ASKED))
        if bool(unfit.any()):
            raise ValueError("shares lie between 0 and 1, and are NaN where an item was not asked and nowhere else")

    @property
    def maxima(self) -> Floats:
        """Marks of the items."""
        return np.array([item.maximum for item in self.items], dtype=np.float64)

    @property
    def asked(self) -> Bools:
        """Who was asked what."""
        return self.seen != Seen.NOT_ASKED

    @property
    def reached(self) -> Bools:
        """Who came to what: answered or left empty."""
        return (self.seen == Seen.ANSWERED) | (self.seen == Seen.OMITTED)


# Classical figures -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class OptionRow:
    """One option. low, middle, high: how many of each third by total chose it; share: of those who reached the item; rest:
    mean share of the other items' marks of who chose it; correlation: of choosing it with the other items' marks; lead: how
    many standard errors those who chose it stand above those who were right, by the other items' marks (Welch)."""

    option: str
    right: bool
    low: int
    middle: int
    high: int
    share: float | None
    rest: float | None
    correlation: float | None
    lead: float | None

    @property
    def chosen(self) -> int:
        """How many chose it."""
        return self.low + self.middle + self.high


@dataclass(frozen=True)
class ItemFigures:
    """One item. facility: mean share of its marks over those who reached it; correlation: with the marks of the other items,
    over the same (corrected item–total); upper_lower: facility of the best third less that of the weakest; alpha_without:
    of the test without it; partial: share of answers that earned part of the marks; rest_of_right: mean share of the other
    items' marks of those who were right. options: () where there is nothing to choose."""

    item: Asked
    asked: int
    answered: int
    omitted: int
    not_reached: int
    facility: float | None
    correlation: float | None
    upper_lower: float | None
    alpha_without: float | None
    partial: float
    rest_of_right: float | None
    options: tuple[OptionRow, ...]

    @property
    def reached(self) -> int:
        """How many came to it."""
        return self.answered + self.omitted


@dataclass(frozen=True)
class TestFigures:
    """The test as a whole, in marks. alpha, error (standard error of measurement): None when not everybody was asked the
    same items, or there are fewer than two."""

    candidates: int
    items: int
    maximum: float
    mean: float | None
    deviation: float | None
    lowest: float | None
    median: float | None
    highest: float | None
    alpha: float | None
    error: float | None


# Rasch -----------------------------------------------------------------------------------------------------------------


class Left(StrEnum):
    """Why an item has no difficulty."""

    ALL_RIGHT = "all_right"
    ALL_WRONG = "all_wrong"
    PARTIAL = "partial"  # marked in steps: not a matter of right or wrong


@dataclass(frozen=True)
class RaschItem:
    """Difficulty in logits, 0 the mean of the test's; error: its standard error. infit, outfit: mean squares, 1 expected;
    infit_z, outfit_z: how many standard errors they lie from 1. left: why there is none."""

    item: Asked
    difficulty: float | None
    error: float | None
    infit: float | None
    outfit: float | None
    infit_z: float | None
    outfit_z: float | None
    left: Left | None = None


@dataclass(frozen=True)
class ScaleRow:
    """One score of right answers on the whole form, and what it says. ability: in logits (Warm); error: its standard error."""

    score: int
    ability: float
    error: float


@dataclass(frozen=True, eq=False)
class RaschFigures:
    """The model of one matrix. ability, ability_error: by candidate, NaN for whom nothing can be said; covariance: of the
    difficulties, items × items, NaN for items left out; separation: reliability of the abilities; rounds: of Newton's
    method."""

    items: tuple[RaschItem, ...]
    scale: tuple[ScaleRow, ...]
    ability: Floats
    ability_error: Floats
    covariance: Floats
    separation: float | None
    candidates: int
    rounds: int


@dataclass(frozen=True)
class MapRow:
    """One step of an item–person map: from `lowest` logits, below the next."""

    lowest: float
    candidates: int
    items: int


class NoRasch(ValueError):
    """The answers allow no estimate, and why: `reason` is one of "few", "split", "many", "slow"."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


# Drift -----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Drift:
    """One item in two groups or versions. before, after: facility or difficulty; difference: after less before; z: in standard
    errors; p: two-sided; q: p among all items' (Benjamini and Hochberg): flag below 0.05 and one in twenty flags is
    idle."""

    before_item: Asked
    after_item: Asked
    before: float
    after: float
    difference: float
    z: float
    p: float
    q: float


# Flags -----------------------------------------------------------------------------------------------------------------


class Code(StrEnum):
    """What the committee should look at."""

    TOO_FEW = "too_few"  # nothing else is said of this item
    TOO_HARD = "too_hard"
    TOO_EASY = "too_easy"
    NEGATIVE = "negative"  # the able get it wrong: look at the key first
    WEAK = "weak"
    DISTRACTOR_ABLE = "distractor_able"  # chosen by more able candidates than the key
    DISTRACTOR_IDLE = "distractor_idle"  # chosen by hardly anybody
    NOT_REACHED = "not_reached"
    MISFIT_HIGH = "misfit_high"  # noisier than the model
    MISFIT_LOW = "misfit_low"  # more regular than the model: repeats others
    DRIFT = "drift"
    ALPHA_LOW = "alpha_low"  # of the test


class Weight(StrEnum):
    """How much it matters."""

    URGENT = "urgent"
    LOOK = "look"
    NOTE = "note"


@dataclass(frozen=True)
class Flag:
    """found: the figure; limit: the threshold it passed; version: the item's, None for the test; option: where it is about
    one."""

    code: Code
    weight: Weight
    found: float
    limit: float
    version: UUID | None = None
    option: str = ""


@dataclass(frozen=True)
class Thresholds:
    """When a flag goes up (`data/flags.yaml`)."""

    candidates_min: int
    facility_min: float
    facility_max: float
    correlation_min: float
    negative_z_min: float
    distractor_choosers_min: int
    distractor_lead_min: float
    distractor_share_min: float
    not_reached_max: float
    rasch_candidates_min: int
    partial_max: float
    fit_min: float
    fit_max: float
    fit_z_min: float
    drift_q_max: float
    drift_facility_min: float
    drift_difficulty_min: float
    alpha_min: float
    shown_min: int
    correlation_usual: float
    chance_z: float
    distractor_wrong_min: int
    reach: Weight
    weights: Mapping[Code, Weight]
    worse: Mapping[Code, float]


@dataclass(frozen=True, eq=False)
class Report:
    """All of it for one matrix. no_rasch: why there is no Rasch model, "" when there is one."""

    test: TestFigures
    items: tuple[ItemFigures, ...]
    rasch: RaschFigures | None
    no_rasch: str
    flags: tuple[Flag, ...]

    def flags_of(self, version: UUID) -> tuple[Flag, ...]:
        """Of one item, the weightiest first."""
        return tuple(flag for flag in self.flags if flag.version == version)


# Stored runs -----------------------------------------------------------------------------------------------------------


class RunKind(StrEnum):
    """Whose answers a run takes together."""

    SITTING = "sitting"
    GROUP = "group"  # parallel forms of one paper, over every sitting that used them
    LEVEL = "level"  # every version, over all released sittings of a level


class Same(StrEnum):
    """What makes two columns the same item."""

    VERSION = "version"
    QUESTION = "question"  # whatever the version: what did the edit do?


class ConcernState(StrEnum):
    """Where a question with bad statistics stands: people decide; the machine only says that nothing flags it any more."""

    OPEN = "open"
    KEPT = "kept"
    SUSPENDED = "suspended"
    LAPSED = "lapsed"


CONCERN_MOVES: dict[ConcernState, frozenset[ConcernState]] = {
    ConcernState.OPEN: frozenset({ConcernState.KEPT, ConcernState.SUSPENDED, ConcernState.LAPSED}),
    ConcernState.KEPT: frozenset(),
    ConcernState.SUSPENDED: frozenset(),
    ConcernState.LAPSED: frozenset(),
}


@dataclass(frozen=True)
class Booklet:
    """What one group of candidates was asked, and what they gave. paper: None for all versions of a level; positions: where an
    item stands on it, from 1, 0 where there is no paper."""

    paper: UUID | None
    form: str
    items: tuple[Asked, ...]
    positions: tuple[int, ...]
    sheets: tuple[Sheet, ...]


@dataclass(frozen=True)
class ItemRecord:
    """One item of a run as it is kept. figures, flags: plain JSON without a word of the key; options: the same for who may see
    keys (which option is right, and what the flags about options speak of)."""

    question: UUID
    version: UUID
    position: int
    figures: Mapping[str, Any]
    flags: tuple[Flag, ...]
    options: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True)
class OptionFigures:
    """What `ItemRecord.options` says. flags: pairs of code and option."""

    rows: tuple[OptionRow, ...]
    flags: tuple[tuple[Code, str], ...]


@dataclass(frozen=True)
class PartRecord:
    """One booklet of a run as it is kept. content: plain JSON of the test."""

    content: Mapping[str, Any]
    items: tuple[ItemRecord, ...]


class StatisticsRefusal(Exception):
    """A foreseen refusal. `message` is for the person who asked; `field` names the input. code: state, reason, answers."""

    def __init__(self, message: str, *, code: str, field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.field = field
