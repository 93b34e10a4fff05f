"""A SCORM package as pages show it. No Django."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from media_pipeline.assets.types import Pages


@dataclass(frozen=True)
class Manifest:
    """What an imsmanifest.xml says. title: of its organization, "" without one; entry: path in the package, with its query."""

    title: str
    entry: str


@dataclass(frozen=True)
class PackageView:
    """One package for one reader. src: where its frame begins, signed for her, "" where no other origin serves it."""

    uuid: UUID
    title: str
    src: str
    origin: str


@dataclass(frozen=True)
class PackageRow:
    """A line of the list of those who make lessons. src: where they may look at it, "" without another origin."""

    uuid: UUID
    title: str
    author: str
    created_at: datetime
    version: str
    files: int
    size: int
    src: str


@dataclass(frozen=True)
class PackageList:
    """Packages, newest first. query: what the titles hold; served: whether another origin serves them."""

    rows: list[PackageRow]
    pages: Pages
    query: str
    served: bool


class PackageRefused(Exception):
    """A foreseen refusal of a service here; `message` is for the person who asked, `field` names the input."""

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.field = field
