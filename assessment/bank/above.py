"""What the room of classes says. It lies above this street, so it registers here when its app is ready."""

from collections.abc import Callable, Collection, Mapping
from uuid import UUID

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
