"""Notices: what is told to whom, and whether it arrived. No Django."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID


class Way(StrEnum):
    """How a notice leaves the site; in the site it stands always."""

    MAIL = "mail"
    SMS = "sms"


class Receipt(StrEnum):
    """How it is known that a notice arrived."""

    OPENED = "opened"  # she opened it herself
    TOLD = "told"  # somebody told her: by phone, on paper, in class


class DeliveryState(StrEnum):
    """What became of a mail or a short message: waiting → any of the others."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"  # every try was refused, or the contact is gone
    NEEDLESS = "needless"  # she had opened it, or was told, before it left


# A parameter of a notice's words; dates are written in the reader's language.
Param = str | int | date


@dataclass(frozen=True)
class Deadline:
    """A day that is included to 24:00 (Shanghai), as it stands at the moment of asking.

    `label`: 4 days left; `phrase`: until 2026-03-20 24:00, 4 days left.
    """

    day: date
    days_left: int
    over: bool
    label: str
    phrase: str
    tone: str


@dataclass(frozen=True)
class NoticeRow:
    """One line of her notices."""

    uuid: UUID
    title: str
    created_at: datetime
    unread: bool
    deadline: Deadline | None
    url: str


@dataclass(frozen=True)
class Page:
    """Which page of a list this is."""

    number: int
    count: int
    older: int | None
    newer: int | None


@dataclass(frozen=True)
class NoticeList:
    """Her notices, newest first."""

    rows: tuple[NoticeRow, ...]
    unread: int
    page: Page
    may_see_unreached: bool


@dataclass(frozen=True)
class NoticePage:
    """One notice, opened. `goal` leads to the thing it speaks of, "" for none."""

    uuid: UUID
    title: str
    body: str
    created_at: datetime
    deadline: Deadline | None
    goal: str


@dataclass(frozen=True)
class Choice:
    """An entry of a filter."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True)
class UnreachedRow:
    """Somebody whom a notice has not reached: masked, with what finds her on the institution's own list."""

    notice: UUID
    name: str
    login_name: str
    phone: str
    organisation: str
    about: str
    title: str
    created_at: datetime
    deadline: Deadline | None
    may_tell: bool


@dataclass(frozen=True)
class UnreachedPage:
    """People not reached in the actor's place, oldest first."""

    rows: tuple[UnreachedRow, ...]
    total: int
    kinds: tuple[Choice, ...]
    groups: tuple[Choice, ...]
    printed_at: datetime
    printed_by: str
