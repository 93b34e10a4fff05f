"""Permission predicates: the matrix's cell, then the row it reaches."""

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _
from rules.permissions import add_perm
from rules.predicates import predicate

from lms.accounts.matrix import PLACELESS, Action, can
from lms.accounts.types import NOBODY, Acting, Role


class NotAllowed(PermissionDenied):
    """The matrix gives this role no such right on this row; answered with 403 wherever it is not caught."""


def may(acting: Acting, object_kind: str, action: Action, *, place: str | None = None, own: bool = False) -> bool:
    """Whether the act is allowed on one row.

    `place` is the tree path of the organisation the row belongs to; a row without one is refused, except for the kinds
    that belong to no place (`PLACELESS`). `own` says that the row is the actor's own or assigned to her; a cell marked
    own asks for it, and her own row may lie in any place (an examiner's assigned works come from other institutions).
    Every other cell reaches the rows of the acting organisation and below it (S1-02).
    """
    cell = can(acting, object_kind, action)
    if cell is None:
        return False
    if cell.own:
        return own
    return object_kind in PLACELESS or (place is not None and acting.covers(place))


def require(acting: Acting, object_kind: str, action: Action, *, place: str | None = None, own: bool = False) -> None:
    """The same as a gate. Raises NotAllowed."""
    if not may(acting, object_kind, action, place=place, own=own):
        raise NotAllowed(_("Your role may not do this here."))


def acting_of(user: AbstractBaseUser | AnonymousUser) -> Acting:
    """On whose behalf this request's user acts, as the middleware attached it; nobody outside a request."""
    return getattr(user, "acting", NOBODY)


@predicate
def enters_admin(user: AbstractBaseUser) -> bool:
    """Wagtail's admin: the curriculum for committee and instructors, users and organisations for the administrator."""
    return acting_of(user).role in {Role.COMMITTEE, Role.INSTRUCTOR, Role.ADMINISTRATOR}


# Wagtail asks has_perm; the answer follows the role acted in, never a group or a flag.
add_perm("wagtailadmin.access_admin", enters_admin)
