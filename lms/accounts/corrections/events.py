"""News of this room."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True)
class CorrectionDecided:
    """A correction of her name or number was allowed or refused. What was issued before keeps what was printed."""

    person: UUID
    correction: UUID
    allowed: bool
    reason: str
    at: datetime


@dataclass(frozen=True)
class PersonsMerged:
    """Two people found `merged` to be the same human being as `kept`; rows keep the uuid they were written with."""

    kept: UUID
    merged: UUID
    merge: UUID
    at: datetime
