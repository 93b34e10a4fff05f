"""The stored forms of profiles and decisions."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from lms.core.reference import content_hash
from lms.policies.types import Decision, Outcome, Reason


def canonical(content: Mapping[str, Any]) -> dict[str, Any]:
    """As JSON would give it back: keys are text, dates ISO."""
    plain: dict[str, Any] = json.loads(json.dumps(content, ensure_ascii=False, default=str))
    return plain


def hash_of(content: Mapping[str, Any]) -> str:
    """64 hex digits over the canonical form, whatever the order of keys."""
    return content_hash(json.dumps(canonical(content), ensure_ascii=False, sort_keys=True))


def dumped(decision: Decision) -> str:
    """A decision's reasons as they are stored."""
    return json.dumps([asdict(reason) for reason in decision.reasons], ensure_ascii=False)


def loaded(text: str) -> Decision:
    """The decision that `dumped` wrote."""
    return Decision(
        tuple(
            Reason(
                rule=str(row["rule"]),
                outcome=Outcome(row["outcome"]),
                clause=str(row["clause"]),
                required=str(row["required"]),
                found=str(row["found"]),
                soft=bool(row["soft"]),
            )
            for row in json.loads(text)
        )
    )
