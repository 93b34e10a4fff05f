"""Who is given a work: filed, of the level, without a conflict, in turn; too few wait, and say why."""

from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from assessment.api import (
    PanelState,
    SubmissionState,
    declare_conflict,
    grant_evidence,
    outcome,
    submission,
    submission_for_asset,
    waiting_panels,
    waiting_sheets,
)
from assessment.candidates.models import Candidacy, Submission
from assessment.marking.models import EvidenceGrant, Panel, PanelFinding, Rubric, ScoreSheet
from assessment.marking.selectors import evidence_page, panel_page, panels_list
from assessment.marking.services import allocate, load_rubrics
from assessment.marking.services.allocation import ALLOCATION_JOB, NotMarkable, ask_for_waiting
from assessment.marking.services.rubrics import _FILE, RubricChanged
from lms.accounts.api import TieKind, TieObject, record_tie
from lms.core import audit
from lms.core.events import publish
from lms.core.jobs import cancel, dead_jobs, drain
from lms.core.states import IllegalMove
from lms.notices.api import unread_count
from media_pipeline.api import EvidenceReady
from tests.assessment.marking.scoring import (
    EXAMINERS,
    newcomer,
    panel_for_work,
    ready_work,
    score,
    scored,
    scoring_panel,
    seated,
    with_examiners,
)
from tests.assessment.people import filed, person_of
from tests.media_pipeline.cast import NOW, Cast, finish, hand_in


def test_ready_evidence_forms_a_panel_by_a_job(cast: Cast, tmp_path: Path) -> None:
    with_examiners(cast)
    asset, candidacy = ready_work(cast, tmp_path)
    publish(EvidenceReady(asset.uuid))
    assert not Panel.objects.exists()
    drain("short")
    panel = Panel.objects.get(asset=asset.uuid)
    assert (panel.state, panel.code, panel.candidacy) == (PanelState.SCORING, asset.blind_code, candidacy.uuid)
    assert sorted(panel.sheets.values_list("seat", flat=True)) == [1, 2, 3]
    assert EvidenceGrant.objects.filter(asset=asset.uuid, ended_at=None).count() == 3
    assert submission(panel.submission).state is SubmissionState.SCORING
    assert [finding.severity for finding in panel.findings.order_by("number")] == ["B", "H"]
    assert audit.verify(panel.uuid).ok
    assert [waiting_sheets(cast.acting(who)) for who in EXAMINERS[:3]] == [1, 1, 1]
    assert [unread_count(cast.acting(who)) for who in EXAMINERS[:3]] == [1, 1, 1]
    allocate(submission=panel.submission, now=NOW)  # again is harmless
    assert ScoreSheet.objects.count() == 3


def test_practice_works_have_no_panel(cast: Cast, tmp_path: Path) -> None:
    with_examiners(cast)
    publish(EvidenceReady(finish(hand_in(cast), tmp_path).uuid))
    drain("short")
    assert not Panel.objects.exists()


def test_the_findings_are_kept_as_they_stood_with_names_masked(cast: Cast, tmp_path: Path) -> None:
    panel = scoring_panel(cast, tmp_path, sentences=("大家好，我是林小燕，每天喝一杯可以降血压。",))
    kept = PanelFinding.objects.get(panel=panel)
    shown = evidence_page(cast.acting(seated(cast, panel)[0]), panel.code).findings[0]
    assert (kept.number, kept.severity, kept.text, kept.rule) == (shown.number, "B", shown.text, shown.rule)
    assert "林小燕" not in str(panel.findings.values_list())


