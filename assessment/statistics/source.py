"""Where answers and marks come from: the shapes of the door of `assessment.theory`, in one place."""

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any, Protocol
from uuid import UUID

from assessment.bank.types import QuestionDocument


class MarkedItem(Protocol):
    """One question of a marked paper. mark: None while people have not marked it; outcome: what marking made of it."""

    @property
    def position(self) -> int: ...
    @property
    def question(self) -> UUID: ...
    @property
    def version(self) -> UUID: ...
    @property
    def max(self) -> Decimal: ...
    @property
    def mark(self) -> Decimal | None: ...
    @property
    def outcome(self) -> str: ...
    @property
    def response(self) -> Any: ...


class MarkedPaper(Protocol):
    """One candidate's paper by its newest marks."""

    @property
    def attempt(self) -> UUID: ...
    @property
    def form(self) -> str: ...
    @property
    def paper(self) -> UUID: ...
    @property
    def items(self) -> Sequence[MarkedItem]: ...


class Source(Protocol):
    """Marked papers, and the questions on them with their keys."""

    def marked_sitting(self, sitting: UUID) -> Sequence[MarkedPaper]:
        """Everybody who sat it, by attempt."""

    def documents(self, versions: Collection[UUID]) -> Mapping[UUID, QuestionDocument]:
        """Version → the question with its key."""


class _Nobody:
    """Until papers are marked here, nothing was."""

    def marked_sitting(self, sitting: UUID) -> Sequence[MarkedPaper]:
        return ()

    def documents(self, versions: Collection[UUID]) -> Mapping[UUID, QuestionDocument]:
        return {}


_source: Source = _Nobody()


def marked_sitting(sitting: UUID) -> Sequence[MarkedPaper]:
    """See `Source`."""
    return _source.marked_sitting(sitting)


def documents(versions: Collection[UUID]) -> Mapping[UUID, QuestionDocument]:
    """See `Source`."""
    return _source.documents(versions)
