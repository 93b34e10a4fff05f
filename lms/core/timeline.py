"""The drawing of the evidence timeline: seconds become percentages. Pure; the template holds the SVG."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600)
_MOST_TICKS = 9
_MOST_BARS = 240
_LEAST_PEAK = 0.05  # below it a recording is silent, and its noise is not blown up
_LEAST_WIDTH = 0.6  # percent: a short mark must still be seen and hit


@dataclass(frozen=True)
class Stretch:
    """A box over part of the recording; x and width in percent of its length."""

    x: float
    width: float
    tone: str
    label: str


@dataclass(frozen=True)
class Tick:
    """A labelled second; `minor` ones are dropped on phones."""

    x: float
    seconds: int
    label: str
    anchor: str
    minor: bool


@dataclass(frozen=True)
class Dot:
    """A second that somebody commented on; x in percent."""

    x: float
    label: str


@dataclass(frozen=True)
class Row:
    """A line of stretches below the findings, drawn at y (pixels) with its name beside it."""

    label: str
    y: int
    marks: list[Stretch]


@dataclass(frozen=True)
class Timeline:
    """All that `components/timeline.html` draws. wave: an SVG path in a box wave_width × 100, "" where there is none to draw;
    head: percent; notes: None where no line of comments is drawn; rows: further lines, drawn instead of the comments."""

    duration: float
    wave: str
    wave_width: int
    marks: list[Stretch]
    gaps: list[Stretch]
    ticks: list[Tick]
    head: float
    sentence: str
    notes: list[Dot] | None = None
    rows: tuple[Row, ...] = ()

    @property
    def bottom(self) -> int:
        """Where the play head ends; the seconds stand 14 below."""
        if self.rows:
            return self.rows[-1].y + 12
        return 52 if self.notes is None else 64


def percent(seconds: float, duration: float) -> float:
    """A second as percent of the recording, 0–100, two decimals."""
    return round(min(100.0, max(0.0, seconds / duration * 100)), 2) if duration > 0 else 0.0


def stretch(start_s: float, end_s: float, duration: float, *, tone: str, label: str) -> Stretch:
    """A stretch wide enough to be seen and kept inside the drawing."""
    width = max(_LEAST_WIDTH, percent(end_s, duration) - percent(start_s, duration))
    return Stretch(x=min(percent(start_s, duration), 100 - width), width=round(width, 2), tone=tone, label=label)


def wave(peaks: Sequence[float]) -> tuple[str, int]:
    """Vertical bars around the middle of a box 100 high, one unit apart: the path and the box's width.

    More than 240 peaks are folded, keeping the highest of each fold; the highest of all fills the box, unless there is
    hardly any sound. Of no peaks nothing is drawn: a flat line would say that it is silent.
    """
    if not peaks:
        return "", 1
    fold = -(-len(peaks) // _MOST_BARS)
    bars = [max(peaks[at : at + fold]) for at in range(0, len(peaks), fold)]
    full = max(_LEAST_PEAK, *bars)
    halves = [max(2, round(max(0.0, peak) / full * 48)) for peak in bars]
    return "".join(f"M{x}.5 {50 - half}V{50 + half}" for x, half in enumerate(halves)), len(bars)


def tick_seconds(duration: float) -> list[int]:
    """Round seconds to label, at most nine."""
    step = next((step for step in _STEPS if duration / step <= _MOST_TICKS - 1), 7200)
    return list(range(0, int(duration) + 1, step))


def ticks(duration: float, labels: Iterable[str]) -> list[Tick]:
    """A tick for each of `tick_seconds`, with its words."""
    drawn = []
    for at, (second, label) in enumerate(zip(tick_seconds(duration), labels, strict=True)):
        x = percent(second, duration)
        anchor = "start" if x < 3 else "end" if x > 97 else "middle"
        drawn.append(Tick(x=x, seconds=second, label=label, anchor=anchor, minor=at % 2 == 1))
    return drawn
