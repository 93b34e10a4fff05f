"""Long recordings are heard in pieces: a recogniser holds the whole of what it is given in memory, many times over.

A piece ends where it is quietest nearby, so that no word is cut in two, and is kept as soon as it is heard: killed in the
fortieth minute, the work goes on there.
"""

import json
import os
import wave
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from media_pipeline.stages.ports import Recognition
from media_pipeline.stages.types import Range

# Five minutes take 355 MB at most with the base model, one 325; every piece is a process of its own.
WHOLE_S = 300.0
PIECE_S = 240.0
_NEAR_S = 50.0
# How long it must be quiet: shorter ones are the closures inside of words.
_QUIET_S = 0.3
_FRAME_S = 0.02

Quietest = Callable[[float, float], float]


def cuts(seconds: float, quietest: Quietest) -> list[Range]:
    """The pieces of a recording as (start, end), without gap or overlap, none longer than `WHOLE_S`. Pure.

    quietest(low, high): the second between them at which a cut does the least harm.
    """
    ends: list[float] = []
    start = 0.0
    while seconds - start > WHOLE_S:
        wanted = start + PIECE_S
        found = quietest(wanted - _NEAR_S, wanted + _NEAR_S)
        start = round(min(max(found, wanted - _NEAR_S), wanted + _NEAR_S), 3)
        ends.append(start)
    return list(zip([0.0, *ends], [*ends, seconds], strict=True))


def quietest_of(source: Path) -> Quietest:
    """The same of a 16-bit mono wav, read where it is asked for; of places alike the one in the middle."""

    def quietest(low: float, high: float) -> float:
        with wave.open(str(source), "rb") as whole:
            rate = whole.getframerate()
            whole.setpos(min(whole.getnframes(), max(0, round(low * rate))))
            heard = np.frombuffer(whole.readframes(round((high - low) * rate)), dtype="<i2").astype(np.float32)
        frame, window = round(_FRAME_S * rate), round(_QUIET_S / _FRAME_S)
        frames = heard[: len(heard) // frame * frame].reshape(-1, frame)
        if len(frames) <= window:
            return (low + high) / 2
        loud = np.sqrt((frames**2).mean(axis=1))
        over = np.convolve(loud, np.ones(window) / window, mode="valid")
        places = np.arange(len(over)) - len(over) / 2
        best = int(np.argmin(over + np.abs(places) / len(over)))  # half a step of 32,768 at the edges
        return low + (best + window / 2) * _FRAME_S

    return quietest


class Kept:
    """Pieces that were heard before this attempt, as JSON files by their milliseconds; without a folder nothing is kept."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def get(self, span: Range) -> Recognition | None:
        """None where it was not heard, or not written to its end."""
        if self._folder is None:
            return None
        try:
            held = json.loads(self._path(self._folder, span).read_text(encoding="utf-8"))
            return Recognition(**{**held, "segments": tuple(held["segments"])})
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def put(self, span: Range, heard: Recognition) -> None:
        """Written aside, then renamed: a piece is there or it is not."""
        if self._folder is None:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._path(self._folder, span)
        aside = path.with_name(f".{path.name}.{os.getpid()}")
        aside.write_text(json.dumps(asdict(heard), ensure_ascii=False), encoding="utf-8")
        aside.rename(path)

    @staticmethod
    def _path(folder: Path, span: Range) -> Path:
        return folder / f"{round(span[0] * 1000):08d}-{round(span[1] * 1000):08d}.json"


@contextmanager
def part_of(source: Path, span: Range, folder: Path) -> Iterator[Path]:
    """The sound of one piece as a file of its own, gone afterwards."""
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
    """What was heard in the pieces, on the recording's own clock. Pure.

    The language's probability is that of the speech in them: a silent piece says nothing of it.
    """
    speech = [heard.speech_s for _, heard in parts]
    weights = [end - start if heard.speech_s is None else heard.speech_s for (start, end), heard in parts]
    weighed = sum(heard.language_probability * weight for (_, heard), weight in zip(parts, weights, strict=True))
    return Recognition(
        language=parts[0][1].language,
        language_probability=weighed / sum(weights) if any(weights) else 0.0,
        speech_s=None if None in speech else sum(second for second in speech if second is not None),
        segments=tuple(_shifted(segment, span[0]) for span, heard in parts for segment in heard.segments),
    )


def _shifted(segment: Mapping[str, Any], by: float) -> Mapping[str, Any]:
    words = [{**word, "start": word["start"] + by, "end": word["end"] + by} for word in segment["words"]]
    return {**segment, "start": segment["start"] + by, "end": segment["end"] + by, "words": words}
