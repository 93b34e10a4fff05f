"""Sheets saved, locked and judged: blind, with receipts, nothing lost; then mean, arbitration, rulings and the outcome."""

import logging
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import Http404
from django.test.utils import CaptureQueriesContext

from assessment.api import (
    MarkingRefusal,
    PanelFinished,
    PanelState,
    SheetChanges,
    SheetState,
    SubmissionState,
    assign_fourth,
    decide_finding,
    declare_conflict,
    grant_evidence,
    outcome,
    reassign_sheet,
    sign_panel,
    submission,
    submit_sheet,
    waiting_panels,
    waiting_sheets,
)
from assessment.candidates.selectors import candidacy
from assessment.examiners.models import Examiner
from assessment.examiners.types import ExaminerState
from assessment.marking.holder import hold
from assessment.marking.logic import LEASE
from assessment.marking.models import ChiefRuling, Panel, ScoreLine, ScoreSheet, SheetSeal, VideoOutcome
from assessment.marking.selectors import desk_list, panel_page, panels_list, sheet_page
from assessment.marking.selectors.pool import conflicts
from assessment.marking.types import (
    Centre,
    ConflictKnown,
    NotInPool,
    SheetIncomplete,
    SheetLocked,
    SheetWithdrawn,
    StaleRevision,
)
from lms.accounts.api import (
    INSTALLATION,
    DocumentKind,
    Person,
    PersonData,
    Role,
    TieKind,
    TieObject,
    acting_for,
    create_person,
    grant_membership,
    record_tie,
    ties_of,
)
from lms.core import audit, clock, events
from lms.core.jobs import drain
from lms.core.states import IllegalMove
from tests.assessment.marking.scoring import (
    EXAMINERS,
    QUIET,
    SERIOUS,
    filled,
    panel_for_work,
    ready_work,
    save,
    score,
    scored,
    scoring_panel,
    seated,
    sheet_of,
)
from tests.assessment.people import body_of, person_of
from tests.media_pipeline.cast import NOW, Cast

LATER = NOW + LEASE + timedelta(hours=1)


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[PanelFinished]:
    """The news of finished panels, and nobody else hears them."""
    news: list[PanelFinished] = []
    monkeypatch.setitem(events._handlers, PanelFinished, [news.append])
    return news


# Saving.


def test_a_save_is_answered_by_a_receipt(cast: Cast, tmp_path: Path) -> None:
    panel = scoring_panel(cast, tmp_path)
    who = seated(cast, panel)[0]
    acting = cast.acting(who)
    receipt = save(acting, panel, SheetChanges(scores={"C1": "8.5", "C2": "16.5"}, comments={"C3": "[00:55] 近景太快"}))
    assert (receipt.revision, receipt.saved_at, receipt.total) == (1, NOW, Decimal("25.0"))
    assert (receipt.done, receipt.of, receipt.rulings_done, receipt.rulings_of) == (2, 9, 0, 2)
    assert receipt.missing == ("C3", "C4", "C5", "C6", "C7", "C8", "C9", "F1", "F2")
    receipt = save(acting, panel, SheetChanges(scores={"C2": ""}, rulings={2: ("confirm", "")}), revision=1)
    assert (receipt.total, receipt.done, receipt.rulings_done) == (Decimal("8.5"), 1, 1)
    page = sheet_page(acting, panel.code)
    assert (page.revision, page.state, page.total, page.saved_at) == (2, SheetState.IN_PROGRESS, Decimal("8.5"), NOW)
    assert [(row.code, row.score) for row in page.criteria if row.score is not None] == [("C1", Decimal("8.5"))]
    assert (page.criteria[2].notes[0].at_s, page.criteria[0].band) == (55.0, "good")
    assert [(each.verdict, each.deduction) for each in page.findings] == [("", None), ("confirm", 10)]


