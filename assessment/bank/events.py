"""News of this room."""

from dataclasses import dataclass
from uuid import UUID

from lms.core.types import Level


@dataclass(frozen=True)
class QuestionApproved:
    """Papers may draw this version from now on; published in the transaction of the verdict that made the quorum."""

    question: UUID
    version: UUID
    level: Level


@dataclass(frozen=True)
class QuestionWithdrawn:
    """Papers may not draw the question any more: it was suspended or retired."""

    question: UUID
    level: Level
