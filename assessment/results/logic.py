"""What a decision is made of, in a form that can be hashed; and how far a mark is from passing. Pure."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from assessment.results.types import PartGrade
from assessment.specification.types import Part
from lms.policies.types import Grade


def canonical(
    *,
    candidacy: UUID,
    version: int,
    specification_hash: str,
    profile_hash: str,
    policy_decision: UUID,
    parts: Sequence[PartGrade],
    composite: Decimal | None,
    grade: Grade | None,
) -> str:
    """The whole content of a decision as one text, the same for the same content."""
    content = {
        "candidacy": str(candidacy),
        "version": version,
        "specification": specification_hash,
        "profile": profile_hash,
        "policy_decision": str(policy_decision),
        "parts": [part.to_json() for part in parts],
        "composite": None if composite is None else str(composite),
        "grade": None if grade is None else str(grade),
    }
    return json.dumps(content, ensure_ascii=False, sort_keys=True)


@dataclass(frozen=True)
class Sat:
    """One attempt at a part as a released decision counted it."""

    part: Part
    attempt: UUID
    passed: bool


def last_words(released: Iterable[Sat]) -> dict[Part, dict[UUID, bool]]:
    """Part → attempt → whether it passed, as last released; attempts in the order they were first released.

    One attempt is one however often it is released: a changed mark (an appeal, a new key) is no resit.
    """
    found: dict[Part, dict[UUID, bool]] = {}
    for one in released:
        found.setdefault(one.part, {})[one.attempt] = one.passed
    return found


def resits_used(attempts: Mapping[UUID, bool], absences: int = 0) -> int:
    """The first attempt is no resit; an absence counts as an attempt only where the caller counts it."""
    return max(0, len(attempts) + absences - 1)


def short_of(part: PartGrade) -> Decimal:
    """How many marks are missing to the pass mark; 0 when none, or when the part itself is missing."""
    return max(Decimal(0), part.pass_mark - part.mark) if part.mark is not None else Decimal(0)


def number_of(decision: UUID) -> str:
    """What a result is called on paper and at the counter: CJ-1A2B-3C4D."""
    digits = decision.hex[:8].upper()
    return f"CJ-{digits[:4]}-{digits[4:]}"
