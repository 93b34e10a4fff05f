"""What the rooms above read of sittings: which there were, and whose time ran out. No gate: their own readers have one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from assessment.delivery.models import Attempt, Sitting
from assessment.delivery.types import AttemptState, SittingState
from lms.core.types import Level


@dataclass(frozen=True)
class SittingFacts:
    """One sitting. papers: form → paper."""

    uuid: UUID
    title: str
    level: Level
    organisation_name: str
    opens_at: datetime
    papers: dict[str, UUID]
    state: SittingState


def sitting_facts(sitting: UUID) -> SittingFacts | None:
    """One sitting, None when unknown."""
    row = Sitting.objects.filter(uuid=sitting).first()
    return _facts(row) if row else None


def released_sittings(level: Level) -> tuple[SittingFacts, ...]:
    """Those whose results are released, in the order in which they were held."""
    rows = Sitting.objects.filter(level=int(level), state=SittingState.RELEASED).order_by("opens_at", "id")
    return tuple(_facts(row) for row in rows)


def timed_out(sittings: Iterable[UUID]) -> frozenset[UUID]:
    """Attempts at these sittings that the clock ended. One query."""
    rows = Attempt.objects.filter(entry__sitting__uuid__in=list(sittings), state=AttemptState.TIMED_OUT)
    return frozenset(rows.values_list("uuid", flat=True))


def _facts(row: Sitting) -> SittingFacts:
    return SittingFacts(
        uuid=row.uuid,
        title=row.title,
        level=Level(row.level),
        organisation_name=row.organisation_name,
        opens_at=row.opens_at,
        papers={form: UUID(paper) for form, paper in row.papers.items()},
        state=SittingState(row.state),
    )
