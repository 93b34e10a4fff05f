"""Words of the trade that are taught to a host, told by the room that teaches them."""

from collections.abc import Callable

from lms.core.types import Level

Source = Callable[[Level], tuple[str, ...]]

_sources: list[Source] = []


def register_vocabulary(source: Source) -> None:
    """Add a source of words, from the app's `ready`: the terms of a level, those taught first in front."""
    if source not in _sources:
        _sources.append(source)


def course_words(level: Level) -> tuple[str, ...]:
    """The terms taught up to this level; empty where nobody teaches here."""
    return tuple(dict.fromkeys(word for source in _sources for word in source(level)))
