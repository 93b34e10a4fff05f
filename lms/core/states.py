"""States move by compare-and-set; one table of allowed moves a thing. Every other move raises."""

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from django.db import models

S = TypeVar("S", bound=StrEnum)


class IllegalMove(Exception):
    """A move that the table does not allow, or that somebody else has made first."""

    def __init__(self, before: str, after: str) -> None:
        super().__init__(f"may not go from {before} to {after}")
        self.before = before
        self.after = after


def move_state(row: "models.Model", after: S, moves: Mapping[S, Collection[S]], **fields: Any) -> None:
    """Take `row` from the state it was read in to `after`; `fields` go into the same UPDATE and onto the object.

    Raises IllegalMove when the table forbids it or the stored state is another one by now; then nothing is written.
    """
    before = type(after)(getattr(row, "state"))  # noqa: B009  # a model of any room
    written: dict[str, Any] = {"state": after, **fields}
    stored = type(row)._base_manager.filter(pk=row.pk, state=before)
    if after not in moves[before] or not stored.update(**written):
        raise IllegalMove(before, after)
    for name, value in written.items():
        setattr(row, name, value)
