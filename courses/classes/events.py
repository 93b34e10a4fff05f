"""News of this room."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class ClassFinished:
    """The training of a class is complete."""

    training_class: UUID


@dataclass(frozen=True)
class ClassCancelled:
    """A class will not take place; whoever asked to join it is let go. by: the user who decided."""

    training_class: UUID
    by: UUID | None
