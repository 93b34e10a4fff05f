"""Finding persons by what they show, and what pages above may know of them."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import UUIDField

from lms.accounts.logic import masked_name, tidy_number
from lms.accounts.people.models import Person
from lms.accounts.types import DocumentKind
from lms.core.crypto import blind_index
from lms.core.keptquery import KeptQuery


def masked_names(persons: Iterable[UUID]) -> dict[UUID, str]:
    """Person → masked name, in one query; unknown persons are left out."""
    rows = Person.objects.filter(uuid__in=list(persons)).values_list("uuid", "name")
    return {uuid: masked_name(name) for uuid, name in rows}


def canonical_person(person: UUID) -> UUID:
    """The record that stands for this human being today: the kept one of a merged duplicate, else the person herself."""
    kept = Person.objects.filter(uuid=person).values_list("merged_into__uuid", flat=True).first()
    return kept or person


_RECORD = KeptQuery(
    lambda uuid: Person.objects.select_related("merged_into").only("uuid", "merged_into__uuid").filter(uuid=uuid),
    uuid=UUIDField(),
)
_MERGED = KeptQuery(lambda uuid: Person.objects.only("uuid").filter(merged_into__uuid=uuid), uuid=UUIDField())


def _records_of_one(person: UUID) -> frozenset[UUID]:
    held = _RECORD(uuid=person)
    root = held[0].merged_into.uuid if held and held[0].merged_into else person
    return frozenset({root, *(row.uuid for row in _MERGED(uuid=root))})


def records_of(persons: Iterable[UUID]) -> dict[UUID, frozenset[UUID]]:
    """Person → every record of the same human being, herself included; at most two queries.

    Rows of upper rooms keep the uuid they were written with: look for them by these.
    """
    asked = list(persons)
    if len(asked) == 1:
        return {asked[0]: _records_of_one(asked[0])}
    kept = dict(Person.objects.filter(uuid__in=asked).values_list("uuid", "merged_into__uuid"))
    roots = {person: kept.get(person) or person for person in asked}
    same: dict[UUID, set[UUID]] = {root: {root} for root in roots.values()}
    merged = Person.objects.filter(merged_into__uuid__in=list(same)).values_list("uuid", "merged_into__uuid")
    for uuid, root in merged:
        if root is not None:
            same[root].add(uuid)
    return {person: frozenset(same[root]) for person, root in roots.items()}


def document_index(kind: DocumentKind | None, number: str) -> str:
    """The blind index of a tidied number; the kind is part of it, so a passport never meets a card. "" for none."""
    return blind_index(number, purpose=f"document:{kind}") if number else ""


def document_indexes(typed: str) -> list[str]:
    """The indexes under which a number somebody typed would stand, one for each kind of paper."""
    number = tidy_number(typed)
    return [document_index(kind, number) for kind in DocumentKind] if number else []
