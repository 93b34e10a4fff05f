"""Who writes blueprints and draws papers, who approves them, who reads (domain 3.3). Blueprints and papers are one for all."""

from django.utils.translation import gettext as _

from lms.accounts.api import INSTALLATION, Acting, NotAllowed, can, may, require
from lms.policies.api import keeps_law_book


def reads_papers(acting: Acting) -> bool:
    """The committee, the HR bureau, chief examiners and inspectors: structure and figures, no question's text."""
    return may(acting, "paper", "read")


def writes_papers(acting: Acting) -> bool:
    """The committee writes blueprints and draws."""
    return may(acting, "paper", "create")


def require_reader(acting: Acting) -> None:
    """The same as a gate. Raises NotAllowed."""
    require(acting, "paper", "read")


def require_writer(acting: Acting) -> None:
    """The same as a gate; the installation itself may, for the demonstration and its loader. Raises NotAllowed."""
    if acting != INSTALLATION:
        require(acting, "paper", "create")


def may_approve(acting: Acting) -> bool:
    """The HR bureau that keeps the law book: a blueprint and its papers are for everybody, as a specification is."""
    return can(acting, "paper", "approve") is not None and keeps_law_book(acting)


def require_approver(acting: Acting) -> None:
    """The same as a gate; the installation itself may, for the demonstration. Raises NotAllowed."""
    if acting == INSTALLATION:
        return
    require(acting, "paper", "approve")
    if not keeps_law_book(acting):
        raise NotAllowed(_("Only the HR bureau at the top of the tree may do this."))


def may_print(acting: Acting) -> bool:
    """Who takes questions out of the bank prints papers."""
    return acting.user is not None and may(acting, "paper", "update") and may(acting, "question", "update")


def may_withdraw(acting: Acting) -> bool:
    """Whoever may draw or approve one."""
    return writes_papers(acting) or may_approve(acting)