@pytest.mark.req("S1-30")
def test_too_few_examiners_wait_and_say_why_until_one_is_filed(cast: Cast, tmp_path: Path) -> None:
    with_examiners(cast, 2)
    panel = panel_for_work(ready_work(cast, tmp_path)[0])
    assert (panel.state, panel.sheets.count()) == (PanelState.WAITING, 0)
    chief = cast.acting("chief")
    row = panels_list(chief, now=NOW).asking[0]
    assert (row.asks, len(row.why)) == (True, 1)
    assert "3" in row.why[0]
    assert "2" in row.why[0]
    assert waiting_panels(chief, now=NOW) == 1
    assert panel_page(chief, panel.code, now=NOW).may_retry
    with_examiners(cast, 3)  # news: an examiner was filed
    drain("short")
    panel.refresh_from_db()
    assert (panel.state, panel.shortfall, panel.sheets.count()) == (PanelState.SCORING, None, 3)


@pytest.mark.req("S1-29")
@pytest.mark.parametrize("bond", ("taught", "related", "apprentice", "declared", "herself"))
def test_a_conflict_of_interest_keeps_an_examiner_out(cast: Cast, tmp_path: Path, bond: str) -> None:
    with_examiners(cast, 4)
    asset, candidacy = ready_work(cast, tmp_path)
    assert candidacy.class_uid
    if bond == "herself":
        Candidacy.objects.update(person=person_of(cast, "examiner").uuid)
    examiner, candidate = person_of(cast, "examiner").uuid, person_of(cast, "owner").uuid
    ends = {
        "taught": (TieKind.TEACHES, examiner, TieObject.CLASS, candidacy.class_uid),
        "related": (TieKind.RELATED, candidate, TieObject.PERSON, examiner),
        "apprentice": (TieKind.MASTER_APPRENTICE, examiner, TieObject.PERSON, candidate),
        "declared": (TieKind.DECLARED, examiner, TieObject.PERSON, candidate),
    }
    if bond in ends:
        kind, person, end, what = ends[bond]
        assert what is not None
        record_tie(kind=kind, person=person, object_kind=end, object_uuid=what, source="test", by=None, now=NOW)
    assert sorted(seated(cast, panel_for_work(asset))) == ["examiner2", "examiner3", "examiner4"]


def test_an_employer_in_common_is_no_conflict(cast: Cast, tmp_path: Path) -> None:
    with_examiners(cast, 3)
    for who in ("examiner", "owner"):
        record_tie(
            kind=TieKind.EMPLOYED, person=person_of(cast, who).uuid, object_kind=TieObject.ORGANISATION,
            object_uuid=cast.school.uuid, source="test", by=None, now=NOW,
        )  # fmt: skip
    assert "examiner" in seated(cast, panel_for_work(ready_work(cast, tmp_path)[0]))


def test_without_an_identity_record_nobody_can_say_what_ties_she_has(cast: Cast, tmp_path: Path) -> None:
    with_examiners(cast, 2)
    newcomer(cast, "nobody")
    filed(cast, "nobody")
    panel = panel_for_work(ready_work(cast, tmp_path)[0])
    assert panel.shortfall == {
        "needed": 3, "found": 2, "available": 3, "conflict": 0, "unknown": 1, "passed_over": 0,
    }  # fmt: skip


def test_the_least_loaded_come_first(cast: Cast, tmp_path: Path) -> None:
    with_examiners(cast, 4)
    first = panel_for_work(ready_work(cast, tmp_path)[0])
    idle = (set(EXAMINERS[:4]) - set(seated(cast, first))).pop()
    second = panel_for_work(ready_work(cast, tmp_path, who="colleague", class_uid=uuid4())[0])
    assert idle in seated(cast, second)


def test_a_seat_given_back_is_filled_again(cast: Cast, tmp_path: Path) -> None:
    panel = scoring_panel(cast, tmp_path, examiners=4)
    ScoreSheet.objects.filter(panel=panel, seat=2).update(state="conflict_declared", relation="relative")
    allocate(submission=panel.submission, now=NOW)
    assert len(set(seated(cast, panel))) == 3
    ScoreSheet.objects.filter(panel=panel, seat=3).update(state="conflict_declared", relation="relative")
    assert allocate(submission=panel.submission, now=NOW) is PanelState.SCORING
    panel.refresh_from_db()
    assert panel.shortfall is not None
    assert panel.shortfall["conflict"] == 2
    assert ask_for_waiting() == 1


