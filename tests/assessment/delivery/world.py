"""A sitting of the standing cast (tests/media_pipeline/cast.py): papers of our own, two trainees of one class, an invigilator."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from assessment.candidates.types import CandidacyData, Grant
from assessment.delivery import papers
from assessment.delivery.logic import to_ms
from assessment.delivery.models import Attempt, RosterEntry, Sitting
from assessment.delivery.services import (
    approve_sitting,
    assign_invigilator,
    check_identity,
    draft_sitting,
    enter,
    freeze_roster,
    open_sitting,
    request_sitting,
    start_attempt,
)
from assessment.delivery.tokens import Leave
from assessment.delivery.types import Batch, Sent, SittingKind, SittingRequest, Stored
from assessment.specification.services import add_specification_version, approve_specification
from assessment.specification.types import Part
from lms.accounts.api import INSTALLATION, Acting, Role
from lms.core.types import Level
from tests.assessment.people import member, open_candidacy
from tests.media_pipeline.cast import NOW, Cast, build_cast

OPENS = NOW + timedelta(hours=1)
CLOSES = OPENS + timedelta(hours=2)
MINUTES, ITEMS, GRACE_S = 60, 40, 30
GROUP = UUID(int=5)
THEORY = (Grant(Part.THEORY, True, ""),)
BLUEPRINT = "b" * 64


@dataclass(frozen=True)
class FakeItem:
    position: int
    question: UUID
    version: UUID
    type: str = "single"
    marks: Decimal = Decimal("2.5")
    stimulus: UUID | None = None


@dataclass(frozen=True)
class FakeSection:
    title: str
    items: Sequence[FakeItem]


@dataclass(frozen=True)
class FakePaper:
    uuid: UUID
    level: int
    form: str
    minutes: int
    sections: Sequence[FakeSection]
    content_hash: str = "0" * 64
    blueprint_hash: str = BLUEPRINT
    group: UUID = GROUP
    title: str = "初级理论试卷"


@dataclass
class FakePapers:
    """The room of papers, in memory."""

    held: dict[UUID, FakePaper] = field(default_factory=dict)
    used: list[tuple[UUID, UUID]] = field(default_factory=list)

    def add(
        self, form: str, level: int = Level.ELEMENTARY, minutes: int = MINUTES, items: int = ITEMS, **more: Any
    ) -> FakePaper:
        section = FakeSection("单项选择题", [FakeItem(n + 1, uuid4(), uuid4()) for n in range(items)])
        paper = FakePaper(uuid4(), int(level), form, minutes, [section], **more)
        self.held[paper.uuid] = paper
        return paper

    def paper_for_sitting(self, paper: UUID) -> FakePaper | None:
        return self.held.get(paper)

    def paper(self, paper_uuid: UUID) -> FakePaper:
        return self.held[paper_uuid]

    def approved_papers(self, level: Level) -> list[FakePaper]:
        return [paper for paper in self.held.values() if paper.level == level]

    def form_as_pdf(self, paper: UUID, *, large: bool) -> bytes:
        return b"%PDF large" if large else b"%PDF"

    def use_paper(self, *, paper: UUID, sitting: UUID, now: datetime) -> None:
        self.used.append((paper, sitting))


def filed_plan(blueprint: str = BLUEPRINT, *, key: str = "theory", approved: bool = True) -> UUID:
    """A specification of the theory alone, whose papers are drawn by the blueprint of this content hash; again is the same."""
    part = {
        "part": Part.THEORY, "weight": "100", "pass_mark": "60", "resits": None, "blueprint_key": key,
        "blueprint_hash": blueprint,
    }  # fmt: skip
    content = {"key": key, "level": 5, "title": "理论考核规范", "parts": [part], "papers": []}
    made = add_specification_version(content, now=NOW)
    if approved and not made.approved:
        approve_specification(by=INSTALLATION, specification=made.uuid, now=NOW)
    return made.uuid


def candidate(cast: Cast, who: str, **changes: Any) -> CandidacyData:
    """A candidacy pinned to that plan, entitled to the theory."""
    return open_candidacy(cast, who, **({"specification": filed_plan(), "entitlements": THEORY} | changes))


@contextmanager
def plugged_in() -> Iterator[FakePapers]:
    """Papers of ours instead of the installation's."""
    before, fakes = papers._source, FakePapers()
    papers._source = fakes
    try:
        yield fakes
    finally:
        papers._source = before


