"""Two lists of findings of one work compared. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from media_pipeline.rechecks.types import Point


@dataclass(frozen=True)
class Compared:
    """`new` only the later pack has, `gone` only the earlier; `kept`: how many both have."""

    new: tuple[Point, ...]
    gone: tuple[Point, ...]
    kept: int


def compared(before: Sequence[Point], after: Sequence[Point]) -> Compared:
    """The same category at the same words, read or only suspected alike, is the same finding, whatever rule of it
    struck: rules may be cut otherwise."""
    return Compared(
        new=tuple(point for point in after if not _among(point, before)),
        gone=tuple(point for point in before if not _among(point, after)),
        kept=sum(_among(point, before) for point in after),
    )


def _among(point: Point, others: Iterable[Point]) -> bool:
    return any(
        point.category == other.category and point.suspected == other.suspected and _meet(point, other)
        for other in others
    )


def _meet(one: Point, other: Point) -> bool:
    return any(
        cue == there and start < stop and begin < end
        for cue, start, end in one.spans
        for there, begin, stop in other.spans
    )
