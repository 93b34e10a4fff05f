"""Who is bound to whom, and who may not judge whom."""

from collections.abc import Collection, Iterable
from datetime import date
from uuid import UUID

from django.db.models import Q

from lms.accounts.people.selectors import records_of
from lms.accounts.ties.logic import in_order, is_conflict
from lms.accounts.ties.models import Tie
from lms.accounts.ties.types import TieData, TieKind, TieObject


def tie_data(row: Tie) -> TieData:
    """The tie as it stands, with the last day of the row that ended it."""
    ending = getattr(row, "ended_by", None)
    return TieData(
        uuid=row.uuid,
        kind=TieKind(row.kind),
        person=row.person.uuid,
        object_kind=TieObject(row.object_kind),
        object=row.object,
        valid_from=row.valid_from,
        valid_to=ending.valid_to if ending else row.valid_to,
        source=row.source,
    )


def _standing(condition: Q) -> list[TieData]:
    rows = Tie.objects.filter(condition, ends=None).select_related("person", "ended_by")
    return [tie_data(row) for row in rows]


def ties_of(person: UUID, *, kinds: Iterable[TieKind] = ()) -> tuple[TieData, ...]:
    """Every tie of this human being, under whichever of her records, in either direction; the ended ones too."""
    mine = records_of([person])[person]
    condition = Q(person__uuid__in=mine) | Q(object_kind=TieObject.PERSON, object__in=mine)
    wanted = sorted(kind.value for kind in kinds)
    return in_order(_standing(condition & Q(kind__in=wanted) if wanted else condition))


def conflicts_of(
    *,
    person: UUID,
    persons: Collection[UUID],
    classes: Collection[UUID],
    submissions: Collection[UUID],
    on: date,
) -> tuple[TieData, ...]:
    """What keeps `person` from judging these persons, classes or submissions on this day; empty when nothing does.

    Merged records count as one human being. Three queries, whatever the numbers.
    """
    same = records_of([person, *persons])
    mine = same[person]
    theirs = frozenset[UUID]().union(*(same[one] for one in persons))
    found = [
        tie
        for tie in _standing(
            Q(person__uuid__in=mine, object__in=[*theirs, *classes, *submissions])
            | Q(person__uuid__in=theirs, object_kind=TieObject.PERSON, object__in=mine)
        )
        if is_conflict(tie, person=mine, persons=theirs, classes=classes, submissions=submissions, on=on)
    ]
    if mine & theirs:
        found.append(TieData(None, TieKind.SELF, person, TieObject.PERSON, person, on, None, ""))
    return in_order(found)
