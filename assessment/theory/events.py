"""News of marked papers for the rooms above. Heard in the transaction that made it true."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID


@dataclass(frozen=True)
class PaperReleased:
    """A paper's mark (0–100, one decimal) may be known; told again with another `outcome` when a correction changed it.

    proposed_fail: a grave breach was confirmed in the video that is part of the paper: no mark makes it good (domain 4.3).
    """

    sitting: UUID
    attempt: UUID
    candidacy: UUID
    person: UUID
    mark: Decimal
    outcome: UUID
    proposed_fail: bool = False


@dataclass(frozen=True)
class CandidateAbsent:
    """She could have sat and never began (缺考). Told when the sitting's marks are released: until then it may be void."""

    sitting: UUID
    candidacy: UUID
