"""Which ties keep an examiner from a work. Pure."""

from collections.abc import Collection, Iterable
from datetime import date
from uuid import UUID

from lms.accounts.ties.types import TieData, TieKind, TieObject

_BETWEEN_PERSONS = frozenset({TieKind.RELATED, TieKind.MASTER_APPRENTICE, TieKind.DECLARED})


def is_conflict(
    tie: TieData,
    *,
    person: Collection[UUID],
    persons: Collection[UUID],
    classes: Collection[UUID],
    submissions: Collection[UUID],
    on: date,
) -> bool:
    """Whether this tie keeps `person` from judging `persons`, their `classes` or `submissions` on this day.

    `person` and `persons` are every record of the same human beings. Who ever taught a class never judges it; other
    ties count while they hold, in either direction between persons; working for the same institution does not
    (domain 2.2 no. 11).
    """
    if tie.void or tie.kind is TieKind.EMPLOYED:
        return False
    if tie.kind is TieKind.TEACHES:
        return tie.person in person and tie.object in classes
    if not tie.holds(on):
        return False
    if tie.object_kind is TieObject.SUBMISSION:
        return tie.person in person and tie.object in submissions
    if tie.kind in _BETWEEN_PERSONS:
        return (tie.person in person and tie.object in persons) or (tie.object in person and tie.person in persons)
    return False


def in_order(ties: Iterable[TieData]) -> tuple[TieData, ...]:
    """The same order whatever the order of the rows."""
    return tuple(sorted(ties, key=lambda tie: (tie.kind, tie.object_kind, str(tie.object), str(tie.uuid))))
