"""What a disability makes impossible: waived by the chief, pinned to the work and its panel, read by examiners without its why."""

from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import Http404
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from assessment.api import CandidacyData, MarkingRefusal, SheetChanges, outcome, submit_sheet
from assessment.marking.holder import hold
from assessment.marking.logic import judge, spread_of
from assessment.marking.models import Panel, VideoOutcome, Waiver
from assessment.marking.selectors import panel_page, sheet_page, waiver_list, waiver_page
from assessment.marking.selectors.sheets import entered
from assessment.marking.services import decide_waiver
from assessment.marking.types import MarkingRules, SheetMarks
from lms.accounts.api import Role
from lms.core.audit import AuditEvent
from media_pipeline.api import waived_checks
from media_pipeline.assets.models import CheckWaiver
from media_pipeline.runs.services import request_of
from tests.assessment.marking.scoring import QUIET, examined, panel_for_work, save, seated, sheet_of, with_examiners
from tests.assessment.people import member
from tests.media_pipeline.cast import NOW, Cast, finish, hand_in

WHY = "听力言语残疾一级，持证"
RULES = MarkingRules((("excellent", 90), ("good", 80), ("pass", 60), ("fail", 0)), "C7", 5, 10, 30, 3, 9)


def waive(cast: Cast, candidacy: CandidacyData, who: str = "chief", **changes: Any) -> Waiver:
    told = {"checks": ["audio_present", "silence"], "criteria": ["C4"], "reason": WHY}
    return decide_waiver(by=cast.acting(who), candidacy=candidacy.uuid, **(told | changes), now=NOW)


@pytest.fixture
def waived(cast: Cast, tmp_path: Path) -> tuple[Panel, CandidacyData]:
    """A panel of a work for which C4 and two checks are waived, and the candidacy."""
    with_examiners(cast)
    held = examined(cast)
    waive(cast, held)
    return panel_for_work(finish(hand_in(cast), tmp_path, QUIET)), held


def test_the_work_carries_what_is_waived_and_nothing_of_why(cast: Cast, waived: tuple[Panel, CandidacyData]) -> None:
    panel, held = waived
    assert waived_checks(panel.asset) == ("audio_present", "silence")
    row = CheckWaiver.objects.select_related("asset").get()
    assert request_of(row.asset).waived == ("audio_present", "silence")
    assert row.decision == Waiver.objects.get().uuid
    told = AuditEvent.objects.filter(action="waiver_decided").values()
    assert [event["subject"] for event in told] == [held.uuid]
    assert not any(word in str(told) for word in (WHY, "audio_present", "C4"))


def test_an_examiner_scores_the_rest_and_reads_that_it_is_waived(
    cast: Cast, waived: tuple[Panel, CandidacyData]
) -> None:
    panel, _ = waived
    who = seated(cast, panel)[0]
    page = sheet_page(cast.acting(who), panel.code)
    assert page.waived == ["语言与形象"]
    assert ("C4" in {row.code for row in page.criteria}, page.of, page.maximum) == (False, 8, Decimal(85))
    receipt = save(cast.acting(who), panel, SheetChanges(scores={"C4": "9"}))
    assert set(receipt.errors) == {"C4"}
    words = cast.client(who).get(f"/scoring/{panel.code}/").content.decode()
    assert "经决定免评" in words
    assert "残疾" not in words
    assert "残疾" not in str(page)


def test_the_other_criteria_make_a_hundred(cast: Cast, waived: tuple[Panel, CandidacyData]) -> None:
    panel, _ = waived
    done = _scored_of(cast, panel, "68", "68", "68")
    told = outcome(VideoOutcome.objects.get(panel=done).uuid)
    # 68 of 85 is 80 of 100.
    assert (told.centre, told.mark, told.grade) == (Decimal("80.0"), Decimal("80.0"), "good")
    assert told.waived == ["语言与形象"]
    assert sum(row.maximum for row in told.criteria) == Decimal(100)
    assert sum(row.mean for row in told.criteria) == told.centre
    assert {sheet.total for sheet in told.sheets} == {Decimal("80.0")}
    kept = VideoOutcome.objects.get(panel=done).content
    assert (kept["waived"], kept["whole"]) == (["C4"], "85")


def _scored_of(cast: Cast, panel: Panel, *totals: str) -> Panel:
    """Sheets of a panel with a waived criterion: points by the criteria that are left, the first ones full."""
    for who, total in zip(seated(cast, panel), totals, strict=True):
        left, scores = Decimal(total), {}
        held = entered(sheet_of(cast, panel, who))
        for criterion in held.criteria:
            scores[criterion.code] = str(min(left, criterion.maximum))
            left -= Decimal(scores[criterion.code])
        rulings = {finding.number: ("dismiss", "听过") for finding in held.findings}
        receipt = save(cast.acting(who), panel, SheetChanges(scores=scores, rulings=rulings))
        submit_sheet(by=cast.acting(who), code=panel.code, revision=receipt.revision, now=NOW)
    panel.refresh_from_db()
    return panel


