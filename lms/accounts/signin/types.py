"""What the account pages are given; other names to sign in by."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID


class AliasKind(StrEnum):
    """What may stand for the login name."""

    PHONE = "phone"
    MAIL = "mail"


class AliasState(StrEnum):
    """Only a confirmed alias signs anybody in."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    ENDED = "ended"


ALIAS_MOVES: Mapping[AliasState, frozenset[AliasState]] = {
    AliasState.PENDING: frozenset({AliasState.CONFIRMED, AliasState.ENDED}),
    AliasState.CONFIRMED: frozenset({AliasState.ENDED}),
}


@dataclass(frozen=True)
class HeldRole:
    """A membership that holds today."""

    uuid: UUID
    organisation: str
    role_label: str
    valid_to: date | None


@dataclass(frozen=True)
class AccountPage:
    """The account at a glance."""

    login_name: str
    display_name: str
    second_step: bool
    second_step_required: bool
    recovery_codes_left: int
    sessions: int
    roles: tuple[HeldRole, ...]


@dataclass(frozen=True)
class AliasRow:
    """One kind of alias: masked, and in which state; `state` None: none yet."""

    kind: AliasKind
    label: str
    shown: str
    state: AliasState | None
