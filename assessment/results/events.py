"""News of the results for the rooms above. Heard in the transaction that made it true."""

from dataclasses import dataclass
from uuid import UUID

from assessment.results.types import Onward
from lms.policies.types import Grade


@dataclass(frozen=True)
class ResultReleased:
    """A grade decision was published: she may read it. A changed decision is told again, with its own `decision`.

    onward: what it leads to, by the one counter of resits.
    """

    candidacy: UUID
    person: UUID
    passed: bool
    grade: Grade
    decision: UUID
    onward: Onward


@dataclass(frozen=True)
class AttemptsUsedUp:
    """An absence used up the last attempt at a part: it is over for her as after a failed last attempt, without a decision.

    onward: OVER, or RETAKE_REQUIRED.
    """

    candidacy: UUID
    person: UUID
    onward: Onward