def test_what_is_wrong_is_named_and_the_rest_is_saved(cast: Cast, tmp_path: Path) -> None:
    panel = scoring_panel(cast, tmp_path)
    acting = cast.acting(seated(cast, panel)[0])
    receipt = save(
        acting,
        panel,
        SheetChanges(
            scores={"C1": "8", "C2": "20.5", "C4": "8.3", "C10": "1"},
            comments={"C2": "x" * 2001},
            rulings={1: ("dismiss", " "), 2: ("confirm", ""), 9: ("confirm", "")},
        ),
    )
    assert set(receipt.errors) == {"C2", "C4", "C10", "C2.comment", "F1", "F9"}
    assert (receipt.revision, receipt.total, receipt.rulings_done) == (1, Decimal("8.0"), 1)


def test_a_stale_save_is_refused_with_what_is_stored(cast: Cast, tmp_path: Path) -> None:
    panel = scoring_panel(cast, tmp_path)
    acting = cast.acting(seated(cast, panel)[0])
    save(acting, panel, SheetChanges(scores={"C1": "8.5"}))
    with pytest.raises(StaleRevision) as refusal:
        save(acting, panel, SheetChanges(scores={"C1": "1"}))
    assert (refusal.value.draft.revision, refusal.value.draft.scores) == (1, {"C1": "8.5"})
    assert ScoreLine.objects.get().score == Decimal("8.5")


def test_an_expired_lease_in_the_middle_of_a_sheet_loses_nothing(cast: Cast, tmp_path: Path) -> None:
    panel = scoring_panel(cast, tmp_path)
    who = seated(cast, panel)[0]
    save(cast.acting(who), panel, SheetChanges(scores={"C1": "8.5"}))
    assert desk_list(cast.acting(who), now=LATER).waiting[0].late
    receipt = save(cast.acting(who), panel, SheetChanges(scores={"C2": "16"}), revision=1, now=LATER)
    assert (receipt.total, sheet_of(cast, panel, who).lease_until) == (Decimal("24.5"), LATER + LEASE)


def test_a_late_sheet_goes_to_somebody_else_and_continues_when_it_comes_back(cast: Cast, tmp_path: Path) -> None:
    panel = scoring_panel(cast, tmp_path, examiners=4)
    late, *others = seated(cast, panel)
    chief = cast.acting("chief")
    save(cast.acting(late), panel, SheetChanges(scores={"C1": "8.5"}, comments={"C1": "开场好"}))
    with pytest.raises(MarkingRefusal):
        reassign_sheet(by=chief, code=panel.code, seat=1, examiner=None, now=NOW)
    page = panel_page(chief, panel.code, now=LATER)
    assert next((seat.label, seat.name, seat.late, seat.may_reassign) for seat in page.seats) == ("甲", "", True, True)
    assert [option.recommended for option in page.options] == [True]
    assert waiting_panels(chief, now=LATER) == 1
    reassign_sheet(by=chief, code=panel.code, seat=1, examiner=None, now=LATER)
    newcomer = seated(cast, panel)[0]
    assert newcomer not in {late, *others}
    with pytest.raises(Http404):
        sheet_page(cast.acting(late), panel.code)
    with pytest.raises(SheetWithdrawn):
        save(cast.acting(late), panel, SheetChanges(scores={"C1": "1"}), revision=1, now=LATER)
    assert cast.client(late).get(f"/evidence/{panel.code}/").status_code == 404
    assert not sheet_page(cast.acting(newcomer), panel.code).done
    again = LATER + LEASE + timedelta(hours=1)
    back = sheet_of(cast, panel, late).examiner
    reassign_sheet(by=chief, code=panel.code, seat=1, examiner=back, now=again, reason="请继续")
    page_of_hers = sheet_page(cast.acting(late), panel.code)
    assert (page_of_hers.total, page_of_hers.revision, page_of_hers.editable) == (Decimal("8.5"), 1, True)
    assert page_of_hers.criteria[0].comment == "开场好"
    assert audit.verify(panel.uuid).ok


# Locking.


