"""Where the bytes of an unfinished upload lie: in the private folder, or as a multipart upload of an object store.

What `append` has returned from is on the disk, or in the bucket: only then is the offset acknowledged.
"""

import errno
import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

from django.core.files.storage import Storage

from media_pipeline.assets import store
from media_pipeline.uploads.types import Busy, BytesLost, NoRoom

State = dict[str, Any]
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_CHUNK = 1 << 20
# The smallest part of a multipart upload but the last (S3's rule).
PART_BYTES = 5 << 20


class Parts(Protocol):
    """Storage that files grow in. `state` is what was kept with the upload after the last piece."""

    # How long one piece may take before another writer may come.
    lease_s: int
    # Reading the whole file back is cheap enough to do before the last piece is answered.
    near: bool

    def room(self) -> int | None:
        """Free bytes; None when there is no telling."""

    def append(self, key: str, state: State, offset: int, piece: bytes, length: int) -> State:
        """Store a piece behind the first `offset` bytes. Raises NoRoom, Busy, BytesLost; then nothing has changed."""

    def complete(self, key: str, state: State, length: int) -> None:
        """All bytes are there: the file is `key` from now on. May be called again. Raises BytesLost."""

    def chunks(self, key: str) -> Iterator[bytes]:
        """The completed file from its beginning."""

    def discard(self, key: str, state: State) -> None:
        """Forget an unfinished upload. Silent when it is gone already."""


def parts() -> Parts:
    """Those of the private storage."""
    storage = store.private()
    try:
        storage.path("uploads")
    except NotImplementedError:
        return ObjectParts(storage)
    return FolderParts(storage)


class FolderParts:
    """One growing file, at the place where it stays. The kernel's lock on it makes sure of what the lease promises."""

    lease_s = 5
    near = True

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def _path(self, key: str) -> Path:
        return Path(self._storage.path(key))

    def room(self) -> int | None:
        place = self._path("uploads")
        while not place.exists():
            place = place.parent
        return shutil.disk_usage(place).free

    def append(self, key: str, state: State, offset: int, piece: bytes, length: int) -> State:
        path = self._path(key)
        made = not path.exists()
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as fault:
            raise _told(fault) from fault
        try:
            self._write(handle, offset, piece, length)
        finally:
            os.close(handle)  # and with it the lock
        if made:
            _flush_folders(path.parent, self._path("uploads"))
        return state

    @staticmethod
    def _write(handle: int, offset: int, piece: bytes, length: int) -> None:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy from None
        if os.fstat(handle).st_size < offset:
            raise BytesLost
        view, at = memoryview(piece), offset
        try:
            while view:
                written = os.pwrite(handle, view, at)
                view, at = view[written:], at + written
            if at >= length:  # a killed writer may have left more than it told
                os.ftruncate(handle, length)
            os.fsync(handle)
        except OSError as fault:
            with suppress(OSError):
                os.ftruncate(handle, offset)
            raise _told(fault) from fault

    def complete(self, key: str, state: State, length: int) -> None:
        path = self._path(key)
        if not path.exists() or path.stat().st_size != length:
            raise BytesLost
        os.utime(path)  # the daily search for files without a row counts from now

    def chunks(self, key: str) -> Iterator[bytes]:
        with self._path(key).open("rb") as file:
            while chunk := file.read(_CHUNK):
                yield chunk

    def discard(self, key: str, state: State) -> None:
        store.discard(key)


def _told(fault: OSError) -> Exception:
    return NoRoom() if fault.errno in _FULL else fault


def _flush_folders(folder: Path, root: Path) -> None:
    """A new file's name survives a power cut only when its folders are flushed, too."""
    while True:
        handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
        if folder == root or folder == folder.parent:
            return
        folder = folder.parent


class ObjectParts:
    """A multipart upload through django-storages' S3 client. Bytes that do not fill a part yet are an object of their own,
    so that any host can go on; its name carries the offset, so that one left by a killed writer is never mistaken.

    state: upload (the store's id), parts ([number, tag, size] each), tail (bytes in the remainder).
    """

    lease_s = 60
    near = False

    def __init__(self, storage: Storage) -> None:
        held: Any = storage
        self._client = held.connection.meta.client
        self._bucket: str = held.bucket_name
        self._prefix: str = held.location.strip("/")

    def _name(self, key: str) -> str:
        return f"{self._prefix}/{key}" if self._prefix else key

    def _tail(self, key: str, end: int) -> str:
        return self._name(f"{key}.tail-{end}")

    def room(self) -> int | None:
        return None

    def append(self, key: str, state: State, offset: int, piece: bytes, length: int) -> State:
        place = {"Bucket": self._bucket, "Key": self._name(key)}
        upload = state.get("upload") or self._client.create_multipart_upload(**place)["UploadId"]
        done = [list(part) for part in state.get("parts", [])]
        before = int(state.get("tail", 0))
        data = self._read(self._tail(key, offset), before) + piece if before else piece
        end = offset + len(piece)
        if len(data) >= PART_BYTES or end == length:
            number = len(done) + 1
            sent = self._client.upload_part(**place, UploadId=upload, PartNumber=number, Body=data)
            done.append([number, sent["ETag"], len(data)])
            data = b""
        else:
            self._client.put_object(Bucket=self._bucket, Key=self._tail(key, end), Body=data)
        after: State = {"upload": upload, "parts": done, "tail": len(data)}
        if before:
            after["old_tail"] = offset
        if state.get("old_tail") is not None:  # acknowledged without it: nobody reads it any more
            self._client.delete_object(Bucket=self._bucket, Key=self._tail(key, int(state["old_tail"])))
        return after

    def _read(self, name: str, size: int) -> bytes:
        try:
            body: bytes = self._client.get_object(Bucket=self._bucket, Key=name)["Body"].read()
        except self._client.exceptions.NoSuchKey:
            raise BytesLost from None
        if len(body) != size:
            raise BytesLost
        return body

    def complete(self, key: str, state: State, length: int) -> None:
        place = {"Bucket": self._bucket, "Key": self._name(key)}
        if sum(part[2] for part in state.get("parts", [])) != length:
            raise BytesLost
        named = [{"PartNumber": number, "ETag": tag} for number, tag, _size in state["parts"]]
        try:
            self._client.complete_multipart_upload(**place, UploadId=state["upload"], MultipartUpload={"Parts": named})
        except self._client.exceptions.ClientError as fault:
            if not self._is_there(key, length):  # completed by one that was killed before it said so
                raise BytesLost from fault
        self._forget_tails(key, state, length)

    def _is_there(self, key: str, length: int) -> bool:
        try:
            head = self._client.head_object(Bucket=self._bucket, Key=self._name(key))
        except self._client.exceptions.ClientError:
            return False
        return bool(head["ContentLength"] == length)

    def _forget_tails(self, key: str, state: State, end: int) -> None:
        for each in {end, int(state.get("old_tail", end))}:
            self._client.delete_object(Bucket=self._bucket, Key=self._tail(key, each))

    def chunks(self, key: str) -> Iterator[bytes]:
        body = self._client.get_object(Bucket=self._bucket, Key=self._name(key))["Body"]
        yield from body.iter_chunks(_CHUNK)

    def discard(self, key: str, state: State) -> None:
        if state.get("upload"):
            with suppress(self._client.exceptions.ClientError):
                self._client.abort_multipart_upload(Bucket=self._bucket, Key=self._name(key), UploadId=state["upload"])
            self._forget_tails(key, state, sum(part[2] for part in state["parts"]) + int(state["tail"]))
        self._client.delete_object(Bucket=self._bucket, Key=self._name(key))
