"""What a decision is made of, in a form that can be hashed; and how far a mark is from passing. Pure."""

import json
from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from assessment.results.types import PartGrade
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


def short_of(part: PartGrade) -> Decimal:
    """How many marks are missing to the pass mark; 0 when none, or when the part itself is missing."""
    return max(Decimal(0), part.pass_mark - part.mark) if part.mark is not None else Decimal(0)


def number_of(decision: UUID) -> str:
    """What a result is called on paper and at the counter: CJ-1A2B-3C4D."""
    digits = decision.hex[:8].upper()
    return f"CJ-{digits[:4]}-{digits[4:]}"