def test_an_incomplete_sheet_is_not_locked(cast: Cast, tmp_path: Path) -> None:
    panel = scoring_panel(cast, tmp_path)
    who = seated(cast, panel)[0]
    changes = filled(cast, panel, who, "80")
    save(cast.acting(who), panel, replace(changes, scores={**changes.scores, "C9": ""}, rulings={1: ("confirm", "")}))
    with pytest.raises(SheetIncomplete) as refusal:
        submit_sheet(by=cast.acting(who), code=panel.code, revision=1, now=NOW)
    assert refusal.value.missing == ("C9", "F2")
    assert sheet_of(cast, panel, who).state == SheetState.IN_PROGRESS


@pytest.mark.req("S2-33")
def test_a_sheet_handed_in_is_locked_and_signed(cast: Cast, tmp_path: Path) -> None:
    panel = scoring_panel(cast, tmp_path)
    who = seated(cast, panel)[0]
    score(cast, panel, who, "80", "confirm")
    seal = SheetSeal.objects.get()
    assert (seal.total, seal.content["rubric"], seal.signed_by) == (
        Decimal("80.0"),
        panel.rubric.content_hash,
        cast.uuid(who),
    )
    with pytest.raises(SheetLocked):
        save(cast.acting(who), panel, SheetChanges(scores={"C1": "1"}), revision=1)
    with pytest.raises(SheetLocked):
        submit_sheet(by=cast.acting(who), code=panel.code, revision=1, now=NOW)
    with pytest.raises(SheetLocked):
        declare_conflict(by=cast.acting(who), code=panel.code, relation="relative", reason="", now=NOW)
    for judged in (seal, ChiefRuling(), VideoOutcome()):
        judged._state.adding = False
        with pytest.raises(TypeError):
            judged.save()
    page = sheet_page(cast.acting(who), panel.code)
    assert (page.locked, page.editable, page.handed_in, page.assigned) == (True, False, 1, 1)


def test_a_suspended_examiner_keeps_what_she_saved_and_hands_nothing_in(cast: Cast, tmp_path: Path) -> None:
    panel = scoring_panel(cast, tmp_path)
    who = seated(cast, panel)[0]
    Examiner.objects.filter(user=cast.users[who].uuid).update(state=ExaminerState.SUSPENDED)
    with pytest.raises(NotInPool):
        score(cast, panel, who, "80")
    assert not SheetSeal.objects.exists()
    assert sheet_page(cast.acting(who), panel.code).editable


def test_a_conflict_declared_once_holds_for_her_next_work_too(cast: Cast, tmp_path: Path) -> None:
    panel = scoring_panel(cast, tmp_path, examiners=4)
    who = seated(cast, panel)[1]
    declare_conflict(by=cast.acting(who), code=panel.code, relation="relative", reason="表妹", now=NOW)
    next_work = replace(candidacy(panel.candidacy), uuid=uuid4())
    fresh = Panel(submission=uuid4(), candidacy=next_work.uuid)
    assert conflicts(fresh, next_work, person_of(cast, who).uuid, clock.day_of(NOW))


def test_a_tie_that_came_to_light_keeps_the_sheet_open(cast: Cast, tmp_path: Path) -> None:
    panel = scoring_panel(cast, tmp_path)
    who = seated(cast, panel)[0]
    record_tie(
        kind=TieKind.RELATED, person=person_of(cast, who).uuid, object_kind=TieObject.PERSON,
        object_uuid=person_of(cast, "owner").uuid, source="test", by=None, now=NOW,
    )  # fmt: skip
    with pytest.raises(ConflictKnown):
        score(cast, panel, who, "80")
    assert not SheetSeal.objects.exists()


def test_a_declared_conflict_is_on_record_and_the_seat_is_filled(cast: Cast, tmp_path: Path) -> None:
    panel = scoring_panel(cast, tmp_path, examiners=4)
    who = seated(cast, panel)[1]
    with pytest.raises(MarkingRefusal):
        declare_conflict(by=cast.acting(who), code=panel.code, relation="", reason="", now=NOW)
    declare_conflict(by=cast.acting(who), code=panel.code, relation="relative", reason="表妹", now=NOW)
    drain("short")
    assert who not in seated(cast, panel)
    assert len(seated(cast, panel)) == 3
    tie = ties_of(person_of(cast, who).uuid)[0]
    assert (tie.kind, tie.object) == (TieKind.DECLARED, panel.submission)
    assert cast.client(who).get(f"/evidence/{panel.code}/").status_code == 404
    with pytest.raises(Http404):
        sheet_page(cast.acting(who), panel.code)
    with pytest.raises(SheetWithdrawn):
        save(cast.acting(who), panel, SheetChanges())
    with connection.cursor() as cursor:
        cursor.execute("SELECT conflict_reason FROM assessment_scoresheet WHERE state = 'conflict_declared'")
        assert "表妹" not in str(cursor.fetchall())


