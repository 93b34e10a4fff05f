"""Who may do what with a sitting: the matrix's cell, the sitting's place, and for an invigilator that it is hers."""

from assessment.delivery.models import Invigilation, Sitting
from lms.accounts.api import INSTALLATION, Acting, Action, may, require

SITTING = "sitting"  # asked for, approved, read
CONDUCT = "sitting_conduct"  # opening, pausing, more time, late additions, identity
DECISION = "exam_decision"  # voiding, repeating, counting what came late
ATTEMPT = "exam_attempt"  # sitting it; how somebody sat


def invigilates(acting: Acting, sitting: Sitting) -> bool:
    """Whether she watches this one."""
    return acting.user is not None and Invigilation.objects.filter(sitting=sitting, user=acting.user).exists()


def may_do(acting: Acting, kind: str, action: Action, sitting: Sitting) -> bool:
    """The installation itself may, for the demonstration."""
    if acting == INSTALLATION:
        return True
    return may(acting, kind, action, place=sitting.organisation_path, own=invigilates(acting, sitting))


def require_for(acting: Acting, kind: str, action: Action, sitting: Sitting) -> None:
    """The same as a gate. Raises NotAllowed."""
    if acting != INSTALLATION:
        require(acting, kind, action, place=sitting.organisation_path, own=invigilates(acting, sitting))
