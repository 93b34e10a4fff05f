"""The real hands: engines in limited child processes, and what they cost."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, distributions
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any

from media_pipeline.engines.children import Ended, python_child, python_reads, run_child, standing_walls
from media_pipeline.engines.ffmpeg import ffmpeg_version, find_ffmpeg, run_ffmpeg
from media_pipeline.engines.whisper_child import ENGINES, HEADS, RecogniserRequest
from media_pipeline.stages.ports import (
    Command,
    EngineError,
    EngineLimit,
    Interrupted,
    Limits,
    Outcome,
    Progress,
    Recognition,
)

_PACKAGES = {"faster-whisper": "faster-whisper", "openai-whisper": "openai-whisper"}
_PROBE_LIMITS = Limits(wall_s=60, cpu_s=30, memory_mb=1536, output_mb=1)
# A named model (not a folder) is one of the large ones.
_NAMED_MODEL_MB = 4000


@dataclass(frozen=True)
class EngineSettings:
    """Which engines to use. Empty `ffmpeg`: the one on PATH, else the wheel's. `whisper_model`: folder, file or name;
    `whisper_python`: the interpreter that has the recogniser, empty for this one."""

    whisper_model: str
    whisper_engine: str = "faster-whisper"
    whisper_compute_type: str = "int8"
    whisper_beam: int = 5
    whisper_python: str = ""
    word_timestamps: bool = True
    ffmpeg: str = ""
    max_pixels: int = 9_000_000


class EngineHands:
    """Implements `ports.Hands`. One object serves one piece of work: it counts what its children cost."""

    def __init__(self, settings: EngineSettings) -> None:
        if settings.whisper_engine not in ENGINES:
            raise EngineError(f"unknown recogniser {settings.whisper_engine!r}: choose {' or '.join(ENGINES)}")
        self._settings = settings
        self._cpu_s = 0.0
        self._peak_rss_mb = 0.0

    def run(self, command: Command, progress: Progress | None = None) -> Outcome:
        ended = self._count(run_ffmpeg(find_ffmpeg(self._settings.ffmpeg), command, progress))
        return Outcome(ended.returncode, ended.log, ended.limit)

    def probe(self, path: Path, container: str) -> Mapping[str, Any]:
        request = {"path": str(path), "container": container, "max_pixels": self._settings.max_pixels}
        ended = self._count(
            run_child(
                python_child("media_pipeline.engines.probe_child"),
                limits=_PROBE_LIMITS,
                reads=(*python_reads(), path),
                stdin=json.dumps(request).encode(),
            )
        )
        if ended.limit:
            raise EngineLimit(ended.limit)
        if ended.returncode < 0:  # a crash inside the demuxer is the file's doing: it may not be read again
            return {"error": "unreadable"}
        try:
            return json.loads(ended.stdout)
        except ValueError as error:
            raise EngineError(_last_line(ended.log) or "the probe ended without an answer") from error

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
        settings = self._settings
        model = Path(settings.whisper_model)
        if model.is_absolute() and not model.exists():
            # An absolute path is never a name to look up: say what is missing before the library guesses.
            raise EngineError(f"the Whisper model {model} is missing: run `make setup`, or set KAIBO_WHISPER_MODEL")
        request = RecogniserRequest(
            engine=settings.whisper_engine,
            model=settings.whisper_model,
            compute_type=settings.whisper_compute_type,
            wav=str(wav),
            language=language,
            prompt=prompt,
            hotwords=hotwords,
            beam=settings.whisper_beam,
            word_timestamps=settings.word_timestamps,
            threads=1,
        )
        answers: dict[str, Any] = {}

        def on_line(line: bytes) -> None:
            message = _message(line)
            answers.update(message)
            if progress and "progress" in message:
                progress(message["progress"])

        ended = self._count(
            run_child(
                python_child("media_pipeline.engines.whisper_child", settings.whisper_python),
                limits=self._whisper_limits(duration_s),
                reads=(*python_reads(settings.whisper_python), wav, *_model_reads(model)),
                walled=model.exists(),
                environment=self._whisper_environment(),
                stdin=json.dumps(asdict(request)).encode(),
                on_line=on_line,
            )
        )
        if "result" in answers:
            result = answers["result"]
            return Recognition(
                language=result["language"],
                language_probability=result["language_probability"],
                speech_s=result["speech_s"],
                segments=tuple(result["segments"]),
            )
        if ended.limit:
            raise EngineLimit(ended.limit)
        raise EngineError(answers.get("error") or _last_line(ended.log) or "the recogniser ended without an answer")

    def versions(self) -> Mapping[str, str]:
        settings = self._settings
        return {
            "ffmpeg": ffmpeg_version(find_ffmpeg(settings.ffmpeg)),
            "av": _installed("av"),
            "walls": standing_walls(),
            "whisper": " ".join(
                (
                    settings.whisper_engine,
                    _installed(_PACKAGES[settings.whisper_engine], settings.whisper_python),
                    Path(settings.whisper_model).name,
                    settings.whisper_compute_type,
                    f"beam {settings.whisper_beam}",
                )
            ),
        }

    def spent(self) -> tuple[float, float]:
        peak, self._peak_rss_mb = self._peak_rss_mb, 0.0
        return self._cpu_s, peak

    def _count(self, ended: Ended) -> Ended:
        self._cpu_s += ended.cpu_s
        self._peak_rss_mb = max(self._peak_rss_mb, ended.peak_rss_mb)
        if ended.limit == "killed":
            raise Interrupted("a child process was killed from outside, or the machine ran out of memory")
        return ended

    def _whisper_limits(self, duration_s: float) -> Limits:
        """Room for a model eight times the size and cost of base; more than that is a fault."""
        model_mb = _model_mb(self._settings.whisper_model)
        slow = 40 if self._settings.whisper_engine == "openai-whisper" else 8
        cpu_s = int(120 + duration_s * slow)
        return Limits(wall_s=4 * cpu_s, cpu_s=cpu_s, memory_mb=3072 + 8 * model_mb, output_mb=1)

    def _whisper_environment(self) -> dict[str, str]:
        """A model by name is looked up, perhaps fetched, as the person who installed it would: it hears our own wav only.

        One arena of memory: with one each, threads kept what was free for themselves, and a recogniser grew with its sound.
        """
        one = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "1"}
        if Path(self._settings.whisper_model).exists():
            return one | {"HF_HUB_OFFLINE": "1"}
        fetching = ("HOME", "PATH", "HTTPS_PROXY", "https_proxy", "SSL_CERT_FILE", "XDG_CACHE_HOME")
        return one | {name: value for name, value in os.environ.items() if name in fetching or name.startswith("HF_")}


def _model_reads(model: Path) -> list[Path]:
    """What lies at the model's path, which the operator chose: unlike an upload's, links in it lead where they say."""
    places = [model, model.with_name(HEADS), *(model.iterdir() if model.is_dir() else ())]
    return sorted({place.resolve() for place in places})


def _message(line: bytes) -> dict[str, Any]:
    """One JSON line; libraries that print something else on stdout are not listened to."""
    try:
        message = json.loads(line)
    except ValueError:
        return {}
    return message if isinstance(message, dict) else {}


def _last_line(log: str) -> str:
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    return lines[-1][:300] if lines else ""


@lru_cache
def _installed(package: str, python: str = "") -> str:
    """The version here, or beside another interpreter: its folder is looked through, nothing is run."""
    try:
        if not python:
            return installed(package)
        places = [str(place) for place in Path(python).absolute().parent.parent.glob("lib/python3*/site-packages")]
        return next(iter(distributions(name=package, path=places))).version
    except (PackageNotFoundError, StopIteration):
        return "missing"


@lru_cache
def _model_mb(model: str) -> int:
    path = Path(model)
    if path.is_file():
        return path.stat().st_size >> 20
    if path.is_dir():
        return sum(file.stat().st_size for file in path.iterdir() if file.is_file()) >> 20
    return _NAMED_MODEL_MB
