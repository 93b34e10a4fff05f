"""What a sealed package is made of, and what checking one may find. No Django."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path


@dataclass(frozen=True)
class Package:
    """What is to be sealed (封存包). kind: what it holds ("evidence"); identifier: of what, as its readers know it (a blind
    code); both become the folder's name. description: one line; files: place below `data/` → bytes, or the file that holds
    them. Names are ASCII letters, digits, `.`, `_`, `-`, folders with `/`.
    """

    kind: str
    identifier: str
    description: str
    sealed_at: datetime
    files: Mapping[str, bytes | Path]


@dataclass(frozen=True)
class Limits:
    """What is read of a stranger's file before it is refused. size: bytes of the whole; tag_file: of a list or signature."""

    size: int = 2_000_000_000
    members: int = 10_000
    tag_file: int = 4_000_000


class Fault(StrEnum):
    """What can be wrong with a package."""

    TOO_BIG = "too_big"
    NO_PACKAGE = "no_package"  # cut off, or no zip of ours at all
    NAME = "name"  # leads out of the folder, or could not be unpacked everywhere
    NO_PLAIN_FILE = "no_plain_file"  # link, folder, compressed or encrypted
    TWICE = "twice"
    FOLDERS = "folders"
    MISSING = "missing"
    EXTRA = "extra"
    CHANGED = "changed"
    UNREADABLE = "unreadable"  # a list, or the signature's file, is not written as we write it
    SIGNATURE = "signature"
    STRANGER = "stranger"  # signed with a key we do not know
    WRAPPING = "wrapping"  # the files are right, the bytes around them are not ours


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong. where: the file inside the package, "" for the whole; detail: a figure or key id to name."""

    fault: Fault
    where: str = ""
    detail: str = ""


@dataclass(frozen=True)
class Report:
    """The outcome. What the package says of itself (`told`: label → value of its bag-info.txt) is to be believed only when
    there is no problem. key: id of the key that signed, "" when no signature was readable; files: how many it holds.
    """

    problems: tuple[Problem, ...]
    key: str = ""
    files: int = 0
    size: int = 0
    sha256: str = ""
    told: Mapping[str, str] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Sealed by a known key, and not one byte another since."""
        return not self.problems
