"""What a rule pack is made of."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from lms.core.types import ProductKind
from media_pipeline.stages.types import Severity

FOOD_KINDS = frozenset({ProductKind.FOOD, ProductKind.TEA, ProductKind.HEALTH_FOOD, ProductKind.ALCOHOL})


@dataclass(frozen=True)
class Rule:
    """One row of flag-terms.csv with its patterns. `law` is free of source tags; `law_note` names what is not verified;
    `rewording` is what a host may say instead."""

    id: str
    category: str
    category_name: str
    category_name_en: str
    law: str
    law_note: str
    term: str
    severity: Severity
    scope: str
    patterns: tuple[re.Pattern[str], ...]
    rewording: str = ""

    def applies_to(self, product: ProductKind | None) -> bool:
        """Scope of a term (domain, "Product kinds"): undeclared products are held to food and cosmetics rules too."""
        match self.scope:
            case "all":
                return True
            case "food":
                return product is None or product in FOOD_KINDS
            case "cosmetics":
                return product is None or product is ProductKind.COSMETICS
            case "alcohol":
                return product is ProductKind.ALCOHOL
        raise ValueError(f"{self.id}: unknown scope {self.scope!r}")


@dataclass(frozen=True)
class Excuses:
    """When a hit is none. `negations`: (characters it reaches over, words), each in the clause of the hit.
    `judgements`: (categories, or none for all; words that condemn or prove what was said before them; what takes such a
    judgement back)."""

    stretches: Mapping[str, tuple[re.Pattern[str], ...]]
    negations: tuple[tuple[int, re.Pattern[str]], ...]
    turn: re.Pattern[str]
    negated_within: re.Pattern[str]
    denial: re.Pattern[str]
    denial_beyond: re.Pattern[str]
    deaf: frozenset[str]
    forbidden_reach: int
    forbidden: re.Pattern[str]
    forbidden_turn: re.Pattern[str]
    warned: frozenset[str]
    warning_before: re.Pattern[str]
    warning_after: re.Pattern[str]
    quotation_reach: int
    reporter: re.Pattern[str]
    refutation: re.Pattern[str]
    judgements: tuple[tuple[frozenset[str], re.Pattern[str], re.Pattern[str]], ...] = ()


@dataclass(frozen=True)
class StatementRule:
    """A required statement. `across`: all of these somewhere in the work also count. `when`: asked for only where this is
    said; `declared_ai`: only where the work was declared as made with AI. `words`: how it is said most often, for the
    recogniser."""

    id: str
    zh: str
    en: str
    applies: frozenset[str]
    patterns: tuple[re.Pattern[str], ...]
    across: tuple[re.Pattern[str], ...]
    when: re.Pattern[str] | None
    declared_ai: bool = False
    words: tuple[str, ...] = ()


class How(IntEnum):
    """The surer first: the term itself, a pattern of it, its sound."""

    TERM = 0
    PATTERN = 1
    SOUND = 2


@dataclass(frozen=True)
class Hit:
    """Stream characters `start..end` where a rule struck, and how."""

    rule: Rule
    start: int
    end: int
    how: How

    @property
    def suspected(self) -> bool:
        return self.how is How.SOUND
