"""News of sittings."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class SittingClosed:
    """Nobody sits any more: every attempt has ended, answers in time are complete."""

    sitting: UUID
