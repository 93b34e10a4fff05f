"""An examination under way, for measuring and for soak tests: rows only, in a database that is thrown away."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import transaction

from assessment.delivery.logic import first_hash, to_ms
from assessment.delivery.models import Attempt, RosterEntry, Sitting
from assessment.delivery.selectors import leave_to_save
from assessment.delivery.services.rows import happen
from assessment.delivery.types import Kind, SittingKind, SittingState
from lms.core import clock
from lms.core.ids import new_uuid


@dataclass(frozen=True)
class Seated:
    """One candidate at her desk: what her page was given. first: the hash her first receipt continues."""

    attempt: str
    token: str
    first: str


@transaction.atomic
def seat_candidates(count: int, *, items: int = 40, minutes: int = 600) -> list[Seated]:
    """A sitting that is open, and so many attempts that have just begun."""
    now = clock.now()
    sitting = Sitting.objects.create(
        kind=SittingKind.CLASS,
        title="试验场次",
        level=5,
        papers={"A": str(new_uuid())},
        minutes=minutes,
        items=items,
        grace_s=30,
        freeze_at=now - timedelta(hours=1),
        opens_at=now - timedelta(minutes=5),
        closes_at=now + timedelta(hours=2),
        hall="试验",
        seats=count,
        starts_per_minute=300,
        identity_check=False,
        organisation=new_uuid(),
        organisation_path="/",
        organisation_name="试验",
        state=SittingState.OPEN,
        frozen_at=now,
        opened_at=now,
        seed="0" * 32,
        created_at=now,
        moved_at=now,
    )
    return [_seated(sitting, number) for number in range(1, count + 1)]


def _seated(sitting: Sitting, number: int) -> Seated:
    now = clock.now()
    entry = RosterEntry.objects.create(
        sitting=sitting,
        candidacy=new_uuid(),
        person=new_uuid(),
        seat=number,
        form="A",
        included=True,
        added_at=now,
    )
    uuid = new_uuid()
    row = Attempt.objects.create(
        uuid=uuid,
        entry=entry,
        number=1,
        paper=UUID(sitting.papers["A"]),
        form="A",
        seed=uuid.hex,
        items=sitting.items,
        grace_ms=sitting.grace_s * 1000,
        place=number,
        entered_ms=to_ms(now),
        device=new_uuid(),
        hash=first_hash(uuid, 1),
        seen_ms=to_ms(now),
        created_at=now,
    )
    happen(row, Kind.ENTERED, by=None, now=now, value=number)
    happen(row, Kind.STARTED, by=None, now=now, value=sitting.minutes * 60_000)
    return Seated(str(uuid), leave_to_save(row), row.hash)
