"""Examiners, workers and a chief at the same moment, on a database with real row locks: no double, none lost."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from django.db import connections

from assessment.api import (
    BookletMarked,
    PanelFinished,
    PanelState,
    SheetChanges,
    allocate,
    open_booklet,
    sign_panel,
    submission_for_asset,
    submit_sheet,
)
from assessment.bank.models import KeyLook
from assessment.marking.models import BookletOutcome, Panel, ScoreLine, ScoreSheet, SheetSeal, VideoOutcome
from assessment.marking.services import assign_fourth, decide_finding, declare_conflict, keys_of_booklet
from assessment.marking.types import MarkingRefusal, SheetLocked, StaleRevision
from lms.core import audit, events
from tests.assessment.delivery.world import World
from tests.assessment.marking.answering import (
    booklet_panel,
    booklet_world,
    items_of,
    score_answers,
    short_paper,
    sit,
)
from tests.assessment.marking.scoring import (
    QUIET,
    filled,
    ready_work,
    save,
    score,
    scored,
    scoring_panel,
    seated,
    sheet_of,
    with_examiners,
)
from tests.media_pipeline.cast import NOW, Cast, build_cast

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def cast() -> Cast:
    return build_cast()


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[PanelFinished]:
    news: list[PanelFinished] = []
    monkeypatch.setitem(events._handlers, PanelFinished, [news.append])
    return news


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """Results or refusals of all of them, begun at one moment, each thread with its own connection."""
    barrier = Barrier(len(works), timeout=20)

    def run(work: Callable[[], Any]) -> Any:
        try:
            barrier.wait()
            return work()
        except MarkingRefusal as refused:
            return refused
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def refusals(outcomes: list[Any]) -> list[type]:
    return [type(one) for one in outcomes if isinstance(one, MarkingRefusal)]


def ready_to_hand_in(cast: Cast, panel: Panel, who: str, total: str) -> Callable[[], None]:
    acting = cast.acting(who)
    save(acting, panel, filled(cast, panel, who, total))
    return lambda: submit_sheet(by=acting, code=panel.code, revision=1, now=NOW)


def test_two_examiners_hand_in_the_last_two_sheets_at_once(
    cast: Cast, tmp_path: Path, heard: list[PanelFinished]
) -> None:
    panel = scoring_panel(cast, tmp_path, sentences=QUIET)
    first, second, third = seated(cast, panel)
    score(cast, panel, first, "82")
    last = [ready_to_hand_in(cast, panel, who, total) for who, total in ((second, "78"), (third, "86"))]
    assert at_once(*last) == [None, None]
    panel.refresh_from_db()
    assert (panel.state, len(heard), VideoOutcome.objects.count()) == (PanelState.FINAL, 1, 1)
    assert str(VideoOutcome.objects.get().mark) == "82.0"
    assert audit.verify(panel.uuid).ok


def test_all_three_at_once(cast: Cast, tmp_path: Path, heard: list[PanelFinished]) -> None:
    panel = scoring_panel(cast, tmp_path, sentences=QUIET)
    works = [ready_to_hand_in(cast, panel, who, "80") for who in seated(cast, panel)]
    assert at_once(*works) == [None] * 3
    assert len(heard) == 1


def test_a_double_submit_is_one(cast: Cast, tmp_path: Path) -> None:
    panel = scoring_panel(cast, tmp_path)
    submit = ready_to_hand_in(cast, panel, seated(cast, panel)[0], "80")
    outcomes = at_once(submit, submit, submit)
    assert (outcomes.count(None), refusals(outcomes)) == (1, [SheetLocked] * 2)
    assert SheetSeal.objects.count() == 1


@pytest.mark.parametrize("_round", range(3))
def test_a_save_that_races_a_submit_is_in_the_seal_or_refused(cast: Cast, tmp_path: Path, _round: int) -> None:
    panel = scoring_panel(cast, tmp_path)
    who = seated(cast, panel)[0]
    acting = cast.acting(who)
    submit = ready_to_hand_in(cast, panel, who, "80")
    outcomes = at_once(submit, lambda: save(acting, panel, SheetChanges(scores={"C1": "1"}), revision=1))
    assert refusals(outcomes) in ([StaleRevision], [SheetLocked])
    stored = ScoreLine.objects.get(sheet__examiner_user=cast.uuid(who), criterion="C1").score
    if isinstance(outcomes[0], StaleRevision):  # the save was first: nothing is sealed, nothing lost
        assert (stored, SheetSeal.objects.count()) == (Decimal(1), 0)
    else:
        assert stored == Decimal(SheetSeal.objects.get().content["scores"]["C1"]) == 10


def test_two_windows_that_save_at_once_do_not_overwrite_each_other(cast: Cast, tmp_path: Path) -> None:
    panel = scoring_panel(cast, tmp_path)
    who = seated(cast, panel)[0]
    acting = cast.acting(who)
    outcomes = at_once(
        *(lambda score=score: save(acting, panel, SheetChanges(scores={"C1": score})) for score in "1234")
    )
    assert refusals(outcomes) == [StaleRevision] * 3
    assert sheet_of(cast, panel, who).revision == 1


def test_a_work_is_allocated_once(cast: Cast, tmp_path: Path) -> None:
    with_examiners(cast, 6)
    work = submission_for_asset(ready_work(cast, tmp_path)[0].uuid)
    assert work
    states = at_once(*[lambda: allocate(submission=work.uuid, now=NOW)] * 4)
    assert states == [PanelState.SCORING] * 4
    assert (Panel.objects.count(), ScoreSheet.objects.count()) == (1, 3)
    panel = Panel.objects.get()
    assert panel.findings.count() == 2
    assert audit.verify(panel.uuid).ok


def test_the_fourth_is_assigned_once_and_a_panel_signed_once(
    cast: Cast, tmp_path: Path, heard: list[PanelFinished]
) -> None:
    panel = scored(cast, scoring_panel(cast, tmp_path, examiners=6), "55", "75", "70")
    chief = cast.acting("chief")
    fourth = at_once(*[lambda: assign_fourth(by=chief, code=panel.code, examiner=None, now=NOW)] * 3)
    assert (fourth.count(None), ScoreSheet.objects.filter(panel=panel, fourth=True).count()) == (1, 1)
    score(cast, panel, seated(cast, panel)[3], "70")
    decide_finding(by=chief, code=panel.code, finding=1, verdict="dismiss", reason="不是本品", now=NOW)
    signed = at_once(*[lambda: sign_panel(by=chief, code=panel.code, reason="取中位数", now=NOW)] * 3)
    assert len(refusals(signed)) == 2
    assert (len(heard), VideoOutcome.objects.count()) == (1, 1)


def test_a_save_and_a_conflict_at_once_leave_one_seat_holder(cast: Cast, tmp_path: Path) -> None:
    panel = scoring_panel(cast, tmp_path, examiners=4)
    who = seated(cast, panel)[0]
    changes = filled(cast, panel, who, "80")
    acting = cast.acting(who)
    at_once(
        lambda: save(acting, panel, changes),
        lambda: declare_conflict(by=acting, code=panel.code, relation="relative", reason="", now=NOW),
    )
    assert sheet_of(cast, panel, who).state == "conflict_declared"
    at_once(*[lambda: allocate(submission=panel.submission, now=NOW)] * 3)
    assert len(seated(cast, panel)) == len(set(seated(cast, panel))) == 3


# Booklets of short answers: the same locks.


@pytest.fixture
def answering() -> Iterator[World]:
    with booklet_world() as made:
        yield made


@pytest.fixture
def marked(monkeypatch: pytest.MonkeyPatch) -> list[BookletMarked]:
    news: list[BookletMarked] = []
    monkeypatch.setitem(events._handlers, BookletMarked, [news.append])
    return news


def test_two_examiners_hand_in_the_last_two_sheets_of_a_booklet_at_once(
    answering: World, marked: list[BookletMarked]
) -> None:
    panel = booklet_panel(answering)
    first, *rest = seated(answering.cast, panel)
    scores = {"Q31": "3", "Q32": "1", "Q33": "0"}
    score_answers(answering, panel, first, scores)

    def ready(who: str) -> Callable[[], None]:
        acting = answering.cast.acting(who)
        save(acting, panel, SheetChanges(scores=scores))
        return lambda: submit_sheet(by=acting, code=panel.code, revision=1, now=NOW)

    assert at_once(*[ready(who) for who in rest]) == [None, None]
    panel.refresh_from_db()
    assert (panel.state, len(marked), BookletOutcome.objects.count()) == (PanelState.FINAL, 1, 1)
    assert BookletOutcome.objects.get().total == 4
    assert audit.verify(panel.uuid).ok


@pytest.mark.parametrize("answers", ({31: "可以退"}, {}), ids=("answered", "blank"))
def test_a_booklet_is_opened_once(answering: World, marked: list[BookletMarked], answers: dict[int, str]) -> None:
    paper = short_paper(answering)
    attempt = sit(answering, answers, paper=paper)
    candidacy, items = answering.held["owner"].uuid, items_of(paper)
    opened = at_once(*[lambda: open_booklet(attempt=attempt.uuid, candidacy=candidacy, items=items, now=NOW)] * 4)
    assert opened == [None] * 4
    assert (Panel.objects.count(), BookletOutcome.objects.count(), len(marked)) == ((1, 0, 0) if answers else (0, 1, 1))


def test_her_keys_are_one_look_from_two_windows(answering: World) -> None:
    panel = booklet_panel(answering)
    acting = answering.cast.acting(seated(answering.cast, panel)[0])
    seen = at_once(*[lambda: len(keys_of_booklet(by=acting, code=panel.code, now=NOW))] * 4)
    assert (seen, KeyLook.objects.count()) == ([3] * 4, 1)
