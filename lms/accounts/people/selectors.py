"""Finding persons by what they show, and what pages above may know of them."""

from collections.abc import Iterable
from uuid import UUID

from lms.accounts.logic import masked_name, tidy_number
from lms.accounts.people.models import Person
from lms.accounts.types import DocumentKind
from lms.core.crypto import blind_index


def masked_names(persons: Iterable[UUID]) -> dict[UUID, str]:
    """Person → masked name, in one query; unknown persons are left out."""
    rows = Person.objects.filter(uuid__in=list(persons)).values_list("uuid", "name")
    return {uuid: masked_name(name) for uuid, name in rows}


def document_index(kind: DocumentKind | None, number: str) -> str:
    """The blind index of a tidied number; the kind is part of it, so a passport never meets a card. "" for none."""
    return blind_index(number, purpose=f"document:{kind}") if number else ""


def document_indexes(typed: str) -> list[str]:
    """The indexes under which a number somebody typed would stand, one for each kind of paper."""
    number = tidy_number(typed)
    return [document_index(kind, number) for kind in DocumentKind] if number else []
