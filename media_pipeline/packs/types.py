"""States of a rule pack and what its pages are given."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from media_pipeline.rulepacks.document import Fault


class PackState(StrEnum):
    """draft ⇄ review → published → withdrawn; a draft may be given up."""

    DRAFT = "draft"
    REVIEW = "review"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"
    GIVEN_UP = "given_up"


class PackRefusal(Exception):
    """Something a person may not do now. message: for her; code: for tests; faults: what is wrong with the pack."""

    def __init__(self, message: str, *, code: str, faults: tuple[Fault, ...] = ()) -> None:
        super().__init__(message)
        self.message, self.code, self.faults = message, code, faults


class NoPack(LookupError):
    """No such pack."""


@dataclass(frozen=True)
class PackData:
    """A pack and its newest text. `trial`: outcome of the newest trial of this text, None: not tried yet."""

    uuid: UUID
    number: int
    title: str
    state: PackState
    effective_from: date | None
    text: UUID
    revision: int
    content: Mapping[str, Any]
    content_hash: str
    note: str
    author: UUID | None
    at: datetime
    trial: Mapping[str, Any] | None
