"""What this room needs of papers: the shapes of their door, in one place. Position counts from 1 through all sections."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Protocol
from uuid import UUID

from assessment.delivery.types import DeliveryRefused
from assessment.papers import selectors, services
from assessment.papers.types import PaperRefusal
from lms.core.types import Level


class PaperItem(Protocol):
    """One question of a paper: which version stands where, no text and no key."""

    @property
    def position(self) -> int: ...
    @property
    def question(self) -> UUID: ...
    @property
    def version(self) -> UUID: ...
    @property
    def type(self) -> str: ...
    @property
    def marks(self) -> Decimal: ...
    @property
    def stimulus(self) -> UUID | None: ...


class SectionData(Protocol):
    """One section; the video section has no items."""

    @property
    def title(self) -> str: ...
    @property
    def items(self) -> Sequence[PaperItem]: ...


class PaperData(Protocol):
    """A frozen paper, approved for use."""

    @property
    def uuid(self) -> UUID: ...
    @property
    def blueprint_hash(self) -> str: ...
    @property
    def level(self) -> int: ...
    @property
    def form(self) -> str: ...
    @property
    def group(self) -> UUID: ...
    @property
    def title(self) -> str: ...
    @property
    def minutes(self) -> int: ...
    @property
    def sections(self) -> Sequence[SectionData]: ...
    @property
    def content_hash(self) -> str: ...


class Papers(Protocol):
    """The door of papers as sittings use it."""

    def paper_for_sitting(self, paper: UUID) -> PaperData | None:
        """The paper when it may be sat; None, or LookupError, when there is none or it is not approved."""

    def paper(self, paper_uuid: UUID) -> PaperData:
        """The paper whatever has become of it: who sits on it goes on. Raises LookupError."""

    def approved_papers(self, level: Level) -> Sequence[PaperData]:
        """Papers of a level that may be sat, newest first, forms in order."""

    def form_as_pdf(self, paper: UUID, *, large: bool) -> bytes:
        """The paper on A4 for who writes on it, without a key; large: in large type. Raises LookupError."""

    def use_paper(self, *, paper: UUID, sitting: UUID, now: datetime) -> None:
        """A sitting has fixed its roster: the paper and its questions are in use from now on."""


class _Room:
    """The room of papers itself."""

    paper_for_sitting = staticmethod(selectors.paper_for_sitting)
    paper = staticmethod(selectors.paper)
    approved_papers = staticmethod(selectors.approved_papers)
    form_as_pdf = staticmethod(services.form_as_pdf)
    use_paper = staticmethod(services.use_paper)


_source: Papers = _Room()


def paper_for_sitting(paper: UUID) -> PaperData | None:
    """The paper when it may be sat, else None."""
    try:
        return _source.paper_for_sitting(paper)
    except LookupError:
        return None


def paper_being_sat(paper: UUID) -> PaperData:
    """The paper of an attempt that has begun, though it may have been withdrawn since. Raises LookupError."""
    return _source.paper(paper)


def form_as_pdf(paper: UUID, *, large: bool = False) -> bytes:
    """See `Papers`. Raises LookupError."""
    return _source.form_as_pdf(paper, large=large)


def papers_to_sit() -> dict[UUID, tuple[PaperData, ...]]:
    """Group → its forms that may be sat, of every level, newest first within a level."""
    groups: dict[UUID, list[PaperData]] = {}
    for level in Level:
        for paper in _source.approved_papers(level):
            groups.setdefault(paper.group, []).append(paper)
    return {group: tuple(forms) for group, forms in groups.items()}


def use_paper(*, paper: UUID, sitting: UUID, now: datetime) -> None:
    """See `Papers`. Raises DeliveryRefused ("papers") when it has been withdrawn meanwhile, or a question of it."""
    try:
        _source.use_paper(paper=paper, sitting=sitting, now=now)
    except PaperRefusal as refusal:
        raise DeliveryRefused(refusal.message, code="papers", field="papers") from refusal


def items_of(paper: PaperData) -> int:
    """How many questions are answered on a screen."""
    return sum(len(section.items) for section in paper.sections)
