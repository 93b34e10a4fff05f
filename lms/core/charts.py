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


# ---- bars ----


@dataclass(frozen=True)
class BarPart:
    """A stretch of a bar; x and width in percent. series: which of the six chart colours."""

    x: float
    width: float
    series: int


@dataclass(frozen=True)
class BarRow:
    """One bar with its words. mark: the target on the scale, in percent; missing: nothing was measured, no bar stands here.

    hot: the one the finding speaks of.
    """

    label: str
    value: str
    parts: tuple[BarPart, ...]
    mark: float | None = None
    missing: bool = False
    hot: bool = False


@dataclass(frozen=True)
class BarChart:
    """Bars from zero on one scale. ticks: round values of the scale, the first is 0. keys: series and its words."""

    rows: tuple[BarRow, ...]
    ticks: tuple[StripTick, ...]
    keys: tuple[tuple[int, str], ...] = ()
    mark_key: str = ""


@dataclass(frozen=True)
class NestedBar:
    """Numbers each of which holds the next: how many opened, came half way, finished. figures: None where nobody was asked."""

    label: str
    value: str
    figures: Sequence[int] | None
    hot: bool = False


@dataclass(frozen=True)
class BulletBar:
    """What was measured against what was planned. measured: None where nothing was."""

    label: str
    value: str
    measured: float | None
    planned: float
    hot: bool = False


def nested_bars(bars: Sequence[NestedBar], *, most: int, keys: Sequence[tuple[int, str]]) -> BarChart:
    """Bars on the scale 0…most. keys: series and words of the stretch that each figure ends, in the order of the figures.

    A bar is drawn as its stretches side by side, the innermost first, so that the end of each is its figure.
    """
    whole = most or 1
    rows = []
    for bar in bars:
        parts: list[BarPart] = []
        start = 0
        for figure, (series, _words) in reversed(list(zip(bar.figures or (), keys, strict=bool(bar.figures)))):
            if figure < start or figure > whole:
                raise ValueError(f"{bar.label}: each figure holds the next and none exceeds {most}")
            if figure > start:
                parts.append(BarPart(_percent(start, whole), _percent(figure - start, whole), series))
            start = figure
        rows.append(BarRow(bar.label, bar.value, tuple(parts), None, bar.figures is None, bar.hot))
    return BarChart(tuple(rows), _ticks(whole, whole), tuple(reversed(keys)))


def bullet_bars(bars: Sequence[BulletBar], *, series: int, words: str, mark_words: str) -> BarChart:
    """One bar each from zero, and a mark where the plan stands. The one the finding speaks of takes the highlight colour."""
    most = max((max(bar.measured or 0, bar.planned) for bar in bars), default=0)
    step = _step(most)
    whole = max(math.ceil(most / step) * step, step)
    rows = tuple(
        BarRow(
            label=bar.label,
            value=bar.value,
            parts=(BarPart(0, _percent(bar.measured, whole), _HOT if bar.hot else series),) if bar.measured else (),
            mark=_percent(bar.planned, whole),
            missing=bar.measured is None,
            hot=bar.hot,
        )
        for bar in bars
    )
    return BarChart(rows, _ticks(whole, most), ((series, words),), mark_words)


_HOT = 2  # design 2: c2 for the highlighted item only
_BAR_TICKS = 4


def _percent(value: float, whole: float) -> float:
    return round(value / whole * 100, 2)


def _step(most: float) -> int:
    """The smallest of 1, 2, 5, 10, 20, 50 … that cuts the scale into at most four."""
    step = 1
    while most / step > _BAR_TICKS:
        step = step * 5 // 2 if str(step)[0] == "2" else step * 2
    return step


def _ticks(whole: float, most: float) -> tuple[StripTick, ...]:
    step = _step(most)
    return tuple(StripTick(_percent(value, whole), f"{value:,}") for value in range(0, math.floor(whole) + 1, step))


# ---- columns, dots ----


@dataclass(frozen=True)
class Column:
    """One column; x, width, y (of its top) and height in percent. hot: it stands below the line; label: "" for 0."""

    x: float
    width: float
    y: float
    height: float
    label: str
    hot: bool


