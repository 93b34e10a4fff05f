"""What the people's desk is given. Trainees' names arrive masked."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from lms.accounts.consent.types import ConsentData
from lms.accounts.types import Role

# They are registered with their identity paper; of other staff it may be asked later.
WITH_PAPER = frozenset({Role.TRAINEE, Role.INSTRUCTOR, Role.EXAMINER, Role.CHIEF_EXAMINER})


@dataclass(frozen=True)
class PeopleRow:
    """One login of the list. `state` and `tone` say whether she can sign in."""

    uuid: UUID
    name: str
    login_name: str
    roles: tuple[str, ...]
    organisation: str
    state: str
    tone: str
    unseen: bool  # registered herself; nobody has compared her with her paper
    is_demo: bool


@dataclass(frozen=True)
class PeopleList:
    """A page of logins, 50 a page."""

    rows: tuple[PeopleRow, ...]
    total: int
    page: int
    pages: int
    query: str
    waiting: int
    can_make: bool
    can_see_organisations: bool


@dataclass(frozen=True)
class HeldRoleRow:
    """A role, past, present or future."""

    uuid: UUID
    label: str
    organisation: str
    valid_from: date
    valid_to: date | None
    holds: bool
    can_end: bool


@dataclass(frozen=True)
class SlipRow:
    """A slip made for her; never its code."""

    uuid: UUID
    purpose: str
    state: str
    tone: str
    made_at: datetime
    issuer: str
    valid_to: date
    can_withdraw: bool


@dataclass(frozen=True)
class PersonPage:
    """One login with everything that may be done to it from this desk."""

    uuid: UUID
    person: UUID | None
    name: str
    login_name: str
    registered_by: str
    document_label: str
    document: str
    phone: str
    state: str
    tone: str
    is_active: bool
    is_self: bool
    helps: bool  # whether who acts may make slips and close the login
    why_not: str
    second_step: bool
    unseen: bool
    has_paper: bool
    roles: tuple[HeldRoleRow, ...]
    slips: tuple[SlipRow, ...]
    consents: tuple[ConsentData, ...]
    records_consent: bool
    can_give: bool


@dataclass(frozen=True)
class OrganisationRow:
    """One node of the branch; `level` counts from 0 at its top."""

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
class OrganisationList:
    """The branch in tree order."""

    rows: tuple[OrganisationRow, ...]
    can_make: bool


@dataclass(frozen=True)
class Admitted:
    """What became of an admission: her login, and whether she was known here already."""

    user: UUID
    login_name: str
    known: bool