@dataclass
class World:
    cast: Cast
    papers: FakePapers
    class_uid: UUID
    held: Mapping[str, CandidacyData]

    @property
    def invigilator(self) -> Acting:
        return self.cast.acting("invigilator")

    def entry(self, who: str = "owner") -> RosterEntry:
        return RosterEntry.objects.get(candidacy=self.held[who].uuid)


def build_world(fakes: FakePapers) -> World:
    cast = build_cast()
    cast.users["invigilator"] = member(cast.school, Role.INVIGILATOR, "监考员")
    class_uid = uuid4()
    held = {who: candidate(cast, who, class_uid=class_uid) for who in ("owner", "colleague")}
    return World(cast, fakes, class_uid, held)


def asked(world: World, **changes: Any) -> SittingRequest:
    fields: dict[str, Any] = {
        "kind": SittingKind.CLASS,
        "title": "理论考试（初级）",
        "level": Level.ELEMENTARY,
        "papers": tuple((form, world.papers.add(form).uuid) for form in ("A", "B")),
        "opens_at": OPENS,
        "closes_at": CLOSES,
        "freeze_at": NOW,
        "hall": "302教室",
        "seats": 30,
        "class_uid": world.class_uid,
        "grace_s": GRACE_S,
    }
    return SittingRequest(**(fields | changes))


def drafted(world: World, **changes: Any) -> Sitting:
    return draft_sitting(
        by=world.cast.acting("school_admin"),
        organisation=world.cast.school.uuid,
        asked=asked(world, **changes),
        now=NOW,
    )


def approved(world: World, **changes: Any) -> Sitting:
    row = drafted(world, **changes)
    request_sitting(by=world.cast.acting("school_admin"), sitting=row.uuid, now=NOW)
    approve_sitting(by=world.cast.acting("bureau"), sitting=row.uuid, now=NOW)
    assign_invigilator(
        by=world.cast.acting("school_admin"), sitting=row.uuid, user=world.cast.uuid("invigilator"), now=NOW
    )
    return again(row)


def fixed(world: World, **changes: Any) -> Sitting:
    row = approved(world, **changes)
    freeze_roster(by=world.cast.acting("school_admin"), sitting=row.uuid, now=NOW)
    return again(row)


def opened(world: World, **changes: Any) -> Sitting:
    row = fixed(world, **changes)
    open_sitting(by=world.invigilator, sitting=row.uuid, now=OPENS - timedelta(minutes=20))
    return again(row)


def waiting(world: World, who: str = "owner", device: UUID | None = None) -> Attempt:
    entry = world.entry(who)
    check_identity(by=world.invigilator, entry=entry.uuid, now=OPENS - timedelta(minutes=10))
    return enter(
        by=world.cast.acting(who), entry=entry.uuid, device=device or uuid4(), now=OPENS - timedelta(minutes=9)
    )


def running(world: World, who: str = "owner") -> Attempt:
    """Started one minute after the opening."""
    row = waiting(world, who)
    at = OPENS + timedelta(minutes=1)
    return again(start_attempt(by=world.cast.acting(who), attempt=row.uuid, device=row.device, now=at))


def again(row: Any) -> Any:
    return type(row).objects.get(pk=row.pk)


def leave(row: Attempt, epoch: int | None = None) -> Leave:
    return Leave(row.pk, epoch or row.epoch, to_ms(CLOSES + timedelta(days=8)))


def batch(previous: str, first: int, *answers: tuple[int, str]) -> Batch:
    """Answers (position, JSON text) numbered from `first` on."""
    return Batch(previous, tuple(Sent(first + n, *one) for n, one in enumerate(answers)))


def ms(moment: datetime) -> int:
    return to_ms(moment)


def receipts(rows: Sequence[Stored]) -> list[tuple[int, str]]:
    return [(row.sequence, row.standing.value) for row in rows]