# The outcome.


@pytest.mark.req("S2-33")
def test_three_sheets_within_the_limit_make_a_mean(cast: Cast, tmp_path: Path, heard: list[PanelFinished]) -> None:
    panel = scoring_panel(cast, tmp_path, sentences=QUIET)
    first, second, third = seated(cast, panel)
    score(cast, panel, first, "82")
    score(cast, panel, second, "78")
    assert heard == []
    score(cast, panel, third, "86")
    panel.refresh_from_db()
    assert panel.state == PanelState.FINAL
    row = VideoOutcome.objects.get()
    assert heard == [
        PanelFinished(panel.candidacy, panel.submission, heard[0].part, Decimal("82.0"), "good", False, row.uuid)
    ]
    assert submission(panel.submission).state is SubmissionState.SCORED
    assert set(panel.sheets.values_list("state", flat=True)) == {SheetState.INCLUDED}
    told = outcome(row.uuid)
    assert (told.mark, told.method, told.spread, told.signed_by) == (Decimal("82.0"), Centre.MEAN, Decimal("8.0"), None)
    assert [(sheet.label, sheet.total, sheet.counted) for sheet in told.sheets] == [
        ("甲", Decimal("82.0"), True),
        ("乙", Decimal("78.0"), True),
        ("丙", Decimal("86.0"), True),
    ]
    assert sum(criterion.mean for criterion in told.criteria) == told.centre
    assert (told.criteria[0].code, told.criteria[0].title, told.grade_label) == ("C1", "开场与定位", "良好")
    assert audit.verify(panel.uuid).ok


def test_the_majority_confirms_a_serious_finding(cast: Cast, tmp_path: Path, heard: list[PanelFinished]) -> None:
    panel = scoring_panel(cast, tmp_path, sentences=SERIOUS)
    for who, verdict in zip(seated(cast, panel), ("confirm", "dismiss", "confirm"), strict=True):
        score(cast, panel, who, "66", verdict)
    told = outcome(heard[0].outcome)
    assert (told.centre, told.deducted, told.mark, told.grade) == (Decimal("66.0"), 10, Decimal("56.0"), "fail")
    deduction = told.deductions[0]
    assert (deduction.number, deduction.severity, deduction.points) == (1, "H", 10)
    assert (deduction.quote, deduction.law != "") == ("全网最低价", True)
    assert not heard[0].proposed_fail


