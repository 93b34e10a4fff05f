"""What a panel makes of findings reaches the rules that made them."""

from pathlib import Path

import pytest

from media_pipeline import toolbox
from media_pipeline.packs.models import RuleRuling
from tests.assessment.marking.scoring import SERIOUS, scored, scoring_panel
from tests.media_pipeline.cast import Cast


@pytest.mark.parametrize("verdict", ("confirm", "dismiss"))
def test_a_settled_finding_counts_for_its_rule_and_version(cast: Cast, tmp_path: Path, verdict: str) -> None:
    panel = scoring_panel(cast, tmp_path, sentences=SERIOUS)
    assert not RuleRuling.objects.exists()
    panel = scored(cast, panel, "70", "70", "70", verdicts=verdict)
    rows = RuleRuling.objects.filter(panel=panel.uuid)
    assert set(rows.values_list("rule", flat=True)) == {
        finding.rule for finding in panel.findings.all() if finding.severity in "BHM"
    }
    assert set(rows.values_list("version", "confirmed")) == {(toolbox.tools().rules.version, verdict == "confirm")}
