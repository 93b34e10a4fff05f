"""Long recordings are heard in parts: a recogniser holds the whole of what it is given in memory, many times over.

A part ends in the middle of a silence where there is one near, so that no word is cut in two.
"""

import wave
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from media_pipeline.stages.ports import Recognition
from media_pipeline.stages.types import Range

# Works last half an hour at most and are heard whole; longer material in parts of about twenty minutes.
WHOLE_S = 1800.0
PART_S = 1200.0
_NEAR_S = 180.0


def cuts(seconds: float, silences: Sequence[Range]) -> list[Range]:
    """The parts of a recording as (start, end), without gap or overlap. Pure."""
    if seconds <= WHOLE_S:
        return [(0.0, seconds)]
    ends: list[float] = []
    start = 0.0
    while seconds - start > PART_S + _NEAR_S:
        wanted = start + PART_S
        quiet = [(low + high) / 2 for low, high in silences if abs((low + high) / 2 - wanted) <= _NEAR_S]
        nearest: float = min(quiet, key=lambda middle: abs(middle - wanted), default=wanted)
        start = round(nearest, 3)
        ends.append(start)
    return list(zip([0.0, *ends], [*ends, seconds], strict=True))


@contextmanager
def part_of(source: Path, span: Range, folder: Path) -> Iterator[Path]:
    """The sound of one part as a file of its own, gone afterwards."""
    target = folder / ".part.wav"
    try:
        with wave.open(str(source), "rb") as whole, wave.open(str(target), "wb") as part:
            part.setparams(whole.getparams())
            rate = whole.getframerate()
            whole.setpos(min(whole.getnframes(), round(span[0] * rate)))
            part.writeframes(whole.readframes(round((span[1] - span[0]) * rate)))
        yield target
    finally:
        target.unlink(missing_ok=True)


def joined(parts: Sequence[tuple[Range, Recognition]]) -> Recognition:
    """What was heard in the parts, on the recording's own clock; the language's probability by length. Pure."""
    total = sum(end - start for (start, end), _ in parts)
    speech = [heard.speech_s for _, heard in parts]
    return Recognition(
        language=parts[0][1].language,
        language_probability=sum(heard.language_probability * (end - start) for (start, end), heard in parts) / total,
        speech_s=None if None in speech else sum(second for second in speech if second is not None),
        segments=tuple(_shifted(segment, span[0]) for span, heard in parts for segment in heard.segments),
    )


def _shifted(segment: Mapping[str, Any], by: float) -> Mapping[str, Any]:
    words = [{**word, "start": word["start"] + by, "end": word["end"] + by} for word in segment["words"]]
    return {**segment, "start": segment["start"] + by, "end": segment["end"] + by, "words": words}
