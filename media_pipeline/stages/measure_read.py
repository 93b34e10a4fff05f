"""Reading what the one ffmpeg pass wrote. Pure: text and numbers in, facts out."""

import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from statistics import median

import numpy as np
import numpy.typing as npt

from media_pipeline.stages.types import Range

_LEVEL = re.compile(r"^(?:\[[^\]]*\] )?\[(fatal|error|warning|info)\]", re.MULTILINE)


@dataclass(frozen=True)
class Clock:
    """The decoded pictures: how many, first pts and end of the last in seconds."""

    frames: int
    start_s: float
    end_s: float

    @property
    def duration_s(self) -> float:
        """End of the last decoded picture minus the first pts, half-up to 0.1 s (domain 4.5)."""
        return tenths(self.end_s - self.start_s)


@dataclass(frozen=True)
class Detected:
    """Seconds of black, of frozen picture (black left out) and of scene changes."""

    black: tuple[Range, ...]
    frozen: tuple[Range, ...]
    scenes: tuple[float, ...]


@dataclass(frozen=True)
class Sound:
    """Levels of the sound track; None where it is digitally silent (no finite level). `samples` of one channel."""

    integrated_lufs: float | None
    range_lu: float | None
    true_peak_db: float | None
    mean_db: float | None
    clipped_share: float
    silences: tuple[Range, ...]
    samples: int = 0


def tenths(seconds: float) -> float:
    """Half-up to 0.1 s: 59.95 → 60.0, 59.94 → 59.9. Microseconds first, so that binary fractions cannot tip it."""
    exact = Decimal(seconds).quantize(Decimal("0.000001"), ROUND_HALF_UP)
    return float(exact.quantize(Decimal("0.1"), ROUND_HALF_UP))


def read_clock(text: str) -> Clock | None:
    """The framecrc listing `stream, dts, pts, duration, size, crc`; None when no picture was decoded."""
    rate = 90_000.0
    stamps: list[tuple[int, int]] = []
    for line in text.splitlines():
        if line.startswith("#tb 0:"):
            top, _, bottom = line.partition(":")[2].strip().partition("/")
            rate = int(bottom) / int(top)
        elif line and not line.startswith("#"):
            fields = line.split(",")
            if len(fields) >= 6 and fields[2].strip().lstrip("-").isdigit():
                stamps.append((int(fields[2]), int(fields[3])))
    if not stamps:
        return None
    stamps.sort()
    last, length = stamps[-1]
    if length <= 1:  # the decoder did not say: as long as most
        steps = [after[0] - before[0] for before, after in itertools.pairwise(stamps)]
        length = round(median(steps)) if steps else 0
    return Clock(len(stamps), stamps[0][0] / rate, (last + length) / rate)


def read_detect(text: str, duration_s: float, black_min_s: float) -> Detected:
    """The `metadata=print` listing of blackdetect, freezedetect and scdet. An open range ends with the work."""
    values: dict[str, list[float]] = {
        "black_start": [],
        "black_end": [],
        "freeze_start": [],
        "freeze_end": [],
        "scd.time": [],
    }
    for line in text.splitlines():
        name, _, value = line.partition("=")
        key = name.removeprefix("lavfi.").removeprefix("freezedetect.")
        if key in values:
            values[key].append(float(value))
    black = [
        span
        for span in _ranges(values["black_start"], values["black_end"], duration_s)
        if span[1] - span[0] >= black_min_s
    ]
    frozen = _without(_ranges(values["freeze_start"], values["freeze_end"], duration_s), black)
    return Detected(tuple(black), tuple(frozen), tuple(values["scd.time"]))


def read_sound(log: str, duration_s: float) -> Sound:
    """Summaries of ebur128 and astats and the lines of silencedetect, all from stderr."""
    starts = [max(0.0, float(value)) for value in re.findall(r"silence_start: (-?[\d.]+)", log)]
    ends = [float(value) for value in re.findall(r"silence_end: (-?[\d.]+)", log)]
    peak_level, peak_count, samples = (
        _last(log, name) for name in ("Peak level dB", "Peak count", "Number of samples")
    )
    full_scale = peak_level is not None and peak_level >= -0.01
    return Sound(
        integrated_lufs=_loudness(log),
        range_lu=_last(log, "LRA") if _loudness(log) is not None else None,
        true_peak_db=_last(log.rpartition("True peak:")[2], "Peak") if "True peak:" in log else None,
        mean_db=_last(log, "RMS level dB"),
        clipped_share=(peak_count or 0.0) / samples if full_scale and samples else 0.0,
        silences=tuple(_ranges(starts, ends, duration_s)),
        samples=int(samples or 0),
    )


def count_errors(log: str) -> int:
    """Lines that ffmpeg itself calls an error."""
    return sum(level in {"error", "fatal"} for level in _LEVEL.findall(log))


def peaks(samples: npt.NDArray[np.int16], rate: int) -> list[float]:
    """The waveform for the player: largest level 0..1 of each quarter second, at most 1200 of them."""
    if not len(samples):
        return []
    step = max(rate // 4, -(-len(samples) // 1200))
    padded = np.zeros(-(-len(samples) // step) * step, dtype=np.int16)
    padded[: len(samples)] = samples
    rows = padded.reshape(-1, step)
    # Not the absolute value of each sample: three hours of sound would be copied twice more.
    largest = np.maximum(rows.max(axis=1).astype(np.int32), -rows.min(axis=1).astype(np.int32)) / 32768
    return [round(float(value), 3) for value in largest]


def luma_and_sharpness(pictures: npt.NDArray[np.uint8]) -> tuple[list[float], list[float]]:
    """Mean luma 0..255 and variance of the 3x3 Laplacian of each picture; `pictures` has shape (n, height, width)."""
    lumas, sharpness = [], []
    for picture in pictures:
        grey = picture.astype(np.float32)
        inner = grey[1:-1, 1:-1]
        laplacian = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:] - 4 * inner
        lumas.append(float(grey.mean()))
        sharpness.append(float(laplacian.var()))
    return lumas, sharpness


def total(ranges: Iterable[Range]) -> float:
    """Seconds covered by ranges that do not overlap."""
    return sum(end - start for start, end in ranges)


def _loudness(log: str) -> float | None:
    """Integrated loudness; ebur128 says -70 for what it cannot measure."""
    value = _last(log, "I")
    return None if value is None or value <= -70 else value


def _last(log: str, name: str) -> float | None:
    found = re.findall(rf"(?:^|\s|\]) ?{re.escape(name)}:\s+(-?[\d.]+|-?inf|nan)", log)
    if not found or found[-1] in {"inf", "-inf", "nan", "-nan"}:
        return None
    return float(found[-1])


def _ranges(starts: list[float], ends: list[float], duration_s: float) -> list[Range]:
    """Pair each start with the first end after it; without one the range ends with the work."""
    spans = []
    for start in sorted(starts):
        end = min((value for value in ends if value > start), default=duration_s)
        if min(end, duration_s) > start:
            spans.append((round(start, 2), round(min(end, duration_s), 2)))
    return spans


def _without(ranges: list[Range], holes: list[Range]) -> list[Range]:
    """`ranges` with `holes` cut out: a black stretch also fires freezedetect."""
    left = ranges
    for hole_start, hole_end in holes:
        cut = []
        for start, end in left:
            cut += [(start, min(end, hole_start)), (max(start, hole_end), end)]
        left = [(start, end) for start, end in cut if end - start > 0.4]
    return left
