"""Who writes rule packs and who publishes them: the committee, two people."""

from collections.abc import Collection
from uuid import UUID

from lms.accounts.api import INSTALLATION, Acting, may, require


def reads_packs(acting: Acting) -> bool:
    """The committee."""
    return may(acting, "rule_pack", "read")


def require_reader(acting: Acting) -> None:
    """The same as a gate. Raises NotAllowed."""
    require(acting, "rule_pack", "read")


def writes_packs(acting: Acting) -> bool:
    """The committee writes drafts."""
    return may(acting, "rule_pack", "update")


def require_writer(acting: Acting) -> None:
    """The same as a gate; the installation itself may, for its loader. Raises NotAllowed."""
    if acting != INSTALLATION:
        require(acting, "rule_pack", "update")


def require_publisher(acting: Acting) -> None:
    """Decides on a pack under review. Raises NotAllowed."""
    if acting != INSTALLATION:
        require(acting, "rule_pack", "approve")


def may_decide(acting: Acting, hands: Collection[UUID | None]) -> bool:
    """Whoever wrote a text of the pack or sent it for review does not publish it, superusers too."""
    return acting.user is not None and acting.user not in hands and may(acting, "rule_pack", "approve")
