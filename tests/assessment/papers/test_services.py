"""Blueprints by versions, papers frozen, approved, used, withdrawn, printed; nobody does what is another's."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils.translation import override

from assessment.bank.loader import CONTENT, load_bank
from assessment.bank.models import KeyLook, Question
from assessment.bank.selectors import drawable
from assessment.bank.types import Key, QuestionType
from assessment.papers import printing
from assessment.papers.demonstration import demo_papers
from assessment.papers.logic import BlueprintFault
from assessment.papers.models import Blueprint, PaperForm, PaperUse
from assessment.papers.selectors import approved_blueprint as newest_approved
from assessment.papers.selectors import approved_papers, named_blueprint, paper_data, paper_for_sitting, parallel_forms
from assessment.papers.services import (
    approve_blueprint,
    approve_paper,
    draw_papers,
    load_blueprints,
    print_paper,
    try_drawing,
    use_paper,
    withdraw_paper,
    write_blueprint,
)
from assessment.papers.types import Drawn, NoBlueprint, NoPaper, PaperRefusal, PaperState
from lms.accounts.api import INSTALLATION, NotAllowed
from lms.core.audit import AuditEvent
from lms.core.types import Level
from tests.assessment.bank.world import SECRET, written
from tests.assessment.papers.world import (
    D,
    World,
    approved_blueprint,
    build_world,
    drawn,
    stocked,
    suspended,
    whole_blueprint,
)
from tests.lms.accounts.world import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None) -> World:
    return build_world()


def refused(act: Callable[..., Any], **said: Any) -> str:
    with pytest.raises(PaperRefusal) as caught:
        act(**said)
    return caught.value.code


# Blueprints --------------------------------------------------------------------------------------------------------------


def test_what_is_shipped_is_sound_loaded_once_and_waits_for_the_bureau() -> None:
    assert load_blueprints() == 3
    assert load_blueprints() == 0
    rows = {(row.key, row.level): row for row in Blueprint.objects.all()}
    assert [
        sum(len(one["items"]) for one in rows[key].content["sections"] if "items" in one) for key in sorted(rows)
    ] == [
        4,
        3,
        3,
    ]
    with pytest.raises(NoBlueprint):
        newest_approved("live_seller_theory", Level.ADVANCED)


def test_what_people_wrote_since_stays_the_newest_when_the_file_is_loaded_again(world: World) -> None:
    load_blueprints()
    row = Blueprint.objects.get(level=5)
    content = replace(approved_by(row), title="五级理论试卷（本市）")
    write_blueprint(by=world.cast.author, content=content, base=row.uuid, now=NOW)
    assert load_blueprints() == 0


def approved_by(row: Blueprint) -> Any:
    return approve_blueprint(by=INSTALLATION, blueprint=row.uuid, now=NOW).content


def test_a_blueprint_that_does_not_add_up_is_not_kept(world: World) -> None:
    content = replace(whole_blueprint(2), total=whole_blueprint(2).total + 1)
    with pytest.raises(BlueprintFault) as caught:
        write_blueprint(by=world.cast.author, content=content, now=NOW)
    assert [fault.code for fault in caught.value.faults] == ["total"]
    assert not Blueprint.objects.exists()


def test_versions_follow_the_one_she_had_before_her(world: World) -> None:
    author, colleague = world.cast.author, world.cast.expert
    first = write_blueprint(by=author, content=whole_blueprint(2), now=NOW)
    second = write_blueprint(by=author, content=replace(first.content, minutes=45), base=first.uuid, now=NOW)
    assert (first.version, second.version) == (1, 2)
    stale = {"by": colleague, "content": replace(first.content, minutes=50), "base": first.uuid, "now": NOW}
    assert refused(write_blueprint, **stale) == "newer"
    assert refused(write_blueprint, by=author, content=second.content, base=second.uuid, now=NOW) == "same"
    assert refused(write_blueprint, by=author, content=second.content, now=NOW) == "newer"


def test_the_bureau_approves_a_version_once_and_no_older_one_after_it(world: World) -> None:
    cast = world.cast
    first = write_blueprint(by=cast.author, content=whole_blueprint(2), now=NOW)
    second = write_blueprint(by=cast.author, content=replace(first.content, minutes=45), base=first.uuid, now=NOW)
    for nobody in (cast.author, cast.chief, cast.inspector, cast.bureau):  # a county's bureau keeps no law book
        with pytest.raises(NotAllowed):
            approve_blueprint(by=nobody, blueprint=second.uuid, now=NOW)
    assert approve_blueprint(by=world.keeper, blueprint=second.uuid, now=NOW).approved
    assert refused(approve_blueprint, by=world.keeper, blueprint=second.uuid, now=NOW) == "approved"
    assert refused(approve_blueprint, by=world.keeper, blueprint=first.uuid, now=NOW) == "newer"
    assert newest_approved("test", Level.ELEMENTARY).version == 2
    assert named_blueprint("test", first.content_hash).version == 1
    with pytest.raises(NoBlueprint):
        named_blueprint("test", "0" * 64)


# Drawing -----------------------------------------------------------------------------------------------------------------


@pytest.mark.req("S1-31", "S1-27")
def test_a_paper_holds_the_approved_versions_alone_and_the_same_seed_gives_it_again(world: World) -> None:
    uids = stocked(world.cast, 4)
    written(world.cast, stem="还没有人审过的一题")
    data = approved_blueprint(world)
    first, again = drawn(world, data)[0], drawn(world, data)[0]
    approved = {one.question: one.version for one in drawable(Level.ELEMENTARY)}
    assert set(approved) == set(uids)
    assert {item.question: item.version for item in first.items}.items() <= approved.items()
    assert first.content_hash == again.content_hash
    assert first.group != again.group
    assert str(world.cast.author.user) == str(PaperForm.objects.get(uuid=first.uuid).by)
    said = AuditEvent.objects.filter(action="paper_drawn").first()
    assert said is not None
    assert said.subject == first.uuid


def test_a_paper_stays_what_it_was_when_a_question_is_written_anew(world: World) -> None:
    stocked(world.cast, 3)
    paper = drawn(world, approved_blueprint(world))[0]
    row = PaperForm.objects.get(uuid=paper.uuid)
    with pytest.raises(TypeError):
        row.save()
    with pytest.raises(IntegrityError), transaction.atomic():
        PaperForm.objects.create(
            blueprint=row.blueprint, group=row.group, form="A", seed=1, content={}, content_hash="0" * 64, at=NOW
        )
    assert SECRET not in str(row.content)
    assert "key" not in row.content["sections"][0]["items"][0]


def test_nothing_is_drawn_by_an_unapproved_blueprint_or_by_those_who_may_not(world: World) -> None:
    stocked(world.cast, 3)
    data = write_blueprint(by=world.cast.author, content=whole_blueprint(2), now=NOW)
    said: dict[str, Any] = {"blueprint": data.uuid, "seed": 1, "forms": 1}
    assert refused(try_drawing, by=world.cast.author, **said) == "unapproved"
    for nobody in (world.keeper, world.cast.chief, world.cast.inspector, world.cast.school, world.cast.teacher):
        with pytest.raises(NotAllowed):
            draw_papers(by=nobody, now=NOW, **said)


def test_a_drawing_that_fails_says_so_and_keeps_nothing(world: World) -> None:
    stocked(world.cast, 2)
    data = approved_blueprint(world, whole_blueprint(4))
    with pytest.raises(PaperRefusal) as caught:
        drawn(world, data)
    assert [(one.quota.name, one.by) for one in caught.value.shortfalls] == [("单项选择题", D(2))]
    assert not PaperForm.objects.exists()


def test_what_she_did_not_see_is_not_frozen(world: World) -> None:
    uids = stocked(world.cast, 3)
    data = approved_blueprint(world)
    seen = [one.content_hash for one in drawn(world, data)]
    drawn(world, data, seen=seen)
    law = uids[0]  # the only one of law: without it nothing could be drawn at all
    gone = next(item.question for item in paper_data(PaperForm.objects.latest("id")).items if item.question != law)
    suspended([gone])
    assert refused(drawn, world=world, data=data, seen=seen) == "changed"


def test_look_alikes_never_stand_on_one_form(world: World) -> None:
    words = "直播间回放里保留的商品链接在活动结束之后价格仍然有效吗"
    for extra in ("", "呢", "？"):
        stocked(world.cast, 1, stem=words + extra)
    stocked(world.cast, 1)
    data = approved_blueprint(world)
    for seed in range(4):
        outcome = try_drawing(by=world.cast.author, blueprint=data.uuid, seed=seed, forms=1)
        assert isinstance(outcome, Drawn)
        stems = Question.objects.filter(uuid__in=[item.question for item in outcome.forms[0].items])
        assert sum(words in row.current.content["stem"] for row in stems.select_related("current") if row.current) == 1


# What becomes of a paper -------------------------------------------------------------------------------------------------


@pytest.mark.req("S3-28")
def test_a_sitting_reads_approved_papers_alone_and_uses_each_question_once(world: World) -> None:
    stocked(world.cast, 4)
    content = replace(whole_blueprint(2), overlap_limit=whole_blueprint(2).total)
    a, b = drawn(world, approved_blueprint(world, content), forms=2)
    sitting = uuid4()
    with pytest.raises(NoPaper):
        paper_for_sitting(a.uuid)
    assert refused(use_paper, paper=a.uuid, sitting=sitting, now=NOW) == "state"
    with pytest.raises(NotAllowed):
        approve_paper(by=world.cast.author, paper=a.uuid, now=NOW)
    approve_paper(by=world.keeper, paper=a.uuid, now=NOW)
    assert [one.uuid for one in approved_papers(Level.ELEMENTARY)] == [a.uuid]
    for _again in range(2):
        use_paper(paper=a.uuid, sitting=sitting, now=NOW)
    assert paper_for_sitting(a.uuid).state is PaperState.USED
    assert approved_papers(Level.ELEMENTARY, used=False) == ()
    assert {row.exposure for row in Question.objects.filter(uuid__in=[item.question for item in a.items])} == {1}
    use_paper(paper=a.uuid, sitting=uuid4(), now=NOW)
    assert PaperUse.objects.count() == 2
    assert [one.uuid for one in parallel_forms(a.group)] == [a.uuid, b.uuid]


def test_a_paper_with_a_suspended_question_is_neither_approved_nor_used(world: World) -> None:
    stocked(world.cast, 4)
    data = approved_blueprint(world)
    kept, lost = drawn(world, data)[0], drawn(world, data)[0]
    approve_paper(by=world.keeper, paper=kept.uuid, now=NOW)
    suspended([kept.items[0].question])
    assert refused(approve_paper, by=world.keeper, paper=lost.uuid, now=NOW) == "drawable"
    assert refused(use_paper, paper=kept.uuid, sitting=uuid4(), now=NOW) == "drawable"
    assert paper_for_sitting(kept.uuid).state is PaperState.APPROVED


def test_a_withdrawn_paper_is_not_sat_and_says_why(world: World) -> None:
    stocked(world.cast, 3)
    paper = drawn(world, approved_blueprint(world))[0]
    said: dict[str, Any] = {"by": world.cast.author, "paper": paper.uuid, "now": NOW}
    assert refused(withdraw_paper, reason="  ", **said) == "reason"
    with pytest.raises(NotAllowed):
        withdraw_paper(**{**said, "by": world.cast.chief}, reason="不合适")
    withdraw_paper(reason="印刷时外泄", **said)
    assert refused(approve_paper, by=world.keeper, paper=paper.uuid, now=NOW) == "state"
    move = PaperForm.objects.get(uuid=paper.uuid).moves.get()
    assert (move.after, move.reason) == (PaperState.WITHDRAWN, "印刷时外泄")


# Printing ----------------------------------------------------------------------------------------------------------------


def test_the_candidates_paper_has_no_key_and_the_keyed_one_is_a_look(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    printed: list[dict[str, Any]] = []
    words = printing.words

    def listened(*said: Any, keys: bool) -> dict[str, Any]:
        printed.append(words(*said, keys=keys))
        return printed[-1]

    monkeypatch.setattr(printing, "words", listened)
    stocked(world.cast, 1, explanation=SECRET)
    stocked(
        world.cast,
        1,
        type=QuestionType.SHORT,
        options=(),
        key=Key(model="标准答案在此"),
        stem="简述退货七日的起算办法。",
    )
    content = whole_blueprint(1)
    paper = drawn(world, approved_blueprint(world, content))[0]
    said: dict[str, Any] = {"by": world.cast.author, "paper": paper.uuid, "now": NOW}
    bare = print_paper(keys=False, reason="印60份", **said)
    assert bare.data.startswith(b"%PDF")
    assert not KeyLook.objects.exists()
    assert bare.data == print_paper(keys=False, reason="再印", **said).data
    keyed = print_paper(keys=True, reason="阅卷", **said)
    assert keyed.data != bare.data
    assert [SECRET in str(one) for one in printed] == [False, False, True]
    assert {str(item["answer"]) for section in printed[0]["sections"] for item in section["items"]} == {"[]"}
    look = KeyLook.objects.get()
    assert (look.reason, look.format, look.items.count()) == ("阅卷", "paper", 1)
    assert AuditEvent.objects.filter(subject=paper.uuid, action__startswith="paper_printed").count() == 3
    assert refused(print_paper, keys=True, reason=" ", **said) == "reason"
    for nobody in (world.keeper, world.cast.chief, world.cast.inspector, world.cast.school):
        with pytest.raises(NotAllowed):
            print_paper(**{**said, "by": nobody}, keys=False, reason="看看")


# The demonstration -------------------------------------------------------------------------------------------------------


def test_the_demonstration_draws_once_and_says_what_cannot_be_drawn(world: World, tmp_path: Path) -> None:
    (tmp_path / "level-5").symlink_to(CONTENT / "level-5")
    load_bank(tmp_path, now=NOW)
    load_blueprints()
    with override("zh-hans"):
        told, again = (
            list(demo_papers(committee=world.cast.author, bureau=world.keeper, now=NOW)) for _time in range(2)
        )
    assert told == again
    assert PaperForm.objects.filter(standing__state=PaperState.APPROVED).count() == 2
    assert any("还差10题" in line and "10 questions too few" in line and "简答题" in line for line in told)
    assert any("可以组卷" in line for line in told)
