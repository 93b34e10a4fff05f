"""Files between looking and bringing in: kept a day in private storage, found only by who handed them in."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import IO
from uuid import UUID, uuid4

from django.core.files import File
from django.core.files.storage import storages

_KEPT = timedelta(days=1)
_ROOT = "imports"


class NotStaged(LookupError):
    """There is no such file of this person any more."""


def stage(file: IO[bytes], *, by: UUID, now: datetime) -> UUID:
    """Keep an uploaded file for its second look; what lies there longer than a day goes."""
    _sweep(now)
    token = uuid4()
    file.seek(0)
    storages["private"].save(_name(by, token), File(file))
    return token


@contextmanager
def staged(token: UUID, *, by: UUID) -> Iterator[IO[bytes]]:
    """The file. Raises NotStaged."""
    storage = storages["private"]
    if not storage.exists(_name(by, token)):
        raise NotStaged
    with storage.open(_name(by, token), "rb") as source:
        yield source


def drop(token: UUID, *, by: UUID) -> None:
    """The file is not needed any more."""
    storages["private"].delete(_name(by, token))


def _name(by: UUID, token: UUID) -> str:
    return f"{_ROOT}/{by}/{token}"


def _sweep(now: datetime) -> None:
    storage = storages["private"]
    if not storage.exists(_ROOT):
        return
    for person in storage.listdir(_ROOT)[0]:
        for name in storage.listdir(f"{_ROOT}/{person}")[1]:
            path = f"{_ROOT}/{person}/{name}"
            if storage.get_modified_time(path) < now - _KEPT:
                storage.delete(path)
