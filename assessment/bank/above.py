"""What rooms above say: classes their levels, statistics their figures. They register when their app is ready."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from lms.accounts.api import Acting
from lms.core.types import Level

# Classes → the level each trains for, None for one that is over; unknown ones are left out.
ClassLevels = Callable[[Collection[UUID]], Mapping[UUID, Level | None]]
_levels: list[ClassLevels] = []


def register_class_levels(levels: ClassLevels) -> None:
    """Called once, from the app's `ready`."""
    _levels[:] = [levels]


def class_levels(classes: Collection[UUID]) -> Mapping[UUID, Level | None]:
    """What is known of these classes; nothing until somebody has registered."""
    return _levels[0](classes) if _levels and classes else {}


@dataclass(frozen=True)
class QuestionFigures:
    """What statistics say of a question in a line, and where they stand. waits: people have to decide about them."""

    words: str
    url: str
    waits: bool


FiguresOf = Callable[[Acting, UUID], QuestionFigures | None]
_figures: list[FiguresOf] = []


def register_question_figures(figures: FiguresOf) -> None:
    """Called once, from the app's `ready`."""
    _figures[:] = [figures]


def question_figures(acting: Acting, question: UUID) -> QuestionFigures | None:
    """None where nobody was asked it yet, or she may not read statistics."""
    return _figures[0](acting, question) if _figures else None
