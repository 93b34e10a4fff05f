"""Conditions that check constraints in many rooms share."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact


def one_of(field: str, values: Iterable[Any]) -> Q:
    """The column holds one of these. They are sorted, so that a migration says the same whatever their order."""
    return Q(**{f"{field}__in": sorted(values)})


def is_sha256(field: str) -> Exact:
    """The text column holds as many characters as 64 hex digits have."""
    return Exact(Length(field), 64)
