"""What was studied, as it goes out. No Django."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from uuid import UUID


class Source(IntEnum):
    """Where a statement comes from; the number orders statements of the same moment."""

    EVENT = 0
    ANSWER = 1


class StatementsRefused(Exception):
    """A foreseen refusal. `message` is for the person who asked; `field` names the input."""

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class NoPlace(ValueError):
    """The text names no place in the statements."""


@dataclass(frozen=True)
class Cursor:
    """A place in the order of statements: when it was stored, its source, its row."""

    stored: datetime
    source: Source
    row: int


@dataclass(frozen=True)
class Asked:
    """What of an institution's statements is asked for. since: exclusive, until: inclusive, both of `stored` (xAPI 2.1.3)."""

    since: datetime | None = None
    until: datetime | None = None
    ascending: bool = False
    limit: int = 100


@dataclass(frozen=True)
class Happened:
    """One thing a trainee did. kind: opened, read, completed, or answered; percent: how far she is in the lesson."""

    place: Cursor
    kind: str
    key: UUID
    enrolment: UUID
    person: UUID
    training_class: UUID
    class_name: str
    lesson: UUID
    version: UUID
    at: datetime
    percent: int = 0
    check: UUID | None = None
    chosen: tuple[str, ...] = ()
    correct: bool = False


@dataclass(frozen=True)
class ClientRow:
    """A system that may fetch, as shown. revoked_at None: it may."""

    uuid: UUID
    name: str
    institution: str
    created_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None
    may_revoke: bool


@dataclass(frozen=True)
class ClientsPage:
    """The desk of clients. endpoint: the address they fetch from."""

    rows: tuple[ClientRow, ...]
    endpoint: str
    may_create: bool
    institution: str
