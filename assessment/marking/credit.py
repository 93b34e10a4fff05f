"""What an answer that is partly right earns: policies as data (`data/credit.yaml`) and their reader. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from assessment.bank.types import QuestionType

FILE = Path(__file__).parent / "data" / "credit.yaml"


class Credit(StrEnum):
    """Ways to count an answer of several parts."""

    ALL_OR_NOTHING = "all_or_nothing"
    RIGHT_MINUS_WRONG = "right_minus_wrong"
    RIGHT_SHARE = "right_share"
    FIXED_SHARE = "fixed_share"
    PER_PART = "per_part"


# The ways that mean something for a type. Whoever guesses every option must not earn by it, so PER_PART is none of MULTIPLE.
WAYS: Mapping[QuestionType, frozenset[Credit]] = {
    QuestionType.MULTIPLE: frozenset(Credit) - {Credit.PER_PART},
    QuestionType.FILL: frozenset({Credit.ALL_OR_NOTHING, Credit.PER_PART}),
    QuestionType.ORDERING: frozenset({Credit.ALL_OR_NOTHING, Credit.PER_PART}),
    QuestionType.MATCHING: frozenset({Credit.ALL_OR_NOTHING, Credit.PER_PART}),
}


class PolicyFault(ValueError):
    """A policy's content cannot be read or makes no sense."""


@dataclass(frozen=True)
class CreditPolicy:
    """How each type counts. share: what FIXED_SHARE gives, between 0 and 1; the default is domain 4.4: all or nothing."""

    multiple: Credit = Credit.ALL_OR_NOTHING
    fill: Credit = Credit.ALL_OR_NOTHING
    ordering: Credit = Credit.ALL_OR_NOTHING
    matching: Credit = Credit.ALL_OR_NOTHING
    share: Fraction = Fraction(1, 2)

    def way(self, type_: QuestionType) -> Credit:
        """Types without parts count as a whole."""
        return getattr(self, type_.value, Credit.ALL_OR_NOTHING)


STRICT = CreditPolicy()


def read_policy(content: Mapping[str, Any]) -> CreditPolicy:
    """A policy out of plain data: {multiple: right_share, share: "1/2", …}; `title` is for people. Raises PolicyFault."""
    said = {name: value for name, value in content.items() if name != "title"}
    try:
        share = Fraction(str(said.pop("share", "1/2")))
        ways = {QuestionType(name): Credit(way) for name, way in said.items()}
    except (ValueError, ZeroDivisionError) as fault:
        raise PolicyFault(f"a policy of credit cannot be read: {fault}") from fault
    for type_, way in ways.items():
        if way not in WAYS.get(type_, ()):
            raise PolicyFault(f"{type_} cannot be counted by {way}")
    if not 0 < share < 1:
        raise PolicyFault("the share lies between 0 and 1")
    return CreditPolicy(**{type_.value: way for type_, way in ways.items()}, share=share)


@cache
def policies() -> Mapping[str, CreditPolicy]:
    """The policies we ship, by key."""
    said = yaml.safe_load(FILE.read_text(encoding="utf-8"))["policies"]
    return {key: read_policy(content) for key, content in said.items()}
