"""What pages above may know of persons."""

from collections.abc import Iterable
from uuid import UUID

from lms.accounts.logic import masked_name
from lms.accounts.people.models import Person


def masked_names(persons: Iterable[UUID]) -> dict[UUID, str]:
    """Person → masked name, in one query; unknown persons are left out."""
    rows = Person.objects.filter(uuid__in=list(persons)).values_list("uuid", "name")
    return {uuid: masked_name(name) for uuid, name in rows}
