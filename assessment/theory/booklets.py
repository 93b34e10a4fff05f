"""What this room needs of marking: short answers opened for people, in one place."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol
from uuid import UUID


@dataclass(frozen=True)
class BookletItem:
    """One short answer that people mark."""

    position: int
    question: UUID
    version: UUID
    marks: Decimal


class Booklets(Protocol):
    """The door of marking as papers use it."""

    def open_booklet(self, *, attempt: UUID, candidacy: UUID, items: Sequence[Any], now: datetime) -> None:
        """Let examiners mark these answers of an attempt, once."""


class _Nobody:
    """No room marks short answers here yet: they stay pending."""

    def open_booklet(self, *, attempt: UUID, candidacy: UUID, items: Sequence[Any], now: datetime) -> None:
        """Nothing happens."""


source: Booklets = _Nobody()
