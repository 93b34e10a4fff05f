"""News of sittings."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class SittingClosed:
    """Nobody sits any more: every attempt has ended, answers in time are complete."""

    sitting: UUID


@dataclass(frozen=True)
class LateRuled:
    """It was decided on answers of an attempt that came late or from beside: what counts may be another answer now."""

    sitting: UUID
    attempt: UUID
