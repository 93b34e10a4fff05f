"""News of candidacies. Heard in the transaction that made it true."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class CandidacyOpened:
    """Somebody became a candidate; her entitlements are written already."""

    candidacy: UUID