def test_a_wide_spread_goes_to_arbitration_and_the_median(
    cast: Cast, tmp_path: Path, heard: list[PanelFinished]
) -> None:
    panel = scored(cast, scoring_panel(cast, tmp_path, examiners=5, sentences=QUIET), "55", "75", "70")
    assert (panel.state, heard) == (PanelState.SPREAD, [])
    chief = cast.acting("chief")
    page = panel_page(chief, panel.code, now=NOW)
    assert (page.spread, page.spread_limit, page.mark) == (Decimal("20.0"), Decimal("15.0"), None)
    assert (page.may_assign, page.may_sign, len(page.options)) == (True, False, 2)
    assert [seat.total for seat in page.seats] == [Decimal("55.0"), Decimal("75.0"), Decimal("70.0")]
    assert [row.wide for row in page.criteria if row.code in {"C1", "C7"}] == [False, True]
    assert waiting_panels(chief, now=NOW) == 1
    taken = sheet_of(cast, panel, seated(cast, panel)[0]).examiner
    with pytest.raises(MarkingRefusal):
        assign_fourth(by=chief, code=panel.code, examiner=taken, now=NOW)
    assign_fourth(by=chief, code=panel.code, examiner=page.options[1].examiner, now=NOW)
    fourth = seated(cast, panel)[3]
    assert sheet_of(cast, panel, fourth).fourth
    score(cast, panel, fourth, "68")
    panel.refresh_from_db()
    assert panel.state == PanelState.RULINGS
    page = panel_page(chief, panel.code, now=NOW)
    assert page.mark
    assert (page.mark.mark, page.reason_required, page.may_sign) == (Decimal("69.0"), True, True)
    with pytest.raises(MarkingRefusal):
        sign_panel(by=chief, code=panel.code, reason=" ", now=NOW)
    sign_panel(by=chief, code=panel.code, reason="甲对展示的扣分过重", now=NOW)
    told = outcome(heard[0].outcome)
    assert (told.mark, told.method, told.signed_by) == (Decimal("69.0"), Centre.MEDIAN, cast.uuid("chief"))
    assert [sheet.counted for sheet in told.sheets] == [False, False, True, True]
    states = dict(panel.sheets.values_list("seat", "state"))
    assert states == {1: "superseded", 2: "superseded", 3: "included", 4: "included"}
    page = panel_page(chief, panel.code, now=NOW)
    assert all(seat.name for seat in page.seats)
    assert (page.signed_by, page.signed_reason, page.may_sign) == ("吴组长", "甲对展示的扣分过重", False)
    with pytest.raises(MarkingRefusal):
        sign_panel(by=chief, code=panel.code, reason="again", now=NOW)
    assert len(heard) == 1


def test_a_fourth_examiner_who_withdraws_makes_room_for_another(cast: Cast, tmp_path: Path) -> None:
    panel = scored(cast, scoring_panel(cast, tmp_path, examiners=5, sentences=QUIET), "55", "75", "70")
    assign_fourth(by=cast.acting("chief"), code=panel.code, examiner=None, now=NOW)
    fourth = seated(cast, panel)[3]
    declare_conflict(by=cast.acting(fourth), code=panel.code, relation="other", reason="邻居", now=NOW)
    panel.refresh_from_db()
    assert panel.state == PanelState.SPREAD
    assign_fourth(by=cast.acting("chief"), code=panel.code, examiner=None, now=NOW)
    assert seated(cast, panel)[3] != fourth


@pytest.mark.parametrize("verdict, grade, mark", (("confirm", "fail", "75.0"), ("dismiss", "good", "85.0")))
def test_a_breach_of_severity_b_waits_for_the_chief(
    cast: Cast, tmp_path: Path, heard: list[PanelFinished], verdict: str, grade: str, mark: str
) -> None:
    panel = scored(cast, scoring_panel(cast, tmp_path), "95", "95", "95", verdicts={1: "confirm", 2: "confirm"})
    chief = cast.acting("chief")
    assert (panel.state, heard) == (PanelState.RULINGS, [])
    page = panel_page(chief, panel.code, now=NOW)
    assert page.mark
    assert (page.mark.grade, page.mark.proposed_fail, page.mark.pending) == ("fail", True, True)
    grave, serious = page.findings
    assert (grave.needs_chief, grave.status, grave.deduction) == (True, "open", None)
    assert (serious.needs_chief, serious.status, serious.deduction) == (False, "confirmed", 10)
    assert [ruling.label for ruling in grave.rulings] == ["甲", "乙", "丙"]
    assert panels_list(chief, now=NOW).asking[0].to_decide == 1
    with pytest.raises(MarkingRefusal):
        sign_panel(by=chief, code=panel.code, reason="", now=NOW)
    with pytest.raises(MarkingRefusal):  # the panel has decided this one
        decide_finding(by=chief, code=panel.code, finding=2, verdict="dismiss", reason="x", now=NOW)
    with pytest.raises(MarkingRefusal):
        decide_finding(by=chief, code=panel.code, finding=1, verdict=verdict, reason=" ", now=NOW)
    decide_finding(by=chief, code=panel.code, finding=1, verdict="confirm", reason="先确认", now=NOW)
    decide_finding(by=chief, code=panel.code, finding=1, verdict=verdict, reason="再听一遍", now=NOW)
    sign_panel(by=chief, code=panel.code, reason="", now=NOW)
    told = outcome(heard[0].outcome)
    assert (told.grade, told.mark, told.proposed_fail) == (grade, Decimal(mark), verdict == "confirm")
    assert heard[0].proposed_fail is told.proposed_fail
    if verdict == "confirm":
        assert (told.removed, told.removed_title) == (Decimal("10.0"), "售后承诺与合规")
        assert [deduction.points for deduction in told.deductions] == [None, 10]
    else:
        assert (told.removed, told.dismissed) == (Decimal("0.0"), 1)


