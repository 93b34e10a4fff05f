"""Finding ffmpeg and running it: the installation's own, the one on PATH, or the one inside the imageio-ffmpeg wheel."""

import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from media_pipeline.engines.children import Ended, run_child
from media_pipeline.stages.ports import Command, EngineError, Progress

_VERSION = re.compile(r"ffmpeg version n?(\S+)")
# Before every command: never a question, never a terminal, machine-readable levels and progress; filters in one thread
# each, or a machine of many cores spends the child's memory on their stacks.
_MANNERS = (
    "-hide_banner", "-nostdin", "-y", "-loglevel", "level+info", "-nostats", "-progress", "pipe:1",
    "-filter_threads", "1", "-filter_complex_threads", "1",
)  # fmt: skip
# Said by the loader, before ffmpeg began: never the upload's fault.
_NOT_STARTED = "error while loading shared libraries"
# Since version 7 the exit code is the error's: ENOMEM, and EAGAIN, which only a thread that has no room for its stack gives.
_NO_MEMORY = (256 - 12, 256 - 11)


@lru_cache
def find_ffmpeg(named: str = "") -> Path:
    """The binary: `named` (KAIBO_FFMPEG), else PATH's, else the wheel's. Raises EngineError."""
    if named:
        path = shutil.which(named)
        if path is None:
            raise EngineError(f"KAIBO_FFMPEG names {named}, which is not a program")
        return Path(path).resolve()
    path = shutil.which("ffmpeg")
    if path is not None:
        return Path(path).resolve()
    try:
        import imageio_ffmpeg

        return Path(imageio_ffmpeg.get_ffmpeg_exe())
    except (ImportError, RuntimeError) as error:
        raise EngineError("no ffmpeg: install one, or the imageio-ffmpeg wheel (make setup does)") from error


@lru_cache
def ffmpeg_version(binary: Path) -> str:
    """The version in its own words, as "5.1.9-0+deb12u1". Raises EngineError when it cannot be started."""
    try:
        said = subprocess.run([str(binary), "-version"], capture_output=True, text=True, timeout=30, check=True).stdout
    except (OSError, subprocess.SubprocessError) as error:
        raise EngineError(f"{binary.name} does not start: {error}") from error
    match = _VERSION.search(said)
    return match[1] if match else "unknown"


def run_ffmpeg(binary: Path, command: Command, progress: Progress | None) -> Ended:
    """Run one command in its folder; progress is the written time over the material's length."""

    def on_line(line: bytes) -> None:
        key, _, value = line.partition(b"=")
        if progress and command.duration_s > 0 and key == b"out_time_us" and value.strip().lstrip(b"-").isdigit():
            progress(min(1.0, max(0.0, int(value) / 1e6 / command.duration_s)))

    ended = run_child(
        [str(binary), *_MANNERS, *command.arguments],
        limits=command.limits,
        folder=command.folder,
        reads=inputs_of(command.arguments),
        on_line=on_line,
    )
    if _NOT_STARTED in ended.log[:1000]:
        raise EngineError(f"{binary.name} does not start: {ended.log.strip()[:300]}")
    if ended.returncode in _NO_MEMORY and not ended.limit:
        return replace(ended, limit="memory")
    return ended


def inputs_of(arguments: Sequence[str]) -> list[Path]:
    """The files that a command names as its inputs, as `-i file:/absolute/path`: the only ones it may read."""
    named = (value for option, value in pairwise(arguments) if option == "-i")
    return [Path(value.removeprefix("file:")) for value in named if value.startswith("file:/")]
