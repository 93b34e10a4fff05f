"""What the administrator's pages are given. Personal data arrive here masked."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID


@dataclass(frozen=True)
class OrganisationRow:
    """One node of the tree; `level` counts from 0 at the top of what the administrator sees."""

    uuid: UUID
    name: str
    kind_label: str
    level: int
    is_demo: bool

    @property
    def indent(self) -> str:
        """Full-width spaces that show the depth."""
        return "\u3000" * self.level


@dataclass(frozen=True)
class MembershipRow:
    """A role, past, present or future."""

    uuid: UUID
    role_label: str
    organisation: str
    valid_from: date
    valid_to: date | None
    holds: bool
    can_end: bool


@dataclass(frozen=True)
class UserRow:
    """One login."""

    uuid: UUID
    login_name: str
    display_name: str
    organisation: str
    roles: tuple[str, ...]
    is_active: bool
    is_demo: bool


@dataclass(frozen=True)
class UserPage:
    """One login with everything an administrator may do to it."""

    row: UserRow
    person: str
    has_password: bool
    password_is_initial: bool
    second_step: bool
    memberships: tuple[MembershipRow, ...]
    is_self: bool


@dataclass(frozen=True)
class PersonRow:
    """One person: 林*燕, 3501**********1234, 138****1234."""

    uuid: UUID
    name: str
    document_label: str
    document: str
    phone: str
    organisation: str
    login_name: str
    is_demo: bool


@dataclass(frozen=True)
class Listing:
    """A page of rows: 50 a page, the number of all, and what was searched for."""

    rows: tuple[OrganisationRow | UserRow | PersonRow, ...]
    total: int
    page: int
    pages: int
    query: str
