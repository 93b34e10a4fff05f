"""What people agree to, and how it was recorded."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID


class ConsentKey(StrEnum):
    """Each is asked for and given on its own (PIPL art. 29)."""

    SENSITIVE_DATA = "sensitive_data"  # 敏感个人信息: identity paper, learning and exam records
    VIDEO = "video"  # her face and voice in works, seen by examiners and checked by machine


class ConsentHow(StrEnum):
    """On the screen by herself, or on paper recorded by the institution."""

    SCREEN = "screen"
    PAPER = "paper"


@dataclass(frozen=True)
class ConsentTextData:
    """One version of a text, in the reader's language."""

    uuid: UUID
    key: ConsentKey
    version: int
    title: str
    body: tuple[str, ...]  # paragraphs
    content_hash: str


@dataclass(frozen=True)
class ConsentData:
    """Where one person stands with one text: the newest row on its newest version, None if there is none.

    `older` names the version she agreed to when the text has changed since.
    """

    text: ConsentTextData
    given: bool | None
    how: ConsentHow | None
    at: datetime | None
    signed_on: date | None
    older: int | None