def test_a_seat_given_back_is_asked_for_again_when_the_job_was_lost(cast: Cast, tmp_path: Path) -> None:
    panel = scoring_panel(cast, tmp_path, examiners=4)
    assert ask_for_waiting() == 0
    declare_conflict(by=cast.acting(seated(cast, panel)[1]), code=panel.code, relation="relative", reason="", now=NOW)
    assert cancel(kind=ALLOCATION_JOB, key=str(panel.submission), now=NOW)
    assert len(seated(cast, panel)) == 2
    assert ask_for_waiting() == 1
    drain("short")
    assert len(seated(cast, panel)) == 3


def test_a_replaced_work_gets_no_panel(cast: Cast, tmp_path: Path) -> None:
    with_examiners(cast)
    asset, _candidacy = ready_work(cast, tmp_path)
    Submission.objects.filter(asset=asset.uuid).update(state=SubmissionState.REPLACED)
    assert allocate(submission=Submission.objects.get(asset=asset.uuid).uuid, now=NOW) is None
    assert not Panel.objects.exists()


def test_a_specification_without_an_installed_rubric_is_a_matter_for_a_person(cast: Cast, tmp_path: Path) -> None:
    with_examiners(cast)
    asset, _candidacy = ready_work(cast, tmp_path, level=5)
    Rubric.objects.filter(level=5)._raw_delete("default")
    work = submission_for_asset(asset.uuid)
    assert work
    with pytest.raises(NotMarkable):
        allocate(submission=work.uuid, now=NOW)
    publish(EvidenceReady(asset.uuid))
    drain("short")
    assert [job.kind for job in dead_jobs()] == ["marking.allocate"]


def test_panels_move_as_the_table_says(cast: Cast, tmp_path: Path) -> None:
    panel = scoring_panel(cast, tmp_path)
    stale = Panel.objects.get(pk=panel.pk)
    panel.move(PanelState.SPREAD, now=NOW)
    for before, after in ((stale, PanelState.RULINGS), (panel, PanelState.FINAL)):
        with pytest.raises(IllegalMove):
            before.move(after, now=NOW)


@pytest.mark.req("S1-20", "S5-22")
def test_rubrics_are_loaded_once_and_never_edited(db: None, tmp_path: Path) -> None:
    assert load_rubrics() == 3
    assert load_rubrics() == 0
    edited = tmp_path / "rubrics.yaml"
    edited.write_text(_FILE.read_text(encoding="utf-8").replace("maximum: 20", "maximum: 21"), encoding="utf-8")
    with pytest.raises(RubricChanged):
        load_rubrics(edited)


@pytest.mark.req("S1-20")
def test_a_finished_outcome_keeps_its_rubric(cast: Cast, tmp_path: Path) -> None:
    panel = scored(cast, scoring_panel(cast, tmp_path, sentences=("大家好。", "谢谢大家。")), "82", "78", "86")
    told = outcome(panel.outcome.uuid)
    assert (told.rubric_key, told.rubric_version, told.rubric_hash) == (
        "selling_video_l5",
        1,
        panel.rubric.content_hash,
    )
    with pytest.raises(TypeError):
        panel.rubric.save()


def test_a_granted_work_can_be_closed_and_opened_again(cast: Cast, tmp_path: Path) -> None:
    panel = scoring_panel(cast, tmp_path)
    who = seated(cast, panel)[0]
    EvidenceGrant.objects.filter(examiner_user=cast.uuid(who)).update(ended_at=NOW + timedelta(hours=1))
    assert cast.client(who).get(f"/evidence/{panel.code}/").status_code == 404
    grant_evidence(examiner=cast.uuid(who), asset=panel.asset, granted_by=None, now=NOW)
    assert cast.client(who).get(f"/evidence/{panel.code}/").status_code == 200
    score(cast, panel, who, "80", {1: "confirm", 2: "dismiss"})
