"""Who keeps the law book."""

from django.utils.translation import gettext as _

from lms.accounts.api import Acting, NotAllowed, Organisation, can, require


def keeps_law_book(acting: Acting) -> bool:
    """The HR bureau of a place at the top of the tree; a county's edits no policy (S2-47)."""
    if not can(acting, "policy_profile", "update"):
        return False
    return Organisation.objects.filter(path=acting.organisation_path, depth=1).exists()


def require_keeper(acting: Acting) -> None:
    """The same as a gate. Raises NotAllowed."""
    require(acting, "policy_profile", "update")
    if not keeps_law_book(acting):
        raise NotAllowed(_("Only the HR bureau at the top of the tree may do this."))
