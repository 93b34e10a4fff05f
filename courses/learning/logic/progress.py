"""Progress as a join: what was told may arrive in any order, twice, from several devices. No Django."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from courses.catalogue.types import CheckBlock
from courses.learning.types import Happening, Place, Standing, StudyState, Told

# Older than this nobody remembers what she did: a device that was away longer tells it as this old.
OLDEST = timedelta(days=60)

# A device's word on when a lesson was completed holds for so long; told later, the day the server heard of it is the one
# that deadlines are judged by. Three days without a network are a market trip; sixty would let anybody write her own date.
WORD_HOLDS = timedelta(days=3)


def event_time(received_at: datetime, age_ms: int, since: datetime) -> datetime:
    """When it happened, on our clock: the device says only how long ago that is, so its own clock may be wrong.

    Never in the future, never more than 60 days back, never before `since`.
    """
    age = timedelta(milliseconds=min(max(age_ms, 0), OLDEST // timedelta(milliseconds=1)))
    return min(received_at, max(received_at - age, since))


def completion_time(told: Told) -> datetime:
    """When a completion counts as done: when it happened, or, told too late for a device's word, when it was heard."""
    heard = told.received_at or told.at
    return told.at if heard - told.at <= WORD_HOLDS else heard


def standing_of(told: Told) -> Standing:
    """The standing of one thing told alone. Opening a lesson tells of no place: she has not moved yet."""
    if told.kind is Happening.OPENED:
        return Standing(opened_at=told.at)
    return Standing(
        opened_at=told.at,
        completed_at=completion_time(told) if told.kind is Happening.COMPLETED else None,
        percent=min(max(told.percent, 0), 100),
        place=told.place,
        place_at=told.at,
        place_key=told.key,
    )


def joined(one: Standing, other: Standing) -> Standing:
    """Both in one: opened and completed at the earliest, the furthest percent, the place told of latest.

    Commutative, associative, idempotent: arrival decides nothing. Of two places told of at the same moment the one with
    the larger key counts, on every server alike.
    """
    last = max(one, other, key=_told_of)
    return Standing(
        opened_at=_earliest(one.opened_at, other.opened_at),
        completed_at=_earliest(one.completed_at, other.completed_at),
        percent=max(one.percent, other.percent),
        place=last.place,
        place_at=last.place_at,
        place_key=last.place_key,
    )


def _told_of(standing: Standing) -> tuple[bool, float, int]:
    if standing.place_at is None or standing.place_key is None:
        return (False, 0.0, 0)
    return (True, standing.place_at.timestamp(), standing.place_key.int)


def _earliest(one: datetime | None, other: datetime | None) -> datetime | None:
    return min((moment for moment in (one, other) if moment is not None), default=None)


def share_read(block: int, blocks: int) -> int:
    """How much of a lesson lies behind her, in whole percent: the block she reached of all its blocks."""
    return 0 if blocks <= 0 else min(max(block, 0), blocks) * 100 // blocks


def place_in(place: Place, blocks: int) -> Place:
    """The place where the lesson may have become shorter since."""
    return Place(min(max(place.block, 0), blocks), place.second if place.second is None else max(place.second, 0))


class Studied(Protocol):
    """Anything with a standing."""

    @property
    def standing(self) -> Standing:
        """As far as it was told."""
        ...


L = TypeVar("L", bound=Studied)


def next_of(lessons: Iterable[L]) -> L | None:
    """What to study next, of lessons in their order: the one she was in last, else the first not completed."""
    left = [lesson for lesson in lessons if lesson.standing.state is not StudyState.COMPLETED]
    begun = [lesson for lesson in left if lesson.standing.state is StudyState.OPENED]
    if begun:
        return max(begun, key=lambda lesson: _told_of(lesson.standing))
    return left[0] if left else None


def judged(check: CheckBlock, chosen: Collection[str]) -> bool:
    """Whether exactly the right options were chosen."""
    return set(chosen) == {option.key for option in check.options if option.correct}
