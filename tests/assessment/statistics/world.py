"""Released sittings on real papers of a small real bank, their rows as delivery and theory leave them; answers from a seed."""

import json
import tempfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import numpy as np
import yaml

from assessment.bank.loader import load_bank
from assessment.bank.logic import key_from
from assessment.bank.models import QuestionVersion
from assessment.delivery.models import Answer, Attempt, RosterEntry, Sitting
from assessment.delivery.types import AttemptState, SittingKind, SittingState, Standing
from assessment.papers.services import approve_paper
from assessment.papers.types import PaperData
from assessment.theory.models import PaperMark
from lms.accounts.api import INSTALLATION
from lms.core.types import Level
from tests.assessment.bank.world import Cast
from tests.assessment.papers.world import approved_blueprint, bank_section, blueprint, build_world, drawn
from tests.lms.accounts.world import NOW

OPTIONS = "ABCD"
LATER = NOW + timedelta(days=3)


@dataclass(frozen=True)
class World:
    """The bank's cast and a paper. key: position → the right letter."""

    cast: Cast
    paper: PaperData
    key: dict[int, str]

    def version(self, position: int) -> UUID:
        return next(item.version for item in self.paper.items if item.position == position)

    def question(self, position: int) -> UUID:
        return next(item.question for item in self.paper.items if item.position == position)


def small_bank(count: int) -> None:
    """So many single choice questions of level 5, the first of law."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "level-5" / "C5-01.yaml"
        path.parent.mkdir(parents=True)
        said = [
            {
                "uid": str(UUID(int=0x57A70000 + number)),
                "type": "single",
                "step": "understand",
                "difficulty": 2,
                "law": number == 0,
                "stem": "".join(chr(0x4E00 + number * 60 + step) for step in range(20)),
                "options": {letter: chr(0x6E00 + number * 9 + at) * 5 for at, letter in enumerate(OPTIONS)},
                "answer": [OPTIONS[number % 4]],
                "explanation": "解析里的话",
            }
            for number in range(count)
        ]
        text = yaml.safe_dump({"topic": "C5-01", "source": "测试自编", "questions": said}, allow_unicode=True)
        path.write_text(text, encoding="utf-8")
        load_bank(Path(folder), now=NOW)


def build_paper(count: int = 10) -> World:
    """A paper of all questions of the bank, 100 marks."""
    papers = build_world()
    small_bank(count)
    data = approved_blueprint(papers, blueprint(bank_section(count, str(Decimal(100) / count)), law_minimum=Decimal(0)))
    (paper,) = drawn(papers, data)
    approve_paper(by=INSTALLATION, paper=paper.uuid, now=NOW)
    return World(papers.cast, paper, keys_of(paper))


def keys_of(paper: PaperData) -> dict[int, str]:
    """Position → the right letter, read where only the tests look."""
    rows = QuestionVersion.objects.filter(uuid__in=[item.version for item in paper.items])
    keys = {row.uuid: key_from(row.secret)[0].choices[0] for row in rows}
    return {item.position: keys[item.version] for item in paper.items}


def letters(world: World, candidates: int, seed: int = 1, ability: float = 0.6) -> np.ndarray:
    """What each chose, candidates × items, "" for left empty: a sound test of items −1.5 to 1.5 logits."""
    draw = np.random.default_rng(seed)
    count = len(world.key)
    able = draw.normal(ability, 1.2, (candidates, 1))
    chance = 1 / (1 + np.exp(-1.6 * (able - np.linspace(-1.5, 1.5, count))))
    right = draw.random((candidates, count)) < chance
    key = np.array([world.key[position] for position in sorted(world.key)])
    others = np.array([[letter for letter in OPTIONS if letter != one] for one in key])
    wrong = others[np.arange(count), draw.integers(0, 3, right.shape)]
    return np.where(right, key, wrong)


def sitting(
    world: World,
    chosen: np.ndarray,
    *,
    title: str = "初级理论考试",
    held: datetime = NOW,
    state: SittingState = SittingState.RELEASED,
    outcomes: dict[int, str] | None = None,
) -> Sitting:
    """A sitting at which these answers were handed in and marked by the key."""
    row = Sitting.objects.create(
        kind=SittingKind.CLASS,
        title=title,
        level=int(Level.ELEMENTARY),
        papers={"A": str(world.paper.uuid)},
        minutes=60,
        items=chosen.shape[1],
        grace_s=30,
        opens_at=held,
        closes_at=held + timedelta(hours=2),
        freeze_at=held,
        hall="302教室",
        seats=500,
        starts_per_minute=60,
        identity_check=True,
        organisation=world.cast.places.school.uuid,
        organisation_path=world.cast.places.school.path,
        organisation_name=world.cast.places.school.name,
        state=state,
        seed="0",
        created_at=held,
        moved_at=held,
    )
    entries = RosterEntry.objects.bulk_create(
        [
            RosterEntry(
                sitting=row, candidacy=uuid4(), person=uuid4(), seat=n + 1, form="A", included=True, added_at=held
            )
            for n in range(len(chosen))
        ]
    )
    attempts = Attempt.objects.bulk_create(
        [
            Attempt(
                entry=entry,
                number=1,
                paper=world.paper.uuid,
                form="A",
                seed="0",
                items=chosen.shape[1],
                grace_ms=0,
                place=n + 1,
                entered_ms=0,
                device=uuid4(),
                created_at=held,
                state=AttemptState.HANDED_IN,
                started_ms=1,
                deadline_ms=2,
                hash="0" * 64,
                seen_ms=1,
            )
            for n, entry in enumerate(entries)
        ]
    )
    Answer.objects.bulk_create(
        [
            Answer(
                attempt=attempt,
                epoch=1,
                sequence=at + 1,
                position=at + 1,
                response=json.dumps([str(letter)] if letter else None),
                at_ms=1,
                standing=Standing.COUNTED,
                hash="0" * 64,
            )
            for attempt, answers in zip(attempts, chosen, strict=True)
            for at, letter in enumerate(answers)
        ],
        batch_size=2000,
    )
    PaperMark.objects.bulk_create(
        [
            _mark(world, attempt, answers, outcomes or {}, held)
            for attempt, answers in zip(attempts, chosen, strict=True)
        ],
        batch_size=500,
    )
    return row


def _mark(
    world: World, attempt: Attempt, answers: np.ndarray, outcomes: dict[int, str], held: datetime, number: int = 1
) -> PaperMark:
    items: list[dict[str, Any]] = []
    for item in world.paper.items:
        right = str(answers[item.position - 1]) == world.key[item.position]
        items.append(
            {
                "position": item.position,
                "question": str(item.question),
                "version": str(item.version),
                "type": "single",
                "section": "单项选择题",
                "topic": "C5-01",
                "max": str(item.marks),
                "mark": str(item.marks) if right else "0",
                "outcome": outcomes.get(item.position, "right" if right else "wrong"),
                "people": False,
            }
        )
    total = sum(Decimal(item["mark"]) for item in items)
    return PaperMark(
        attempt=attempt,
        number=number,
        code=uuid4().hex[:16],
        cause="first",
        paper=world.paper.uuid,
        items=items,
        total=100,
        pass_mark=60,
        video_share=0,
        machine=total,
        people=0,
        video=0,
        mark=min(total, Decimal(100)),
        credit_key="strict",
        credit_hash="0" * 64,
        content_hash="0" * 64,
        at=held,
    )
