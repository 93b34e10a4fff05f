"""From three blind sheets to her page, by the real services of marking."""

from decimal import Decimal
from pathlib import Path

import pytest

from assessment.api import decide_finding, grades_of, sign_panel
from assessment.marking.models import Panel
from assessment.results.models import GradeDecision
from assessment.results.services import confirm_grade, release_grade
from assessment.results.types import GradeState
from lms.core.events import heard
from lms.policies.api import Grade
from tests.assessment.marking.scoring import QUIET, SERIOUS, scored, scoring_panel
from tests.media_pipeline.cast import NOW, Cast


def settle(cast: Cast, panel: Panel) -> GradeDecision:
    """Confirmed and released."""
    decision = GradeDecision.objects.get(candidacy__uuid=panel.candidacy)
    confirm_grade(by=cast.acting("chief"), decision=decision.uuid, now=NOW)
    return release_grade(by=cast.acting("bureau"), decision=decision.uuid, now=NOW)


@pytest.mark.req("S2-33", "S5-23")
@pytest.mark.parametrize(
    "totals,mark,grade",
    (
        (("82", "78", "86"), "82.0", Grade.GOOD),
        (("60", "59", "61"), "60.0", Grade.PASS),
        (("59.5", "60", "60"), "59.8", Grade.FAIL),
        (("90", "90", "89.5"), "89.8", Grade.GOOD),
    ),
)
def test_the_last_sheet_makes_the_grade(
    cast: Cast, tmp_path: Path, totals: tuple[str, ...], mark: str, grade: Grade
) -> None:
    panel = scoring_panel(cast, tmp_path, sentences=QUIET)
    scored(cast, panel, *totals)
    (data,) = grades_of(panel.candidacy)
    assert (data.grade, data.composite, data.state) == (grade, Decimal(mark), GradeState.COMPUTED)


def test_a_confirmed_serious_breach_is_told_with_its_words_and_time(cast: Cast, tmp_path: Path) -> None:
    panel = scoring_panel(cast, tmp_path, sentences=SERIOUS)
    scored(cast, panel, "66", "66", "66", verdicts="confirm")
    decision = settle(cast, panel)
    text = cast.client("owner").get(f"/results/{decision.uuid}/").content.decode()
    for words in ("本次未通过", "差4.0分", "66.0", "−10.0", "56.0 不合格", "3位考评员中3位听后确认", "开场与定位"):
        assert words in text, words
    finding = panel.findings.get()
    assert f'data-seek="{finding.start_s:g}"' in text
    assert '<mark class="result-hit"' in text
    assert "，大家可以去比" in text  # the line it was said in


@pytest.mark.req("S2-33")
def test_no_grade_before_every_grave_finding_is_decided(cast: Cast, tmp_path: Path) -> None:
    panel = scoring_panel(cast, tmp_path)
    scored(cast, panel, "95", "95", "95", verdicts="confirm")
    assert grades_of(panel.candidacy) == []
    grave = panel.findings.get(severity="B")
    decide_finding(
        by=cast.acting("chief"),
        code=panel.code,
        finding=grave.number,
        verdict="confirm",
        reason="属于治疗功效宣传",
        now=NOW,
    )
    assert grades_of(panel.candidacy) == []
    sign_panel(by=cast.acting("chief"), code=panel.code, reason="三位一致", now=NOW)
    (data,) = grades_of(panel.candidacy)
    assert data.grade is Grade.FAIL
    assert data.composite
    assert data.composite > 60
    decision = settle(cast, panel)
    text = cast.client("owner").get(f"/results/{decision.uuid}/").content.decode()
    for words in ("为什么不合格", "三位一致", "组长裁定", "否决"):
        assert words in text, words


def test_who_hears_what() -> None:
    names = heard()
    assert "assessment.results.listeners.compute_grade" in names["assessment.marking.events.PanelFinished"]
