"""Finding ffmpeg and running it: the installation's own, the one on PATH, or the one inside the imageio-ffmpeg wheel."""

import re
import shutil
import subprocess
from functools import lru_cache
from pathlib import Path

from media_pipeline.engines.children import Ended, run_child
from media_pipeline.stages.ports import Command, EngineError, Progress

_VERSION = re.compile(r"ffmpeg version n?(\S+)")
# Before every command: never a question, never a terminal, machine-readable levels and progress.
_MANNERS = ("-hide_banner", "-nostdin", "-y", "-loglevel", "level+info", "-nostats", "-progress", "pipe:1")


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

    return run_child(
        [str(binary), *_MANNERS, *command.arguments], limits=command.limits, folder=command.folder, on_line=on_line
    )
