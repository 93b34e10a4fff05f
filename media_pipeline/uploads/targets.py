"""What uploads are for. A room that takes in videos registers itself here, so that the upload need not know the room."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from lms.accounts.api import Acting
from media_pipeline.assets import store
from media_pipeline.uploads.types import Accepted


@dataclass(frozen=True)
class UploadTarget:
    """One purpose of uploads.

    check(acting, said): the gate and what was declared, before a byte is sent; raises PermissionDenied, Http404 or
    TransferStopped (422) with what is wrong in each field. take_in(acting, said, file, now, begun_at): makes the work of the
    received file and says the address to go on at; raises PermissionDenied or UploadRefused with its message. It may be
    called again after a crash and must then give the same. max_bytes, owner_bytes: the largest file, and all that one login
    may have here, unfinished uploads counted.
    """

    name: str
    check: Callable[[Acting, Mapping[str, str]], Accepted]
    take_in: Callable[[Acting, Mapping[str, str], store.InPlace, datetime, datetime], str]
    max_bytes: Callable[[], int]
    owner_bytes: Callable[[], int]


_targets: dict[str, UploadTarget] = {}


def register_target(target: UploadTarget) -> None:
    """Add a purpose, from the app's `ready`. Raises ValueError when another has the name."""
    held = _targets.get(target.name)
    if held not in (None, target):
        raise ValueError(f"two upload targets are called {target.name!r}")
    _targets[target.name] = target


def target_named(name: str) -> UploadTarget | None:
    """The purpose, None when this installation has none of that name."""
    return _targets.get(name)


def largest() -> int:
    """The largest file any purpose takes, in bytes."""
    return max((target.max_bytes() for target in _targets.values()), default=0)
