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
