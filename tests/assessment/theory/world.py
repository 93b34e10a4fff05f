"""A sitting on real papers of a small real bank: two candidates of one class, answers as their pages would send them."""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import yaml

from assessment.bank.loader import CONTENT, load_bank
from assessment.bank.logic import key_from
from assessment.bank.models import QuestionVersion
from assessment.bank.types import Key, QuestionType
from assessment.candidates.models import Candidacy
from assessment.candidates.selectors import submission_for_asset
from assessment.candidates.types import CandidacyData
from assessment.delivery.models import Attempt, RosterEntry, Sitting
from assessment.delivery.saving import save
from assessment.delivery.services import close_sitting, hand_in
from assessment.marking.events import PanelFinished
from assessment.papers.services import approve_blueprint, approve_paper, draw_papers, write_blueprint
from assessment.papers.types import Ask, PaperData, Section, Source
from assessment.specification.types import Part
from assessment.theory.services import confirm_marks, release_marks
from lms.accounts.api import INSTALLATION, Acting, Role
from lms.core import clock
from lms.core.events import publish
from lms.core.jobs import drain
from lms.core.types import Level
from lms.policies.api import load_profiles, profile_in_force
from tests.assessment.delivery.world import (
    CLOSES,
    OPENS,
    THEORY,
    FakePapers,
    World,
    again,
    batch,
    filed_plan,
    leave,
    ms,
    opened,
    running,
)
from tests.assessment.papers.world import blueprint
from tests.assessment.people import VIDEO as VIDEO_TOO
from tests.assessment.people import member, open_candidacy
from tests.assessment.results.world import rules
from tests.media_pipeline.cast import NOW, Cast, build_cast
from tests.media_pipeline.cast import hand_in as hand_in_video

D = Decimal
AT = OPENS + timedelta(minutes=5)
LATER = CLOSES + timedelta(hours=3)
# Words that stand in keys and explanations of this bank alone.
WHY, MODEL = "这句解析谁也不该看见", "先道歉再给出办法"
_QUESTIONS: list[dict[str, Any]] = [
    {"type": "single", "stem": "哪一句是绝对化用语？", "answer": ["B"], "options": dict.fromkeys("ABCD", "")},
    {"type": "single", "stem": "哪一步最先做？", "answer": ["C"], "options": dict.fromkeys("ABCD", "")},
    {"type": "multiple", "stem": "哪些要先备案？", "answer": ["A", "C"], "options": dict.fromkeys("ABCD", "")},
    {"type": "true_false", "stem": "净含量必须标明。", "answer": True},
    {"type": "short", "stem": "怎样回应差评？", "answer": MODEL},
]


def bank(folder: Path) -> None:
    """Five questions of level 5, one of law, in two modules."""
    for number, topic in enumerate(("C5-01", "C5-02")):
        said = {
            "topic": topic,
            "source": "测试自编",
            "questions": [
                {
                    "uid": str(UUID(int=0x7E0 + place)),
                    "step": "understand",
                    "difficulty": 2,
                    "law": place == 0,
                    "explanation": WHY,
                    **one,
                    **({"options": {key: f"做法{place}{key}" for key in one["options"]}} if "options" in one else {}),
                }
                for place, one in enumerate(_QUESTIONS)
                if place % 2 == number
            ],
        }
        path = folder / "level-5" / f"{topic}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump(said, allow_unicode=True), encoding="utf-8")
    load_bank(folder, now=NOW)


SINGLE = Section("单项选择题", Source.BANK, (Ask(QuestionType.SINGLE, 2, D(20)),))
MULTIPLE = Section("多项选择题", Source.BANK, (Ask(QuestionType.MULTIPLE, 1, D(30)),))
TRUTH = Section("判断题", Source.BANK, (Ask(QuestionType.TRUE_FALSE, 1, D(30)),))
SHORT = Section("简答题", Source.BANK, (Ask(QuestionType.SHORT, 1, D(30)),))
VIDEO = Section("视频", Source.VIDEO, share=D(30))


@dataclass
class Booklets:
    """Who marks short answers, in memory."""

    opened: list[tuple[UUID, UUID, tuple[int, ...]]] = field(default_factory=list)
    names: list[UUID | None] = field(default_factory=list)

    def open_booklet(
        self, *, attempt: UUID, candidacy: UUID, items: Any, now: datetime, booklet: UUID | None = None
    ) -> None:
        self.names.append(booklet)
        self.opened.append((attempt, candidacy, tuple(item.position for item in items)))


@dataclass
class Room:
    """The sitting's world and what stands in it. `key`: position → the right answer as a page sends it."""

    world: World
    committee: Acting
    booklets: Booklets

    @property
    def cast(self) -> Cast:
        return self.world.cast

    @property
    def chief(self) -> Acting:
        return self.cast.acting("chief")


