"""Drawings of figures: rows become percentages of a box. Pure; the templates hold the SVG, the table stands beside it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

_NEAR = 5.0  # percent: labels closer than this stand on different heights
_STEPS = (1, 2, 5, 10, 20, 50)
_MOST_TICKS = 8


@dataclass(frozen=True)
class StripDot:
    """A labelled value on a line; x in percent; high: its label stands above the line, else below."""

    x: float
    label: str
    high: bool


@dataclass(frozen=True)
class StripTick:
    """A round value below the line; x in percent."""

    x: float
    label: str


@dataclass(frozen=True)
class DotStrip:
    """Values side by side on one scale. left, width: the stretch from the lowest to the highest, in percent."""

    dots: list[StripDot]
    ticks: list[StripTick]
    left: float
    width: float


def dot_strip(values: Sequence[tuple[str, float]], *, least: float = 0, most: float = 100) -> DotStrip:
    """Labelled values within least…most, cut to the round values around them. At least one value is given."""
    figures = [value for _label, value in values]
    low, high = max(least, math.floor(min(figures) / 10) * 10 - 5), min(most, math.ceil(max(figures) / 10) * 10 + 5)
    whole = (high - low) or 1

    def place(value: float) -> float:
        return round((value - low) / whole * 100, 2)

    dots: list[StripDot] = []
    for label, value in sorted(values, key=lambda pair: pair[1]):
        near = dots and place(value) - dots[-1].x < _NEAR
        dots.append(StripDot(place(value), label, not dots[-1].high if near else True))
    step = next(step for step in _STEPS if whole / step <= _MOST_TICKS)
    first = math.ceil(low / step) * step
    ticks = [StripTick(place(value), str(value)) for value in range(first, math.floor(high) + 1, step)]
    return DotStrip(dots, ticks, place(min(figures)), round(place(max(figures)) - place(min(figures)), 2))
