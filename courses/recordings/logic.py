"""Which files make a session, and how much of it they show. Pure."""

from collections.abc import Iterable
from fractions import Fraction

from courses.recordings.types import Part, RecordedSession


def sessions_of(parts: Iterable[Part]) -> tuple[RecordedSession, ...]:
    """Sessions by day and hour. A camera splits what is long: its files count together, against the longest plan stated."""
    found: dict[tuple[object, object], list[Part]] = {}
    for part in sorted(parts, key=lambda one: (one.held_on, one.starts_at)):
        found.setdefault((part.held_on, part.starts_at), []).append(part)
    return tuple(_session(held) for held in found.values())


def _session(held: list[Part]) -> RecordedSession:
    known = [part.seconds for part in held if part.seconds is not None]
    return RecordedSession(
        held_on=held[0].held_on,
        starts_at=held[0].starts_at,
        minutes=max(part.minutes for part in held),
        seconds=sum(known, Fraction(0)) if len(known) == len(held) else None,
        parts=tuple(part.uuid for part in held),
    )
