"""The door of lms.accounts."""

from lms.accounts.matrix import MATRIX, Action, Cell, can
from lms.accounts.memberships.selectors import acting_for, valid_memberships
from lms.accounts.rules import may
from lms.accounts.types import NOBODY, STAFF_ROLES, Acting, DocumentKind, OrganisationKind, Role, Sex

__all__ = [
    "MATRIX",
    "NOBODY",
    "STAFF_ROLES",
    "Acting",
    "Action",
    "Cell",
    "DocumentKind",
    "OrganisationKind",
    "Role",
    "Sex",
    "acting_for",
    "can",
    "may",
    "valid_memberships",
]
