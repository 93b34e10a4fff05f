"""Who may read, write and review the curriculum, and who decides about closed levels."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from lms.accounts.api import NOBODY, Acting, NotAllowed, Organisation, may, require


def reads_lessons(request: HttpRequest) -> bool:
    """Every role with a cell in the row "lessons" of domain 3.3; the curriculum belongs to no institution."""
    return may(_acting(request), "lesson", "read")


def writes_lessons(request: HttpRequest) -> bool:
    """Whoever writes lessons, and whoever reviews them (a reviewer writes hers, too)."""
    acting = _acting(request)
    return may(acting, "lesson", "update") or may(acting, "lesson", "approve")


def arranges_curriculum(request: Any) -> bool:
    """New editions, shared modules: the committee. Of a request or its user."""
    return may(_acting(request), "lesson", "approve")


def reads_openings(request: HttpRequest) -> bool:
    """Whoever may see what was decided about closed levels (S1-10)."""
    return may(_acting(request), "level_opening", "read")


def decides_openings(acting: Acting) -> bool:
    """The authority that decides when a closed level opens: the HR bureau of a place at the top of the tree."""
    if not may(acting, "level_opening", "approve"):
        return False
    return Organisation.objects.filter(path=acting.organisation_path, depth=1).exists()


def require_opening_right(acting: Acting) -> None:
    """The same as a gate. Raises NotAllowed."""
    require(acting, "level_opening", "approve")
    if not decides_openings(acting):
        raise NotAllowed(_("Only the HR bureau at the top of the tree may do this."))


def _acting(request: Any) -> Acting:
    acting: Acting = getattr(request, "acting", NOBODY)
    return acting
