"""What stages need from the rooms above them: hands that run engines, a rule book that reads transcripts.

Stages plan commands and read outputs; `media_pipeline.engines` implements `Hands`, `media_pipeline.rulepacks`
implements `RuleBook`. Tests hand in recorded outputs through the same two doors.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from lms.core.types import ProductKind
from media_pipeline.stages.prints import Prints
from media_pipeline.stages.thresholds import Thresholds
from media_pipeline.stages.types import Check, Cue, Finding, Json, Request

Progress = Callable[[float], None]
"""Called with the finished share of the work, 0 to 1. It may raise to stop the work: children are killed."""


@dataclass(frozen=True)
class Limits:
    """What a child process may use. `wall_s` is kept by the runner, the rest by the kernel."""

    wall_s: float
    cpu_s: int
    memory_mb: int
    output_mb: int


@dataclass(frozen=True)
class Command:
    """An ffmpeg command without the binary. It runs in `folder`, where its relative outputs go.

    `duration_s` is the length of the material, for progress; 0 when unknown.
    """

    arguments: tuple[str, ...]
    folder: Path
    limits: Limits
    duration_s: float = 0.0


@dataclass(frozen=True)
class Outcome:
    """How a command ended. `log` is its stderr; `limit` what ended it: "", "time", "cpu", "memory" or "output"."""

    returncode: int
    log: str
    limit: str = ""


@dataclass(frozen=True)
class Recognition:
    """What a recogniser heard. Segment times are seconds of the wav; texts raw.

    `segments`: dicts of start, end, text, avg_logprob, no_speech_prob, compression_ratio and words (a list of
    {"word", "start", "end", "probability"}, empty where the engine was not asked). `speech_s`: seconds left after
    voice-activity filtering, None where the engine has none.
    """

    language: str
    language_probability: float
    speech_s: float | None
    segments: tuple[Mapping[str, Any], ...]


class EngineError(Exception):
    """An engine could not do its work, for a reason that is not the file's fault (missing weights, missing binary)."""


class NoRoom(EngineError):
    """The disk is full: what was begun is thrown away and tried again."""


class Interrupted(EngineError):
    """A child process was killed by somebody else: a person, or the kernel when the machine ran out of memory."""


class EngineLimit(Exception):
    """A child process was stopped at one of its limits. `limit` as in Outcome."""

    def __init__(self, limit: str) -> None:
        super().__init__(limit)
        self.limit = limit


class Hands(Protocol):
    """Runs engines in child processes of limited time, memory and output; adds up what they cost."""

    def run(self, command: Command, progress: Progress | None = None) -> Outcome: ...

    def probe(self, path: Path, container: str) -> Mapping[str, Any]:
        """Container and stream facts with one decoded frame, `container` forced. {"error": code} where unreadable.

        Raises EngineLimit.
        """
        ...

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
        """Recognise our own 16 kHz mono wav. Raises EngineError and EngineLimit."""
        ...

    def versions(self) -> Mapping[str, str]:
        """Engine name → version, as `{"ffmpeg": "5.1.9", "whisper": "faster-whisper 1.2.1 base int8"}`."""
        ...

    def spent(self) -> tuple[float, float]:
        """CPU seconds of all children so far, and the resident megabytes of the largest since the last call."""
        ...


@dataclass(frozen=True)
class Statement:
    """A required statement (domain 4.6), and the second it was said at, None when it was not."""

    id: str
    zh: str
    en: str
    said: bool
    at_s: float | None


class RuleBook(Protocol):
    """A compliance rule pack: immutable, named by its content."""

    @property
    def version(self) -> str: ...

    def find(self, cues: Sequence[Cue], product: ProductKind | None) -> list[Finding]:
        """Possible breaches in the order they are said."""
        ...

    def statements(self, cues: Sequence[Cue], request: Request) -> list[Statement]:
        """The required statements of the declared product, said or not."""
        ...

    def mentions(self, cues: Sequence[Cue], name: str) -> list[float]:
        """The seconds at which a name is said."""
        ...

    def vocabulary(self, request: Request) -> tuple[str, ...]:
        """Words it waits for in a work of this kind, the likeliest first: what a recogniser is told of."""
        ...


@dataclass(frozen=True)
class Comparison:
    """What a work was found to be like. matches: plain JSON for whoever records them; nothing of them is shown as it is."""

    checks: tuple[Check, ...]
    matches: tuple[Json, ...] = ()


class Earlier(Protocol):
    """The works that were handed in earlier, to hold one against. Bound to the work that is being compared."""

    def compare(self, prints: Prints, thresholds: Thresholds) -> Comparison:
        """Keep this work's fingerprints, then the checks `duplicate_...` and `resubmission`. May be asked again."""
        ...
