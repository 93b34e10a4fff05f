"""Private storage: hand-ins and what is made from them. Written aside, hashed on the way, then renamed.

Works on a folder (the rename is atomic) and on an object store (an object appears whole or not at all).
"""

import hashlib
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Protocol
from uuid import UUID

from django.core.files.base import File
from django.core.files.storage import Storage, storages

from lms.core.clock import SHANGHAI
from lms.core.ids import new_uuid

CHUNK = 1 << 20


class NotAFile(Exception):
    """Something else lies where a stored file should: a link, a folder, a device. We store none of these."""


class Readable(Protocol):
    """An open binary file, or what a browser sent."""

    def read(self, size: int = ..., /) -> bytes: ...


@dataclass(frozen=True)
class Stored:
    """A file in private storage. size in bytes, sha256 as 64 hex digits."""

    key: str
    size: int
    sha256: str


@dataclass(frozen=True)
class InPlace:
    """A file that lies in private storage already, at the place where it stays. name: what its sender called it."""

    name: str
    stored: Stored

    @property
    def size(self) -> int:
        return self.stored.size


def private() -> Storage:
    """The storage of submissions, scans and photographs; never under MEDIA_URL."""
    return storages["private"]


def folder_key(kind: str, owner: UUID, now: datetime) -> str:
    """`kind/yyyy/mm/uuid`, the month in Shanghai."""
    local = now.astimezone(SHANGHAI)
    return f"{kind}/{local:%Y}/{local:%m}/{owner}"


def _on_disk(key: str) -> Path | None:
    """The file's path where the storage is a folder, else None."""
    try:
        return Path(private().path(key))
    except NotImplementedError:
        return None


class _Hashing:
    """Passes chunks on and remembers their hash and length."""

    def __init__(self, source: Readable) -> None:
        self._source = source
        self._hash = hashlib.sha256()
        self.size = 0

    def read(self, size: int = CHUNK) -> bytes:
        chunk = self._source.read(size if size and size > 0 else CHUNK)
        self._hash.update(chunk)
        self.size += len(chunk)
        return chunk

    def __iter__(self) -> Iterator[bytes]:
        return iter(lambda: self.read(CHUNK), b"")

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()


def put(source: Readable, key: str) -> Stored:
    """Store an open file under `key`, replacing what is there. Raises OSError; then nothing is left behind."""
    hashing = _Hashing(source)
    target = _on_disk(key)
    if target is None:
        _put_object(hashing, key)
        return Stored(key, hashing.size, hashing.sha256)
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    aside = target.with_name(f".{target.name}.{new_uuid().hex}")
    try:
        with aside.open("wb") as out:
            aside.chmod(0o600)
            for chunk in hashing:
                out.write(chunk)
            out.flush()
            os.fsync(out.fileno())
        aside.replace(target)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
    return Stored(key, hashing.size, hashing.sha256)


def _put_object(hashing: _Hashing, key: str) -> None:
    storage = private()
    storage.delete(key)
    body: Any = hashing
    saved = storage.save(key, File(body, name=key))
    if saved != key:
        storage.delete(saved)
        raise OSError(f"private storage stored {saved} instead of {key}")


def put_path(path: Path, key: str) -> Stored:
    """Store a file of this machine. Raises OSError."""
    with path.open("rb") as source:
        return put(source, key)


def bring(key: str, target: Path) -> Path:
    """Make the stored file readable at `target` on this machine: a hard link where possible, else a copy.

    Raises OSError, and NotAFile where a link would lead somewhere else.
    """
    path = _on_disk(key)
    if path is not None:
        if not stat.S_ISREG(path.lstat().st_mode):
            raise NotAFile(key)
        try:
            os.link(path, target)
            return target
        except FileNotFoundError:
            raise
        except OSError:
            pass  # another file system: copy
    with private().open(key, "rb") as source, target.open("wb") as out:
        shutil.copyfileobj(source, out, CHUNK)
    return target


def exists(key: str) -> bool:
    """Whether the file is there."""
    return private().exists(key)


def open_stored(key: str) -> IO[bytes]:
    """The stored file, opened for reading; seekable. Raises FileNotFoundError."""
    opened: Any = private().open(key, "rb")
    return opened


def read(key: str) -> bytes:
    """The whole of a small stored file. Raises FileNotFoundError."""
    with open_stored(key) as file:
        return file.read()


def discard(key: str) -> None:
    """Delete a stored file, and on disk its folder once empty. Silent when it is gone already."""
    path = _on_disk(key)
    private().delete(key)
    if path is not None:
        with suppress(OSError):
            path.parent.rmdir()


def listing(folder: str) -> dict[str, list[str]]:
    """Sub-folder name → keys in it, of one folder of private storage; empty when there is none."""
    storage = private()
    try:
        folders, _ = storage.listdir(folder)
    except FileNotFoundError:
        return {}
    return {name: [f"{folder}/{name}/{file}" for file in storage.listdir(f"{folder}/{name}")[1]] for name in folders}


def walk(*folders: str) -> Iterator[str]:
    """Every key below these folders, halves of files that are being written too. Folders may vanish meanwhile."""
    storage = private()
    for folder in folders:
        try:
            below, files = storage.listdir(folder)
        except FileNotFoundError:
            continue
        yield from (f"{folder}/{name}" for name in files)
        yield from walk(*(f"{folder}/{name}" for name in below))


def is_older(key: str, before: datetime) -> bool:
    """Whether the file was last written before that moment; False when it is gone."""
    try:
        return private().get_modified_time(key) < before
    except FileNotFoundError:
        return False
