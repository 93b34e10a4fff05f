"""Short answers of attempts that were sat, and their booklets, by the real services; papers are the only thing made up."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

from assessment.api import PanelState, allocate, save_sheet, submit_sheet
from assessment.bank.services import write_question
from assessment.bank.types import Key, QuestionType
from assessment.delivery.models import Attempt
from assessment.delivery.saving import save
from assessment.delivery.services import hand_in
from assessment.marking.models import Panel
from assessment.marking.services import load_rubrics, open_booklet
from assessment.marking.types import BookletItem, SheetChanges
from lms.accounts.api import Role, acting_for
from lms.core.types import Level
from lms.policies.api import load_profiles, profile_in_force
from tests.assessment.bank.world import document
from tests.assessment.delivery.world import (
    MINUTES,
    OPENS,
    FakeItem,
    FakePaper,
    FakeSection,
    World,
    again,
    batch,
    candidate,
    leave,
    ms,
    opened,
    plugged_in,
    running,
)
from tests.assessment.marking.scoring import seated, sheet_of, with_examiners
from tests.assessment.people import member
from tests.media_pipeline.cast import NOW, build_cast

# Marks of the short answers of the paper; they stand at positions 31, 32 ….
MARKS = (Decimal(4), Decimal(2), Decimal("0.25"))
FIRST = 31
MODEL, WHY = "参考要点：七天无理由", "评分要点：漏一件扣半分"
LATER = OPENS + timedelta(hours=3)
SAID = {31: "可以七天内退", 32: "运费谁出要写明", 33: "留下电话"}


@contextmanager
def booklet_world() -> Iterator[World]:
    """Two candidates of one class under an approved specification."""
    with plugged_in() as fakes:
        cast = build_cast()
        cast.users["invigilator"] = member(cast.school, Role.INVIGILATOR, "监考员")
        load_rubrics()
        load_profiles()
        law = profile_in_force("demonstration", NOW.date())
        class_uid = uuid4()
        held = {who: candidate(cast, who, class_uid=class_uid, profile=law.uuid) for who in ("owner", "colleague")}
        yield World(cast, fakes, class_uid, held)


def short_paper(world: World, marks: tuple[Decimal, ...] = MARKS) -> FakePaper:
    """A paper whose last questions are short answers of the bank."""
    writer = acting_for(member(world.cast.school, Role.COMMITTEE, "题库委员"), None)
    items = [FakeItem(at, uuid4(), uuid4()) for at in range(1, FIRST)]
    for at, worth in enumerate(marks, FIRST):
        text = document(
            f"退货说明要写清哪些事？（{at}）",
            type=QuestionType.SHORT,
            options=(),
            key=Key(model=f"{MODEL}{at}"),
            explanation=f"{WHY}{at}",
        )
        version = write_question(by=writer, document=text, now=NOW)
        items.append(FakeItem(at, text.uid, version.uuid, text.type.value, worth))
    paper = FakePaper(uuid4(), int(Level.ELEMENTARY), "A", MINUTES, [FakeSection("综合题", items)])
    world.papers.held[paper.uuid] = paper
    return paper


def items_of(paper: FakePaper) -> list[BookletItem]:
    return [
        BookletItem(item.position, item.question, item.version, item.marks)
        for section in paper.sections
        for item in section.items
        if item.type == "short"
    ]


def sit(world: World, answers: Mapping[int, str], who: str = "owner", paper: FakePaper | None = None) -> Attempt:
    """An attempt handed in; answers: position → what was typed. Without a paper the sitting is open already."""
    if paper is not None:
        opened(world, papers=((paper.form, paper.uuid),))
    row = running(world, who)
    sent = [(position, _json(words)) for position, words in answers.items()]
    if sent:
        save(leave(row), batch(row.hash, 1, *sent), at_ms=ms(OPENS + timedelta(minutes=5)))
        row = again(row)
    return hand_in(
        by=world.cast.acting(who),
        attempt=row.uuid,
        device=row.device,
        sequence=row.sequence,
        head=row.hash,
        now=OPENS + timedelta(minutes=30),
    )


def _json(words: str) -> str:
    """As a page sends it: ASCII."""
    return json.dumps(words)


def opened_booklet(
    world: World, answers: Mapping[int, str] | None = None, who: str = "owner", paper: FakePaper | None = None
) -> Attempt:
    """Sat and opened; nobody is asked yet."""
    asked = paper or short_paper(world)
    attempt = sit(world, SAID if answers is None else answers, who, paper=None if paper else asked)
    open_booklet(attempt=attempt.uuid, candidacy=world.held[who].uuid, items=items_of(asked), now=LATER)
    return attempt


def booklet_panel(world: World, answers: Mapping[int, str] | None = None, *, examiners: int = 3) -> Panel:
    """A booklet whose examiners score."""
    with_examiners(world.cast, examiners)
    attempt = opened_booklet(world, answers)
    assert allocate(submission=attempt.uuid, now=LATER) is PanelState.SCORING
    return Panel.objects.get(submission=attempt.uuid)


def score_answers(world: World, panel: Panel, who: str, scores: Mapping[str, str], comment: str = "") -> None:
    """Fill a sheet and hand it in."""
    acting = world.cast.acting(who)
    comments = dict.fromkeys(scores, comment) if comment else {}
    revision = sheet_of(world.cast, panel, who).revision
    changes = SheetChanges(scores=scores, comments=comments)
    receipt = save_sheet(by=acting, code=panel.code, changes=changes, revision=revision, now=LATER)
    assert receipt.errors == {}
    submit_sheet(by=acting, code=panel.code, revision=receipt.revision, now=LATER)


def scored_by_all(world: World, panel: Panel, *sheets: Mapping[str, str]) -> Panel:
    """Every seated examiner hands in, in the order of the seats."""
    for who, scores in zip(seated(world.cast, panel), sheets, strict=True):
        score_answers(world, panel, who, scores)
    panel.refresh_from_db()
    return panel
