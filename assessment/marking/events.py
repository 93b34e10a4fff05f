"""News of marking for the rooms above. Heard in the transaction that made them true."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from assessment.specification.types import Part


@dataclass(frozen=True)
class PanelFinished:
    """A work has its mark (0–100, one decimal), after mean or arbitration, deductions and the chief's rulings.

    grade_hint: excellent|good|pass|fail by the rubric's bands; "fail" where a breach of severity B was confirmed
    (`proposed_fail`), whatever the mark. outcome: read it with `outcome(uuid)`.
    """

    candidacy: UUID
    submission: UUID
    part: Part
    mark: Decimal
    grade_hint: str
    proposed_fail: bool
    outcome: UUID