# Who sees what.


def test_nobody_sees_another_sheet_before_or_after_her_own_lock(cast: Cast, tmp_path: Path) -> None:
    panel = scoring_panel(cast, tmp_path, sentences=QUIET)
    first, second, third = seated(cast, panel)
    save(cast.acting(first), panel, SheetChanges(scores={"C1": "7.5"}, comments={"C1": "独有的批注"}))
    before = sheet_page(cast.acting(second), panel.code)
    changes = filled(cast, panel, first, "61")
    save(cast.acting(first), panel, changes, revision=1)
    submit_sheet(by=cast.acting(first), code=panel.code, revision=2, now=NOW)
    after = sheet_page(cast.acting(second), panel.code)
    assert before == after
    assert "独有的批注" not in repr(after)
    score(cast, panel, second, "82")
    assert "61" not in repr(sheet_page(cast.acting(second), panel.code).total)
    score(cast, panel, third, "70")
    row = desk_list(cast.acting(first), now=NOW).handed_in[0]
    assert (row.state, row.state_label) == (SheetState.SUBMITTED, "已提交")


def test_the_chief_sees_no_score_before_all_are_in_and_no_name_before_it_is_signed(cast: Cast, tmp_path: Path) -> None:
    panel = scoring_panel(cast, tmp_path)
    first, second, third = seated(cast, panel)
    for who in (first, second):
        score(cast, panel, who, "61", "confirm")
    chief = cast.acting("chief")
    page = panel_page(chief, panel.code, now=NOW)
    assert [seat.total for seat in page.seats] == [None] * 3
    assert all(score is None for row in page.criteria for score in row.scores)
    assert [each.rulings for each in page.findings] == [[], []]
    assert (page.spread, page.mark, [seat.state for seat in page.seats][:2]) == (None, None, [SheetState.SUBMITTED] * 2)
    score(cast, panel, third, "61", "confirm")
    page = panel_page(chief, panel.code, now=NOW)
    assert page.state is PanelState.RULINGS
    shown = repr(replace(page, evidence=None, options=[]))
    for who in (first, second, third):
        assert cast.users[who].display_name not in shown
        assert str(cast.uuid(who)) not in shown


def test_roles_and_places(cast: Cast, tmp_path: Path) -> None:
    panel = scoring_panel(cast, tmp_path)
    examiner = seated(cast, panel)[0]
    for who in ("owner", "chief", "bureau", "inspector", "school_admin", "administrator"):
        with pytest.raises(PermissionDenied):
            sheet_page(cast.acting(who), panel.code)
        with pytest.raises(PermissionDenied):
            save(cast.acting(who), panel, SheetChanges())
    for who in ("owner", examiner, "school_admin", "instructor", "administrator"):
        with pytest.raises(PermissionDenied):
            panel_page(cast.acting(who), panel.code, now=NOW)
        with pytest.raises(PermissionDenied):
            panels_list(cast.acting(who), now=NOW)
    with pytest.raises(Http404):
        panel_page(cast.acting("inspector"), panel.code, now=NOW)  # of another county
    assert panels_list(cast.acting("inspector"), now=NOW).running == []
    reads = panel_page(cast.acting("bureau"), panel.code, now=LATER)
    assert (reads.may_decide, reads.may_assign, reads.may_sign, reads.may_retry, reads.options) == (
        False, False, False, False, [],
    )  # fmt: skip
    with pytest.raises(PermissionDenied):
        assign_fourth(by=cast.acting("bureau"), code=panel.code, examiner=None, now=NOW)
    assert waiting_sheets(cast.acting("chief")) == 0
    assert waiting_panels(cast.acting("bureau"), now=LATER) == 0


