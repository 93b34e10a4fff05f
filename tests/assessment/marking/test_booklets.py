"""Short answers marked by people: the panels of videos judge them, blind; what was not answered is worth nothing."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import Http404
from django.test.utils import CaptureQueriesContext

from assessment.api import BookletItem, BookletMarked, PanelFinished, PanelState, allocate, sign_panel
from assessment.bank.models import KeyLook
from assessment.marking.holder import hold
from assessment.marking.models import BookletOutcome, EvidenceGrant, Panel, Rubric, ScoreSheet, VideoOutcome
from assessment.marking.selectors import booklet_outcome, desk_list, panel_page, panels_list, sheet_page
from assessment.marking.selectors.pool import conflicts
from assessment.marking.services import (
    assign_fourth,
    declare_conflict,
    keys_of_booklet,
    keys_of_panel,
    open_booklet,
    save_sheet,
)
from assessment.marking.types import Centre, MarkingRefusal, PanelKind, SheetChanges
from lms.accounts.api import TieKind, TieObject, record_tie
from lms.core import audit, events
from tests.assessment.delivery.world import World
from tests.assessment.marking.answering import (
    LATER,
    MARKS,
    MODEL,
    SAID,
    WHY,
    booklet_panel,
    booklet_world,
    items_of,
    opened_booklet,
    score_answers,
    scored_by_all,
    short_paper,
    sit,
)
from tests.assessment.marking.scoring import seated, with_examiners
from tests.assessment.people import person_of

FULL = {"Q31": "4", "Q32": "2", "Q33": "0.25"}


@pytest.fixture
def world(db: None) -> Iterator[World]:
    with booklet_world() as made:
        yield made


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    news: list[Any] = []
    for kind in (BookletMarked, PanelFinished):
        monkeypatch.setitem(events._handlers, kind, [news.append])
    return news


def marks(*pairs: tuple[int, str]) -> tuple[tuple[int, Decimal], ...]:
    return tuple((position, Decimal(mark)) for position, mark in pairs)


# From the attempt to the marks.


def test_the_mean_of_every_question_is_told_once(world: World, heard: list[Any]) -> None:
    panel = booklet_panel(world, {31: "可以退", 33: "  \n", 32: "写明运费"})
    sheets = ({"Q31": "3.5", "Q32": "1"}, {"Q31": "3.5", "Q32": "1.5"}, {"Q31": "3", "Q32": "1.5"})
    scored_by_all(world, panel, *sheets)
    assert panel.state == PanelState.FINAL
    (news,) = heard
    assert isinstance(news, BookletMarked)
    # 10/3 and 4/3, half up to the hundredth; what was not answered is 0 and nobody was asked.
    assert news.marks == marks((31, "3.33"), (32, "1.33"), (33, "0.00"))
    assert (news.attempt, news.candidacy) == (panel.submission, world.held["owner"].uuid)
    told = booklet_outcome(news.outcome)
    assert (told.marks, told.total, told.maximum, told.method) == (news.marks, Decimal("4.66"), sum(MARKS), Centre.MEAN)
    assert [sheet.label for sheet in told.sheets] == ["甲", "乙", "丙"]
    assert (VideoOutcome.objects.count(), EvidenceGrant.objects.count()) == (0, 0)
    assert audit.verify(panel.uuid).ok


def test_opening_again_is_the_same_booklet(world: World, heard: list[Any]) -> None:
    panel = booklet_panel(world)
    held = Panel.objects.values_list("pk", "code", "evidence_hash").get()
    short = [BookletItem(31, row.question, row.version, Decimal(4)) for row in panel.answers.filter(position=31)]
    open_booklet(attempt=panel.submission, candidacy=panel.candidacy, items=short, now=LATER)
    assert Panel.objects.values_list("pk", "code", "evidence_hash").get() == held
    scored_by_all(world, panel, FULL, FULL, FULL)
    open_booklet(attempt=panel.submission, candidacy=panel.candidacy, items=short, now=LATER)
    assert (len(heard), BookletOutcome.objects.count(), panel.answers.count()) == (1, 1, 3)


def test_what_came_to_count_later_is_a_booklet_of_its_own_for_the_same_examiners(
    world: World, heard: list[Any]
) -> None:
    first = booklet_panel(world)
    scored_by_all(world, first, FULL, FULL, FULL)
    # Others are free now, and less loaded than nobody: the first panel's examiners still go first.
    with_examiners(world.cast, 7)
    held, later = first.answers.get(position=31), uuid4()
    items = [BookletItem(31, held.question, held.version, Decimal(4))]
    for _again in range(2):
        open_booklet(attempt=first.submission, candidacy=first.candidacy, items=items, booklet=later, now=LATER)
    assert allocate(submission=later, now=LATER) is PanelState.SCORING
    second = Panel.objects.get(submission=later)
    assert set(seated(world.cast, second)) == set(seated(world.cast, first))
    assert (second.answers.get().words, second.code != first.code) == (held.words, True)
    scored_by_all(world, second, *[{"Q31": "4"}] * 3)
    assert [(news.attempt, news.marks[0]) for news in heard][1] == (later, (31, Decimal("4.00")))


def test_nothing_answered_is_marked_at_once_and_by_nobody(world: World, heard: list[Any]) -> None:
    paper = short_paper(world)
    attempt = sit(world, {32: " "}, paper=paper)
    for _again in range(2):
        open_booklet(attempt=attempt.uuid, candidacy=world.held["owner"].uuid, items=items_of(paper), now=LATER)
    (news,) = heard
    assert news.marks == marks((31, "0"), (32, "0"), (33, "0"))
    told = booklet_outcome(news.outcome)
    assert told.method is None
    assert (len(told.sheets), told.total, told.code) == (0, Decimal(0), "")
    assert (Panel.objects.count(), allocatable(attempt)) == (0, False)


def allocatable(attempt: Any) -> bool:
    return ScoreSheet.objects.filter(panel__submission=attempt.uuid).exists()


def test_no_question_is_no_booklet_and_wrong_items_are_refused(world: World, heard: list[Any]) -> None:
    paper = short_paper(world)
    attempt = sit(world, SAID, paper=paper)
    candidacy = world.held["owner"].uuid
    open_booklet(attempt=attempt.uuid, candidacy=candidacy, items=[], now=LATER)
    first = items_of(paper)[0]
    for items in ([first, first], [BookletItem(31, first.question, first.version, Decimal(0))]):
        with pytest.raises(ValueError, match=r"twice|above 0"):
            open_booklet(attempt=attempt.uuid, candidacy=candidacy, items=items, now=LATER)
    assert (heard, Panel.objects.count(), BookletOutcome.objects.count()) == ([], 0, 0)


def test_a_wide_spread_of_its_own_marks_goes_to_arbitration(world: World, heard: list[Any]) -> None:
    """The limit is 15 of 100; of 6.25 marks that is 0.9375."""
    panel = booklet_panel(world, examiners=4)
    chief = world.cast.acting("chief")
    low = FULL | {"Q31": "3"}
    scored_by_all(world, panel, FULL, FULL, low)
    assert (panel.state, heard) == (PanelState.SPREAD, [])
    page = panel_page(chief, panel.code, now=LATER)
    assert "0.9375" in page.why[0]
    assign_fourth(by=chief, code=panel.code, examiner=None, now=LATER)
    score_answers(world, panel, seated(world.cast, panel)[3], FULL | {"Q31": "3.5"})
    panel.refresh_from_db()
    assert panel.state == PanelState.RULINGS
    with pytest.raises(MarkingRefusal):
        sign_panel(by=chief, code=panel.code, reason=" ", now=LATER)
    signed = sign_panel(by=chief, code=panel.code, reason="第四位与两位一致", now=LATER)
    told = booklet_outcome(signed)
    # The middle two of 5.25, 5.75, 6.25, 6.25.
    assert (told.method, dict(told.marks)[31], told.reason) == (Centre.MEDIAN, Decimal("3.75"), "第四位与两位一致")
    assert [news.outcome for news in heard] == [signed]


def test_a_spread_at_the_limit_is_still_a_mean(world: World, heard: list[Any]) -> None:
    Panel.objects.filter(pk=booklet_panel(world).pk).update(spread_limit=16)  # of 6.25 marks: 1
    panel = Panel.objects.get()
    scored_by_all(world, panel, FULL, FULL, FULL | {"Q31": "3"})
    assert panel.state == PanelState.FINAL
    assert heard[0].marks[0] == (31, Decimal("3.67"))


def test_what_is_judged_is_what_stood_when_it_was_opened(world: World) -> None:
    panel = booklet_panel(world)
    before = list(panel.answers.values_list("position", "words"))
    assert before == list(SAID.items())
    assert panel.evidence_hash != Rubric.objects.get(pk=panel.rubric_id).content_hash


def test_one_rubric_for_all_who_had_the_paper_and_no_word_of_it(world: World) -> None:
    with_examiners(world.cast, 3)
    paper = short_paper(world)
    attempts = [sit(world, SAID, paper=paper), sit(world, {31: "只写一题"}, "colleague")]
    for who, attempt in zip(("owner", "colleague"), attempts, strict=True):
        open_booklet(attempt=attempt.uuid, candidacy=world.held[who].uuid, items=items_of(paper), now=LATER)
    first, second = Panel.objects.order_by("id")
    assert (first.rubric_id, first.asked, second.asked) == (second.rubric_id, ["Q31", "Q32", "Q33"], ["Q31"])
    told = repr(first.rubric.content)
    assert all(secret not in told for secret in (MODEL, WHY, "退货"))
    assert first.code != second.code
    assert len(first.code) == len("K7-34967Q4")  # longer than a work's


# Who judges.


def test_who_taught_or_declared_a_conflict_never_judges(world: World) -> None:
    names = with_examiners(world.cast, 5)
    taught, *_rest = names
    record_tie(
        kind=TieKind.TEACHES,
        person=person_of(world.cast, taught).uuid,
        object_kind=TieObject.CLASS,
        object_uuid=world.class_uid,
        source="test",
        note="",
        by=None,
        now=LATER,
    )
    attempt = opened_booklet(world)
    allocate(submission=attempt.uuid, now=LATER)
    panel = Panel.objects.get()
    leaving = seated(world.cast, panel)[0]
    assert taught not in seated(world.cast, panel)
    declare_conflict(by=world.cast.acting(leaving), code=panel.code, relation="relative", reason="表姐", now=LATER)
    allocate(submission=attempt.uuid, now=LATER)
    assert {taught, leaving}.isdisjoint(seated(world.cast, panel))
    assert len(seated(world.cast, panel)) == 3
    # What she declared of the booklet keeps her from the candidate's video as well.
    video = Panel(submission=panel.uuid)
    assert conflicts(video, world.held["owner"], person_of(world.cast, leaving).uuid, LATER.date())


def test_booklets_and_videos_are_one_load(world: World) -> None:
    """Six examiners, two booklets: nobody has two sheets while another has none."""
    with_examiners(world.cast, 6)
    paper = short_paper(world)
    for who, attempt in (("owner", sit(world, SAID, paper=paper)), ("colleague", sit(world, SAID, "colleague"))):
        open_booklet(attempt=attempt.uuid, candidacy=world.held[who].uuid, items=items_of(paper), now=LATER)
        allocate(submission=attempt.uuid, now=LATER)
    held = ScoreSheet.objects.values_list("examiner_user", flat=True)
    assert len(held) == len(set(held)) == 6


# The sheet.


def test_a_score_is_of_its_question(world: World) -> None:
    panel = booklet_panel(world)
    acting = world.cast.acting(seated(world.cast, panel)[0])
    typed = {"Q31": "3.5", "Q32": "2.5", "Q33": "0.25", "Q30": "1"}
    receipt = save_sheet(by=acting, code=panel.code, changes=SheetChanges(scores=typed), revision=0, now=LATER)
    assert (set(receipt.errors), receipt.done, receipt.total) == ({"Q32", "Q30"}, 2, Decimal("3.75"))
    odd = SheetChanges(scores={"Q31": "3.3", "Q33": "0.2"})
    again = save_sheet(by=acting, code=panel.code, changes=odd, revision=1, now=LATER)
    assert (set(again.errors), again.total) == ({"Q31", "Q33"}, Decimal("3.75"))


def test_keys_come_by_the_banks_door_and_every_booklet_is_one_look(world: World) -> None:
    panel = booklet_panel(world)
    who = seated(world.cast, panel)[0]
    acting = world.cast.acting(who)
    for _again in range(2):
        keys = keys_of_booklet(by=acting, code=panel.code, now=LATER)
        assert sorted(key.key.model for key in keys.values()) == [f"{MODEL}{at}" for at in (31, 32, 33)]
    look = KeyLook.objects.get()
    assert (look.by, look.booklet, look.items.count()) == (world.cast.uuid(who), panel.uuid, 3)
    assert [event.action for event in audit.events_of(look.uuid)] == ["keys_seen_for_marking"]


def test_the_chief_sees_keys_when_the_sheets_are_in(world: World) -> None:
    panel = booklet_panel(world)
    chief, bureau = world.cast.acting("chief"), world.cast.acting("bureau")
    assert keys_of_panel(by=chief, code=panel.code, now=LATER) == {}
    scored_by_all(world, panel, FULL, FULL, FULL)
    assert len(keys_of_panel(by=chief, code=panel.code, now=LATER)) == 3
    assert keys_of_panel(by=bureau, code=panel.code, now=LATER) == {}


def test_only_her_own_booklet_and_only_at_the_booklets_desk(world: World) -> None:
    panel = booklet_panel(world, examiners=4)
    seats = seated(world.cast, panel)
    other = next(who for who in ("examiner", "examiner2", "examiner3", "examiner4") if who not in seats)
    with pytest.raises(Http404):
        keys_of_booklet(by=world.cast.acting(other), code=panel.code, now=LATER)
    with pytest.raises(Http404):
        sheet_page(world.cast.acting(seats[0]), panel.code)
    for who in ("owner", "colleague", "chief", "school_admin", "instructor"):
        with pytest.raises(PermissionDenied):
            keys_of_booklet(by=world.cast.acting(who), code=panel.code, now=LATER)


def test_lists_name_the_kind_and_cost_the_same_for_one_and_two(world: World) -> None:
    with_examiners(world.cast, 3)
    paper = short_paper(world)
    costs = []
    for who, attempt in (("owner", sit(world, SAID, paper=paper)), ("colleague", sit(world, SAID, "colleague"))):
        open_booklet(attempt=attempt.uuid, candidacy=world.held[who].uuid, items=items_of(paper), now=LATER)
        allocate(submission=attempt.uuid, now=LATER)
        with CaptureQueriesContext(connection) as asked:
            rows = desk_list(world.cast.acting("examiner"), now=LATER).waiting
            listed = panels_list(world.cast.acting("chief"), now=LATER).running
        costs.append(len(asked))
    assert len(rows) == len(listed) == 2
    assert {row.kind for row in rows} == {PanelKind.ANSWERS}
    assert costs[0] == costs[1]


def test_the_pages_cost_the_same_for_one_and_three_questions(world: World) -> None:
    with_examiners(world.cast, 3)
    paper = short_paper(world)
    client, chief = world.cast.client("examiner"), world.cast.client("chief")
    costs = []
    for who, said in (("owner", {31: "一题"}), ("colleague", SAID)):
        attempt = sit(world, said, who, paper=paper if who == "owner" else None)
        open_booklet(attempt=attempt.uuid, candidacy=world.held[who].uuid, items=items_of(paper), now=LATER)
        allocate(submission=attempt.uuid, now=LATER)
        code = Panel.objects.get(submission=attempt.uuid).code
        assert client.get(f"/scoring/{code}/").status_code == 200  # the look
        with CaptureQueriesContext(connection) as asked:
            assert client.get(f"/scoring/{code}/").status_code == 200
            assert chief.get(f"/panels/{code}/").status_code == 200
        costs.append(len(asked))
    assert costs[0] == costs[1]


def test_what_is_held_of_her_names_no_code_before_the_end(world: World) -> None:
    panel = booklet_panel(world)
    person, user = person_of(world.cast, "owner").uuid, world.cast.uuid("owner")
    assert panel.code not in repr(hold(person, user))
    scored_by_all(world, panel, FULL, FULL, FULL)
    told = repr(hold(person, user))
    assert panel.code in told
    assert "6.25" not in told
