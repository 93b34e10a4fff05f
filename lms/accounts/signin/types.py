"""What the account pages are given."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID


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
