"""What the pages of her own data are given. No Django."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

# As JSON knows it; every other value is written out.
Plain = str | int | bool | None


@dataclass(frozen=True)
class Fact:
    """One value in words; "—" for none."""

    label: str
    text: str


@dataclass(frozen=True)
class Section:
    """One room's part: a title and rows of facts; `total` says how many there are where only the first are shown."""

    title: str
    rows: Sequence[Sequence[Fact]]
    total: int


@dataclass(frozen=True)
class HeldPage:
    """Everything held about one human being, as it stands at `made_at`; empty sections are left out."""

    person: UUID | None
    name: str
    made_at: datetime
    sections: tuple[Section, ...]
    may_correct: bool


@dataclass(frozen=True)
class Download:
    """The same for a machine."""

    made_at: datetime
    sections: Sequence[Mapping[str, object]]


@dataclass(frozen=True)
class OfPerson:
    """Before an office prints what is held about somebody who has no login: whose, masked."""

    person: UUID
    name: str
    document: str
    organisation: str
