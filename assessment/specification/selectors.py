"""Reading specifications."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import QuerySet, UUIDField

from assessment.specification.logic import read_papers, read_parts, read_quorum
from assessment.specification.models import AssessmentSpecification
from assessment.specification.rules import may_approve
from assessment.specification.types import NoSpecification, SpecificationData
from lms.accounts.api import Acting
from lms.core.keptquery import KeptQuery
from lms.core.types import Level


def _rows() -> QuerySet[AssessmentSpecification]:
    return AssessmentSpecification.objects.select_related("approval")


_APPROVED = KeptQuery(lambda uuid: _rows().filter(uuid=uuid, approval__isnull=False), uuid=UUIDField())


def data_of(row: AssessmentSpecification) -> SpecificationData:
    """One row as typed data."""
    return SpecificationData(
        uuid=row.uuid,
        key=row.key,
        version=row.version,
        content_hash=row.content_hash,
        level=Level(row.level),
        title=row.title,
        trial=row.trial,
        note=str(row.content.get("note", "")),
        parts=read_parts(row.content),
        quorum=read_quorum(row.content),
        papers=read_papers(row.content),
        approved=hasattr(row, "approval"),
    )


def specification(uuid: UUID) -> SpecificationData:
    """The version a class is pinned to, approved or not. Raises NoSpecification."""
    row = _rows().filter(uuid=uuid).first()
    if row is None:
        raise NoSpecification(f"no specification has the uuid {uuid}")
    return data_of(row)


def approved_among(uuids: Collection[UUID]) -> dict[UUID, SpecificationData]:
    """Those of these versions that the bureau approved; one query."""
    if len(uuids) == 1:
        rows = _APPROVED(uuid=next(iter(uuids)))
    else:
        rows = list(_rows().filter(uuid__in=list(uuids), approval__isnull=False))
    return {row.uuid: data_of(row) for row in rows}


def approved_at(level: Level) -> list[SpecificationData]:
    """Every approved version of a level, also those a newer one has followed: examinations stay pinned to them."""
    return [data_of(row) for row in _rows().filter(level=int(level), approval__isnull=False).order_by("key", "version")]


def approved_specification(key: str, level: Level) -> SpecificationData:
    """The newest approved version for a key and level: nothing is examined without one (S1-19). Raises NoSpecification."""
    row = _rows().filter(key=key, level=int(level), approval__isnull=False).order_by("-version").first()
    if row is None:
        raise NoSpecification(f"no approved specification {key!r} for level {int(level)}")
    return data_of(row)


def specifications() -> list[SpecificationData]:
    """The newest version of each key and level, and the newest approved one where they differ; by key and level."""
    newest: dict[tuple[str, int, bool], AssessmentSpecification] = {}
    for row in _rows().order_by("key", "-level", "version"):
        newest[row.key, row.level, hasattr(row, "approval")] = row
    kept = [
        row
        for (key, level, approved), row in newest.items()
        if approved or row.version > getattr(newest.get((key, level, True)), "version", 0)
    ]
    return [data_of(row) for row in sorted(kept, key=lambda row: (row.key, -row.level, row.version))]


def versions(key: str, level: Level) -> list[SpecificationData]:
    """Every version of one key and level, newest first."""
    return [data_of(row) for row in _rows().filter(key=key, level=int(level)).order_by("-version")]


def waiting_specifications(acting: Acting) -> int:
    """How many newest versions wait for this bureau's approval; 0 for everybody else."""
    if not may_approve(acting):
        return 0
    return sum(not data.approved for data in specifications())
