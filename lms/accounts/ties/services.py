"""Recording and ending ties. Who may do so is the caller's gate: a tie follows from what she decided."""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lms.accounts.people.models import Person
from lms.accounts.ties.models import Tie
from lms.accounts.ties.selectors import tie_data
from lms.accounts.ties.types import ENDS, TieData, TieKind, TieObject
from lms.accounts.types import AccountsRefusal
from lms.core import audit, clock


@transaction.atomic
def record_tie(
    *,
    kind: TieKind,
    person: UUID,
    object_kind: TieObject,
    object_uuid: UUID,
    source: str,
    by: UUID | None,
    now: datetime,
    valid_from: date | None = None,
    valid_to: date | None = None,
    note: str = "",
) -> TieData:
    """Bind `person` from `valid_from` (default: today) to `valid_to`, both included. One that stands is returned as is.

    source: the room or paper it comes from; note: the reason in somebody's words, stored encrypted; by: a user.
    Raises AccountsRefusal ("tie", "valid_to"), Person.DoesNotExist.
    """
    if object_kind not in ENDS.get(kind, frozenset()) or object_uuid == person:
        raise AccountsRefusal(_("These two cannot be bound in this way."), code="tie")
    first = valid_from or clock.day_of(now)
    if valid_to is not None and valid_to < first:
        raise AccountsRefusal(_("The last day lies before the first."), code="valid_to", field="valid_to")
    # Two who record the same tie come one after the other.
    holder = Person.objects.select_for_update().get(uuid=person)
    held = Tie.objects.filter(
        person=holder, kind=kind.value, object_kind=object_kind.value, object=object_uuid, ends=None, ended_by=None
    )
    for row in held.order_by("id"):
        if row.valid_from <= first and (row.valid_to is None or (valid_to is not None and valid_to <= row.valid_to)):
            return tie_data(row)
    row = Tie.objects.create(
        person=holder,
        kind=kind.value,
        object_kind=object_kind.value,
        object=object_uuid,
        valid_from=first,
        valid_to=valid_to,
        source=source,
        note=note.strip(),
        by=by,
        created_at=now,
    )
    audit.record(
        subject_kind="tie",
        subject=row.uuid,
        action="recorded",
        actor=by,
        fields={"kind": kind, "person": person, "object_kind": object_kind, "object": object_uuid},
        now=now,
    )
    return tie_data(row)


@transaction.atomic
def end_tie(*, tie: UUID, last_day: date, source: str, by: UUID | None, now: datetime, note: str = "") -> TieData:
    """Let a tie end with `last_day` (included), by a row of its own. A last day before its first says: it never was.

    Raises AccountsRefusal ("ended"), Tie.DoesNotExist.
    """
    row = Tie.objects.select_for_update(of=("self",)).select_related("person").get(uuid=tie, ends=None)
    if Tie.objects.filter(ends=row).exists():
        raise AccountsRefusal(_("This has ended already."), code="ended")
    ending = Tie.objects.create(
        person=row.person,
        kind=row.kind,
        object_kind=row.object_kind,
        object=row.object,
        valid_from=row.valid_from,
        valid_to=last_day,
        source=source,
        note=note.strip(),
        ends=row,
        by=by,
        created_at=now,
    )
    audit.record(
        subject_kind="tie",
        subject=row.uuid,
        action="ended",
        actor=by,
        fields={"ending": ending.uuid, "void": last_day < row.valid_from},
        now=now,
    )
    return tie_data(Tie.objects.select_related("person", "ended_by").get(pk=row.pk))