def test_a_chief_with_a_tie_to_the_candidate_does_not_decide(cast: Cast, tmp_path: Path) -> None:
    person_of(cast, "chief")
    panel = scored(cast, scoring_panel(cast, tmp_path), "80", "80", "80")
    record_tie(
        kind=TieKind.RELATED, person=person_of(cast, "chief").uuid, object_kind=TieObject.PERSON,
        object_uuid=person_of(cast, "owner").uuid, source="test", by=None, now=NOW,
    )  # fmt: skip
    chief = cast.acting("chief")
    page = panel_page(chief, panel.code, now=NOW)
    assert (page.may_decide, page.may_sign, page.refused != "") == (False, False, True)
    with pytest.raises(ConflictKnown):
        decide_finding(by=chief, code=panel.code, finding=1, verdict="confirm", reason="x", now=NOW)


def test_a_chief_neither_chooses_herself_nor_reads_the_other_sheets_before_hers(cast: Cast, tmp_path: Path) -> None:
    panel = scored(cast, scoring_panel(cast, tmp_path, examiners=4, sentences=QUIET), "40", "60", "80")
    both = next(who for who in EXAMINERS[:4] if who not in seated(cast, panel))
    office = grant_membership(
        by=INSTALLATION, user=cast.users[both], organisation=body_of(cast), role=Role.CHIEF_EXAMINER, now=NOW
    )
    chief = acting_for(cast.users[both], str(office.uuid))
    assert panel_page(chief, panel.code, now=NOW).options == []
    with pytest.raises(MarkingRefusal):
        assign_fourth(by=chief, code=panel.code, examiner=None, now=NOW)
    assign_fourth(by=cast.acting("chief"), code=panel.code, examiner=None, now=NOW)
    assert seated(cast, panel)[3] == both
    with pytest.raises(Http404):
        panel_page(chief, panel.code, now=NOW)
    shown = panels_list(chief, now=NOW)
    assert [*shown.asking, *shown.running] == []
    score(cast, panel, both, "61")
    assert panel_page(chief, panel.code, now=NOW).refused


def test_no_scoring_page_answer_or_log_says_whose_work_it_is(
    cast: Cast, tmp_path: Path, caplog: pytest.LogCaptureFixture, heard: list[PanelFinished]
) -> None:
    caplog.set_level(logging.DEBUG)
    identity = PersonData(
        name="林晓燕",
        document_type=DocumentKind.RESIDENT_CARD,
        document_number="11010519491231002X",
        phone="13812345678",
    )
    owner = create_person(by=INSTALLATION, organisation=cast.school, data=identity, user=cast.users["owner"], now=NOW)
    panel = scoring_panel(cast, tmp_path, examiners=4)
    secrets: tuple[str, ...] = (
        "林晓燕",
        "13812345678",
        "11010519491231002X",
        "连江县职业中学",
        str(owner.uuid),
        str(cast.uuid("owner")),
    )
    secrets += (cast.users["owner"].username, str(panel.submission), str(panel.candidacy), "的茶.mp4")
    who = seated(cast, panel)[0]
    caplog.clear()
    client = cast.client(who)
    said: list[Any] = [
        client.get(path) for path in ("/scoring/", f"/scoring/{panel.code}/", f"/evidence/{panel.code}/")
    ]
    said.append(
        client.post(
            f"/scoring/{panel.code}/save",
            {"revision": 0, "scores": {"C1": "8.5", "C2": "99"}, "comments": {}, "rulings": {}},
            content_type="application/json",
        )
    )
    said.append(
        client.post(
            f"/scoring/{panel.code}/save",
            {"revision": 0, "scores": {"C1": "8.5"}, "comments": {}, "rulings": {}},
            content_type="application/json",
        )
    )
    for each in seated(cast, panel):
        score(cast, panel, each, "80", "confirm")
    chief = cast.client("chief")
    said += [chief.get(path) for path in ("/panels/", f"/panels/{panel.code}/")]
    assert [answer.status_code for answer in said] == [200, 200, 200, 422, 409, 200, 200]
    for answer in said:
        text = answer.content.decode() + repr(dict(answer.headers))
        assert panel.code in text or answer.status_code in {409, 422}
        assert [secret for secret in secrets if secret in text] == []
    logs = "\n".join(record.getMessage() for record in caplog.records if not record.name.startswith("django.db"))
    assert [secret for secret in secrets if secret in logs] == []