def test_the_spread_that_asks_for_arbitration_is_scaled_too(cast: Cast, waived: tuple[Panel, CandidacyData]) -> None:
    # 13 of 85 are 15.3 of 100: above the limit of 15, though 13 points are not.
    panel = _scored_of(cast, waived[0], "60", "66", "73")
    assert panel.state == "spread"
    assert panel_page(cast.acting("chief"), panel.code, now=NOW).spread_limit == Decimal("12.75")


def test_who_may_decide(cast: Cast, waived: tuple[Panel, CandidacyData]) -> None:
    _, held = waived
    for who in ("bureau", "examiner", "owner", "school_admin"):
        with pytest.raises((PermissionDenied, Http404)):
            waive(cast, held, who, checks=[])
    assert waiver_page(cast.acting("bureau"), held.uuid).reason == ""
    assert waiver_page(cast.acting("chief"), held.uuid).reason == WHY
    with pytest.raises(PermissionDenied):
        waiver_list(cast.acting("examiner"))


def test_a_decision_is_refused_with_its_reason(cast: Cast) -> None:
    held = examined(cast)
    with pytest.raises(MarkingRefusal, match=r"理由|reason"):
        waive(cast, held, reason="  ")
    with pytest.raises(MarkingRefusal):
        waive(cast, held, checks=["duration"])
    with pytest.raises(MarkingRefusal):
        waive(cast, held, criteria=["C10"])  # worth nothing at this level, so not scored anyway
    with pytest.raises(MarkingRefusal):
        waive(cast, held, criteria=["C1", "C2", "C3", "C4", "C5", "C6", "C7", "C8", "C9"])
    waive(cast, held)
    with pytest.raises(MarkingRefusal):
        waive(cast, held)
    ended = waive(cast, held, checks=[], criteria=[])
    assert (ended.checks, ended.criteria) == ([], [])
    asset = hand_in(cast, "owner")
    assert waived_checks(asset.uuid) == ()


def test_nothing_changes_under_the_examiners(cast: Cast, waived: tuple[Panel, CandidacyData]) -> None:
    panel, held = waived
    with pytest.raises(MarkingRefusal):
        waive(cast, held, criteria=["C4", "C5"])
    assert Panel.objects.get(pk=panel.pk).asked == ["C1", "C2", "C3", "C5", "C6", "C7", "C8", "C9"]


def test_she_reads_what_was_decided_for_her(cast: Cast, waived: tuple[Panel, CandidacyData]) -> None:
    _, held = waived
    rows = [row for section in hold(held.person, None) for row in section.rows]
    assert any(WHY in map(str, row.values()) for row in rows)


def test_the_chiefs_pages(cast: Cast, waived: tuple[Panel, CandidacyData]) -> None:
    _, held = waived
    client = cast.client("chief")
    listed = client.get("/waivers/").content.decode()
    assert "语言与形象" in listed
    assert WHY not in listed
    page = client.get(f"/waivers/{held.uuid}/").content.decode()
    assert WHY in page
    assert client.post(f"/waivers/{held.uuid}/", {"checks": ["audio_present"], "reason": ""}).status_code == 422
    assert client.get("/waivers/?class=nonsense").status_code == 404


def test_one_candidate_or_three_cost_the_same(cast: Cast) -> None:
    taught = uuid4()

    def look() -> tuple[int, int]:
        with CaptureQueriesContext(connection) as queries:
            page = waiver_list(cast.acting("chief"), class_uid=taught)
        return len(queries), len(page.rows)

    waive(cast, examined(cast, class_uid=taught))
    queries, rows = look()
    for name in ("second", "third"):
        cast.users[name] = member(cast.school, Role.TRAINEE, "陈小青")
        waive(cast, examined(cast, name, class_uid=taught))
    assert (rows, look()) == (1, (queries, 3))


@given(
    st.lists(st.integers(0, 170), min_size=3, max_size=3),
    st.sampled_from((Decimal(85), Decimal(100), Decimal(50))),
)
def test_scaling_keeps_order_and_stays_within_a_hundred(points: list[int], whole: Decimal) -> None:
    sheets = [SheetMarks(seat, {"C1": min(Decimal(each) / 2, whole)}) for seat, each in enumerate(points, 1)]
    judged = judge(sheets, (), RULES, arbitrated=False, whole=whole)
    assert 0 <= judged.mark <= 100
    assert (judged.centre == 100) == all(sheet.total == whole for sheet in sheets)
    plain = judge(sheets, (), RULES, arbitrated=False)
    assert judged.centre >= plain.centre
    assert judged.spread == spread_of([sheet.total for sheet in sheets])