@dataclass(frozen=True)
class ColumnChart:
    """Counts over even steps of a scale. ticks: along the scale; line: where the line stands, in percent."""

    columns: tuple[Column, ...]
    ticks: tuple[StripTick, ...]
    line: float


_HEADROOM = 12.0  # percent above the highest column, for its figure
_GAP = 0.12  # of a step, on either side of a column


def columns(counts: Sequence[int], *, most: int, line: int, step: int = 20) -> ColumnChart:
    """Columns over 0…most, each as wide as the others. line: columns that end at or below it are hot; ticks every `step`."""
    whole, width = max(counts, default=0) or 1, 100 / max(1, len(counts))
    made = []
    for at, count in enumerate(counts):
        height = round(count / whole * (100 - _HEADROOM), 2)
        made.append(
            Column(
                x=round((at + _GAP) * width, 2),
                width=round((1 - 2 * _GAP) * width, 2),
                y=round(100 - height, 2),
                height=height,
                label=str(count) if count else "",
                hot=(at + 1) * most <= line * len(counts),
            )
        )
    ticks = tuple(StripTick(_percent(value, most), str(value)) for value in range(0, most + 1, step))
    return ColumnChart(tuple(made), ticks, _percent(line, most))


@dataclass(frozen=True)
class ScatterDot:
    """A thing with two figures; x and y in percent, y from the top. hot: drawn otherwise and named by its label."""

    x: float
    y: float
    label: str
    hot: bool


@dataclass(frozen=True)
class Scatter:
    """Things by two figures. across, up: ticks of both scales; guides_x, guides_y: limits, in percent."""

    dots: tuple[ScatterDot, ...]
    across: tuple[StripTick, ...]
    up: tuple[StripTick, ...]
    guides_x: tuple[float, ...]
    guides_y: tuple[float, ...]


def scatter(
    points: Sequence[tuple[str, float, float, bool]],
    *,
    x: tuple[float, float],
    y: tuple[float, float],
    guides_x: Sequence[float] = (),
    guides_y: Sequence[float] = (),
    step: float = 0.2,
) -> Scatter:
    """Points as (label, x, y, hot) on the scales x and y (least, most); what lies beyond one stands at its edge. ticks: every
    `step`. The hot ones come last, so that nothing covers them."""

    def across(value: float) -> float:
        return round(min(100.0, max(0.0, (value - x[0]) / (x[1] - x[0]) * 100)), 2)

    def up(value: float) -> float:
        return round(min(100.0, max(0.0, (y[1] - value) / (y[1] - y[0]) * 100)), 2)

    def values(least: float, most: float) -> list[float]:
        first, last = math.ceil(least / step - 1e-9), math.floor(most / step + 1e-9)
        return [round(at * step, 6) for at in range(first, last + 1)]

    dots = [ScatterDot(across(px), up(py), label, hot) for label, px, py, hot in points]
    return Scatter(
        tuple(sorted(dots, key=lambda dot: dot.hot)),
        tuple(StripTick(across(value), f"{value:.1f}") for value in values(*x)),
        tuple(StripTick(up(value), f"{value:.1f}".replace("-", "\u2212")) for value in values(*y)),
        tuple(across(value) for value in guides_x),
        tuple(up(value) for value in guides_y),
    )


@dataclass(frozen=True)
class ShareBar:
    """A share of 0 to 1, with its words. hot: the one the finding speaks of."""

    label: str
    value: str
    share: float | None
    series: int
    hot: bool = False


def share_bars(bars: Sequence[ShareBar], *, keys: Sequence[tuple[int, str]]) -> BarChart:
    """Bars from zero on the scale of 0 to 100 percent, in the order given. keys: series and words."""
    rows = tuple(
        BarRow(
            label=bar.label,
            value=bar.value,
            parts=(BarPart(0, _percent(bar.share, 1), bar.series),) if bar.share else (),
            missing=bar.share is None,
            hot=bar.hot,
        )
        for bar in bars
    )
    return BarChart(rows, _ticks(100, 100), tuple(keys))
