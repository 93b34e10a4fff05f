"""Dated corrections of name or number, and duplicates made one. No Django."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class RequestState(StrEnum):
    """asked → allowed | refused; read from the decision, stored nowhere."""

    ASKED = "asked"
    ALLOWED = "allowed"
    REFUSED = "refused"


@dataclass(frozen=True)
class Change:
    """One line of a correction: what the record says, what was asked for."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class CorrectionRow:
    """A request on a list: masked."""

    uuid: UUID
    name: str
    organisation: str
    what: str
    asked_at: datetime
    state: RequestState
    state_label: str
    tone: str
    url: str


@dataclass(frozen=True)
class MergeRow:
    """A proposal on a list: masked."""

    uuid: UUID
    kept: str
    merged: str
    organisation: str
    asked_at: datetime
    state: RequestState
    state_label: str
    tone: str
    url: str


@dataclass(frozen=True)
class Desk:
    """What waits for a decision and what was decided, newest first."""

    corrections: tuple[CorrectionRow, ...]
    merges: tuple[MergeRow, ...]
    may_propose: bool


@dataclass(frozen=True)
class CorrectionPage:
    """One request, to be decided. Numbers in full: opening the page leaves an audit line."""

    uuid: UUID
    name: str
    organisation: str
    changes: tuple[Change, ...]
    evidence: str
    scan_note: str
    asked_at: datetime
    asked_by: str
    state: RequestState
    state_label: str
    tone: str
    reason: str
    decided_at: datetime | None
    may_decide: bool


@dataclass(frozen=True)
class RecordCard:
    """One of the two records of a proposal: masked."""

    uuid: UUID
    name: str
    document: str
    phone: str
    birth_date: str
    login_name: str
    organisation: str
    created_at: datetime


@dataclass(frozen=True)
class MergePage:
    """Two records side by side."""

    uuid: UUID
    kept: RecordCard
    merged: RecordCard
    evidence: str
    asked_at: datetime
    asked_by: str
    state: RequestState
    state_label: str
    tone: str
    reason: str
    decided_at: datetime | None
    may_decide: bool
    why_not: str


@dataclass(frozen=True)
class PastName:
    """What her record said until a correction."""

    name: str
    document: str
    until: datetime
