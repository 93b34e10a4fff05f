"""Who reads, confirms and releases marks, and corrects questions: the matrix's cells and the sitting's place."""

from assessment.delivery.models import Sitting
from lms.accounts.api import INSTALLATION, Acting, Action, may, require

MARKS = "paper_mark"  # the marks of a sitting's papers
PUBLISH = "grade_publish"  # confirming and releasing, as for grades
CORRECTION = "question_correction"  # another key for a question that was asked


def may_with_marks(acting: Acting, kind: str, action: Action, sitting: Sitting) -> bool:
    """The installation itself may, for the demonstration."""
    return acting == INSTALLATION or may(acting, kind, action, place=sitting.organisation_path)


def require_for(acting: Acting, kind: str, action: Action, sitting: Sitting) -> None:
    """The same as a gate. Raises NotAllowed."""
    if acting != INSTALLATION:
        require(acting, kind, action, place=sitting.organisation_path)