def build_room(folder: Path, *, level: Level = Level.ELEMENTARY) -> Room:
    """At level 5 the small bank of this module, else ours of that level."""
    cast = build_cast()
    cast.users["invigilator"] = member(cast.school, Role.INVIGILATOR, "监考员")
    cast.users["committee"] = member(cast.city, Role.COMMITTEE, "题库委员")
    load_profiles()
    law = profile_in_force("demonstration", clock.today()).uuid
    spec = rules((Part.THEORY, "100", "60"))
    class_uid = uuid4()
    held: dict[str, CandidacyData] = {
        who: open_candidacy(
            cast,
            who,
            level=level,
            class_uid=class_uid,
            entitlements=(*THEORY, *VIDEO_TOO),
            profile=law,
            specification=spec,
        )
        for who in ("owner", "colleague")
    }
    if level is Level.ELEMENTARY:
        bank(folder)
    else:
        name = f"level-{int(level)}"
        (folder / name).symlink_to(CONTENT / name)
        load_bank(folder, now=NOW)
    return Room(World(cast, FakePapers(), class_uid, held), cast.acting("committee"), Booklets())


def drawn(room: Room, *sections: Section) -> PaperData:
    """An approved paper of these sections."""
    made = blueprint(*sections, minutes=60, law_minimum=D(0), title="初级理论试卷")
    data = write_blueprint(by=room.committee, content=made, now=NOW)
    approve_blueprint(by=INSTALLATION, blueprint=data.uuid, now=NOW)
    (paper,) = draw_papers(by=room.committee, blueprint=data.uuid, seed=7, now=NOW)
    approve_paper(by=INSTALLATION, paper=paper.uuid, now=NOW)
    return paper


def keys_of(paper: PaperData) -> dict[int, Key]:
    """Position → key, read where only the tests look."""
    held = {row.uuid: key_from(row.secret)[0] for row in QuestionVersion.objects.all()}
    return {item.position: held[item.version] for item in paper.items}


def right(paper: PaperData) -> dict[int, Any]:
    """Position → the right answer as a page sends it."""
    found: dict[int, Any] = {}
    for position, key in keys_of(paper).items():
        found[position] = list(key.choices) if key.choices else key.truth if key.truth is not None else "我会先道歉。"
    return found


def pinned_to(room: Room, paper: PaperData) -> None:
    """The class's filed plan names what the paper was drawn by."""
    plan = filed_plan(paper.blueprint_hash, key=f"theory-{paper.blueprint_hash[:8]}")
    Candidacy.objects.filter(class_uid=room.world.class_uid).update(specification=plan)


def opened_on(room: Room, paper: PaperData, **changes: Any) -> Sitting:
    pinned_to(room, paper)
    return opened(room.world, papers=(("A", paper.uuid),), **changes)


def sat(room: Room, answers: dict[int, Any], who: str = "owner") -> Attempt:
    """She answers and hands in."""
    row = running(room.world, who)
    if answers:
        texts = [(position, json.dumps(answer)) for position, answer in sorted(answers.items())]
        save(leave(row), batch(row.hash, 1, *texts), at_ms=ms(AT))
    row = again(row)
    hand_in(
        by=room.cast.acting(who),
        attempt=row.uuid,
        device=row.device,
        sequence=row.sequence,
        head=row.hash,
        now=AT + timedelta(minutes=10),
    )
    return again(row)


def closed(room: Room, sitting: Sitting) -> Sitting:
    """Closed by the invigilator; the worker has marked it."""
    close_sitting(by=room.world.invigilator, sitting=sitting.uuid, now=LATER)
    drain("short")
    return again(sitting)


def marked(room: Room, *sections: Section, **answers: dict[int, Any]) -> tuple[Sitting, PaperData, dict[str, Attempt]]:
    """A sitting of a paper of these sections, sat by these people and marked. answers: who → position → response."""
    paper = drawn(room, *sections)
    sitting = opened_on(room, paper)
    attempts = {who: sat(room, said, who) for who, said in answers.items()}
    return closed(room, sitting), paper, attempts


def released(room: Room, sitting: Sitting) -> Sitting:
    """Confirmed by the chief, released by the bureau, everybody told."""
    confirm_marks(by=room.chief, sitting=sitting.uuid, now=LATER)
    release_marks(by=room.cast.acting("bureau"), sitting=sitting.uuid, now=LATER)
    drain("short")
    return again(sitting)


def video_final(
    room: Room, mark: str, *, proposed_fail: bool = False, who: str = "owner", level: Level = Level.ELEMENTARY
) -> None:
    """She has handed in her video and its panel has finished."""
    work = submission_for_asset(hand_in_video(room.cast, who, level=level).uuid)
    assert work is not None
    publish(PanelFinished(work.candidacy, work.uuid, Part.VIDEO, D(mark), "pass", proposed_fail, uuid4()))
    drain("short")


def entry_of(room: Room, who: str = "owner") -> RosterEntry:
    return room.world.entry(who)
