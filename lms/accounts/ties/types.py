"""What binds a person to another, to a class, an organisation or a work. No Django."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID


class TieKind(StrEnum):
    """How somebody is bound; the first four are facts of life and work, the last is her own word."""

    TEACHES = "teaches"  # 任课: person → class
    RELATED = "related"  # 亲属: person ↔ person
    MASTER_APPRENTICE = "master_apprentice"  # 师徒: person ↔ person
    EMPLOYED = "employed"  # 任职: person → organisation
    DECLARED = "declared"  # 回避声明: person → person or submission
    # Never stored: the examiner is the candidate.
    SELF = "self"


class TieObject(StrEnum):
    """What the other end is."""

    PERSON = "person"
    CLASS = "class"
    ORGANISATION = "organisation"
    SUBMISSION = "submission"


# What each kind may bind a person to.
ENDS: dict[TieKind, frozenset[TieObject]] = {
    TieKind.TEACHES: frozenset({TieObject.CLASS}),
    TieKind.RELATED: frozenset({TieObject.PERSON}),
    TieKind.MASTER_APPRENTICE: frozenset({TieObject.PERSON}),
    TieKind.EMPLOYED: frozenset({TieObject.ORGANISATION}),
    TieKind.DECLARED: frozenset({TieObject.PERSON, TieObject.SUBMISSION}),
}


@dataclass(frozen=True)
class TieData:
    """A tie as it stands today: both days are included, `valid_to` None is open. `uuid` is None for `TieKind.SELF`."""

    uuid: UUID | None
    kind: TieKind
    person: UUID
    object_kind: TieObject
    object: UUID
    valid_from: date
    valid_to: date | None
    source: str

    def holds(self, on: date) -> bool:
        """Whether it binds on this day."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)

    @property
    def void(self) -> bool:
        """Ended before it began: recorded by mistake."""
        return self.valid_to is not None and self.valid_to < self.valid_from
