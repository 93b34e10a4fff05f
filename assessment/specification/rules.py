"""Who lets a specification be examined by."""

from django.utils.translation import gettext as _

from lms.accounts.api import INSTALLATION, Acting, NotAllowed, can, require
from lms.policies.api import keeps_law_book


def may_approve(acting: Acting) -> bool:
    """The HR bureau that keeps the law book (S1-19, S2-47)."""
    return can(acting, "assessment_specification", "approve") is not None and keeps_law_book(acting)


def require_approver(acting: Acting) -> None:
    """The same as a gate; the installation itself may, for the demonstration. Raises NotAllowed."""
    if acting == INSTALLATION:
        return
    require(acting, "assessment_specification", "approve")
    if not keeps_law_book(acting):
        raise NotAllowed(_("Only the HR bureau at the top of the tree may do this."))
