"""News of marking for the rooms above. Heard in the transaction that made them true."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from assessment.specification.types import Part


@dataclass(frozen=True)
class PanelFinished:
    """A video has its mark (0–100, one decimal), after mean or arbitration, deductions and the chief's rulings.

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


@dataclass(frozen=True)
class BookletMarked:
    """People have marked the short answers of one attempt. marks: position on the paper → mark, hundredths, of every question
    the booklet was opened with; what was not answered has 0. outcome: read it with `booklet_outcome(uuid)`. attempt: the name
    that the booklet was opened under, the attempt itself for its first.

    Where nothing was answered there is nothing to judge: it is published before `open_booklet` returns.
    """

    attempt: UUID
    candidacy: UUID
    marks: tuple[tuple[int, Decimal], ...]
    outcome: UUID
