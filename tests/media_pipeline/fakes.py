"""Hands that give back recordings, and cues from plain sentences."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from media_pipeline.stages.ports import Command, Outcome, Progress, Recognition
from media_pipeline.stages.text import normalise
from media_pipeline.stages.types import Cue, Word


class RecordedHands:
    """Implements `ports.Hands` from recorded answers; remembers what it was asked."""

    def __init__(self, *, probe: Mapping[str, Any] | None = None, recognition: Recognition | None = None) -> None:
        self._probe = probe or {"error": "unreadable"}
        self._recognition = recognition
        self.commands: list[Command] = []
        self.asked: list[tuple[str, str]] = []

    def run(self, command: Command, progress: Progress | None = None) -> Outcome:
        self.commands.append(command)
        return Outcome(1, "[error] Invalid data found")

    def probe(self, path: Path, container: str) -> Mapping[str, Any]:
        return self._probe

    def transcribe(
        self,
        wav: Path,
        *,
        language: str,
        prompt: str,
        hotwords: str,
        duration_s: float,
        progress: Progress | None = None,
    ) -> Recognition:
        assert self._recognition is not None
        self.asked.append((prompt, hotwords))
        return self._recognition

    def versions(self) -> Mapping[str, str]:
        return {"ffmpeg": "5.1", "av": "18", "whisper": "recorded"}

    def spent(self) -> tuple[float, float]:
        return 0.0, 0.0


def heard(*texts: str) -> Recognition:
    """A recognition of these texts, two seconds each."""
    segments = tuple(
        {
            "start": 2.0 * place,
            "end": 2.0 * place + 2,
            "text": text,
            "avg_logprob": -0.2,
            "no_speech_prob": 0.0,
            "compression_ratio": 1.1,
            "words": [{"word": text, "start": 2.0 * place, "end": 2.0 * place + 2, "probability": 0.9}],
        }
        for place, text in enumerate(texts)
    )
    return Recognition("zh", 0.9, 2.0 * len(texts), segments)


def cue(text: str, index: int = 0, start: float = 0.0, seconds: float = 5.0, *, low_trust: bool = False) -> Cue:
    """A cue of one sentence, normalised, its characters evenly spread over its time."""
    shown, offsets = normalise(text)
    return Cue(
        index=index,
        start=start,
        end=start + seconds,
        text=shown,
        raw=text,
        offsets=offsets,
        avg_logprob=-0.2,
        no_speech_prob=0.1,
        compression_ratio=1.2,
        low_trust=low_trust,
        words=(Word(0, len(shown), start, start + seconds),),
    )


def cues(sentences: Sequence[str], seconds: float = 5.0) -> list[Cue]:
    return [cue(text, index, index * seconds, seconds) for index, text in enumerate(sentences)]