def test_what_is_held_about_a_person(cast: Cast, tmp_path: Path, heard: list[PanelFinished]) -> None:
    panel = scored(cast, scoring_panel(cast, tmp_path, sentences=QUIET), "82", "78", "86")
    owner = Person.objects.get(user=cast.users["owner"])
    works = hold(owner.uuid, cast.uuid("owner"))
    assert [len(section.rows) for section in works] == [1]
    assert "82" not in repr(works)  # not released yet
    grant_evidence(examiner=cast.uuid("owner"), asset=panel.asset, granted_by=None, now=NOW)
    assert Decimal("82.0") in hold(owner.uuid, cast.uuid("owner"))[0].rows[0].values()
    who = seated(cast, panel)[0]
    sheets = hold(person_of(cast, who).uuid, cast.uuid(who))
    assert [(len(section.rows), Decimal("82.0") in section.rows[0].values()) for section in sheets] == [(1, True)]
    assert hold(person_of(cast, "colleague").uuid, cast.uuid("colleague")) == []


def test_what_an_office_prints_does_not_say_who_scores_which_work_before_it_is_done(cast: Cast, tmp_path: Path) -> None:
    panel = scoring_panel(cast, tmp_path, sentences=QUIET)
    who = seated(cast, panel)[0]
    score(cast, panel, who, "82")
    told = repr(hold(person_of(cast, who).uuid, cast.uuid(who)))
    assert (panel.code in told, "82" in told) == (False, False)


def test_lists_cost_the_same_for_one_and_three_works(cast: Cast, tmp_path: Path) -> None:
    scoring_panel(cast, tmp_path)
    costs: dict[str, list[int]] = {"desk": [], "panels": []}
    examiner, chief = cast.acting("examiner"), cast.acting("chief")
    for round_ in range(2):
        if round_:
            for who in ("colleague", "stranger"):
                panel_for_work(ready_work(cast, tmp_path, who)[0])
        with CaptureQueriesContext(connection) as desk:
            rows = desk_list(examiner, now=NOW)
        with CaptureQueriesContext(connection) as panels:
            panels_list(chief, now=NOW)
        costs["desk"].append(len(desk))
        costs["panels"].append(len(panels))
    assert len(rows.waiting) == 3
    assert {name: len(set(counts)) for name, counts in costs.items()} == {"desk": 1, "panels": 1}


def test_sheets_move_as_the_table_says(cast: Cast, tmp_path: Path) -> None:
    panel = scoring_panel(cast, tmp_path)
    sheet = ScoreSheet.objects.filter(panel=panel).first()
    assert sheet
    for after in (SheetState.SUBMITTED, SheetState.INCLUDED):
        with pytest.raises(IllegalMove):
            sheet.move(after, now=NOW)


def test_a_sum_that_floats_cannot_hold_is_still_a_mark(cast: Cast, tmp_path: Path) -> None:
    # SQLite keeps decimals as floats: 40.2 - 10 is not 30.2 there, and the row was refused for ever.
    panel = scored(cast, scoring_panel(cast, tmp_path, sentences=SERIOUS), "40", "40", "40.5", verdicts="confirm")
    row = VideoOutcome.objects.get(panel=panel)
    assert (row.centre, row.deducted, row.mark) == (Decimal("40.2"), 10, Decimal("30.2"))
