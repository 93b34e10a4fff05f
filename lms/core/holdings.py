"""What is held about a person: every room says its part, the person's download puts the parts together (PIPL art. 45)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

Value = str | int | bool | Decimal | date | datetime | UUID | None


@dataclass(frozen=True)
class Holding:
    """One section of the download: `title` in the reader's language, one mapping a row, labels to values."""

    title: str
    rows: Sequence[Mapping[str, Value]]


# (person, her user or None) -> her sections. A person without a login is asked for by an office on her behalf.
Holder = Callable[[UUID, UUID | None], Sequence[Holding]]
_holders: dict[str, Holder] = {}


def register(name: str, holder: Holder) -> None:
    """Add a room's holder under its dotted name, from the app's `ready`. Raises ValueError."""
    if _holders.get(name, holder) is not holder:
        raise ValueError(f"two holders are called {name!r}")
    _holders[name] = holder


def held_about(person: UUID, user: UUID | None) -> list[Holding]:
    """Everything held about one person, in the order of registration."""
    return [holding for holder in _holders.values() for holding in holder(person, user)]


def holders() -> list[str]:
    """The names registered."""
    return list(_holders)
