"""Permission predicates: the matrix's cell, then the row it reaches."""

from lms.accounts.matrix import Action, can
from lms.accounts.types import Acting


def may(acting: Acting, object_kind: str, action: Action, *, place: str = "", own: bool = False) -> bool:
    """Whether the act is allowed on one row.

    `place` is the tree path of the organisation the row belongs to ("" for rows of no place: lessons, organisations).
    `own` says that the row is the actor's own or assigned to her; a cell marked own asks for it, and her own row may
    lie in any place (an examiner's assigned works come from other institutions).
    """
    cell = can(acting, object_kind, action)
    if cell is None:
        return False
    if cell.own:
        return own
    return not place or acting.covers(place)
