"""An examiner corrects what was heard: for the whole panel, blind, and nothing the panel has to rule on is ever taken away."""

from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assessment.marking.logic import MASK, same_findings, seconds_typed, status_of, unmasked
from assessment.marking.models import Panel, PanelFinding
from assessment.marking.selectors.sheets import entered
from assessment.marking.types import PanelState, Ruled, Verdict
from lms.core import audit, clock
from media_pipeline.assets.models import TranscriptEdit
from tests.assessment.marking.scoring import score, scoring_panel, seated, sheet_of
from tests.media_pipeline.cast import Cast
from tests.media_pipeline.fakes import cue

SHOWN = (
    f"大家好，我是主播{MASK * 3}，欢迎来到直播间。",
    "每天喝一杯，可以降血压，坚持喝。",
    "这是全网最低价，大家可以去比。",
    "不喜欢可以退，支持七天无理由。",
)


@pytest.fixture
def panel(cast: Cast, tmp_path: Path) -> Panel:
    return scoring_panel(cast, tmp_path)


def form(*lines: str, base: int = 0, reason: str = "听了三遍", **more: object) -> dict[str, object]:
    return {f"line-{place}": text for place, text in enumerate(lines)} | {"base": base, "reason": reason} | more


def at(panel: Panel) -> str:
    return f"/evidence/{panel.code}/transcript/"


def numbers(cast: Cast, panel: Panel, who: str) -> list[int]:
    return [finding.number for finding in entered(sheet_of(cast, panel, who)).findings]


def test_a_corrected_line_adds_findings_and_takes_none_away(cast: Cast, panel: Panel) -> None:
    first, second, _third = seated(cast, panel)
    assert [(row.number, row.rule, row.severity) for row in panel.findings.order_by("number")] == [
        (1, "MED-10", "B"), (2, "PRICE-01", "H"),
    ]  # fmt: skip
    client, pinned = cast.client(first), panel.evidence_hash
    page = client.get(at(panel)).content.decode()
    assert (SHOWN[0] in page, "林小燕" in page) == (True, False)
    answer = client.post(at(panel), form(SHOWN[0], "每天喝一杯，可以加微信，坚持喝。", *SHOWN[2:]))
    assert answer.status_code == 302
    # The name behind the marks is still there; the serious finding stays to be ruled on, the new one joins it.
    edit = TranscriptEdit.objects.get()
    assert edit.lines[0]["text"] == "大家好，我是主播林小燕，欢迎来到直播间。"
    found = panel.findings.order_by("number").values_list("number", "rule")
    assert list(found) == [(1, "MED-10"), (2, "PRICE-01"), (3, "DIV-01")]
    assert numbers(cast, panel, second) == [1, 2, 3]
    panel.refresh_from_db()
    assert panel.evidence_hash != pinned
    desk = cast.client(second).get(f"/scoring/{panel.code}/").content.decode()
    assert ("改后的文字稿里没有" in desk, "第1版" in desk, "林小燕" in desk) == (True, True, False)
    event = list(audit.events_of(panel.uuid))[-1]
    assert (event.action, event.fields["version"], event.fields["findings"]) == ("transcript_corrected", 1, 1)


def test_colleagues_read_the_words_and_not_the_reason(cast: Cast, panel: Panel) -> None:
    first, second, _third = seated(cast, panel)
    cast.client(first).post(at(panel), form(SHOWN[0], "每天喝一杯，坚持喝。", *SHOWN[2:], reason="我听是没说降血压"))
    for who, told in ((second, False), ("chief", True), ("bureau", True)):
        page = cast.client(who).get(at(panel)).content.decode()
        assert ("每天喝一杯，坚持喝。" in page, "我听是没说降血压" in page) == (True, told)
        assert "考评员甲" not in page or told
        assert "林小燕" not in page
    assert cast.client("owner").get(at(panel)).status_code == 403


@pytest.mark.parametrize(
    "change,says",
    (
        ({"line-0": "大家好，我是主播小燕，欢迎。"}, "遮"),
        ({"line-1": "好", "reason": ""}, "原因"),
        ({"line-1": "好", "add_start": "x", "add_end": "0:22", "add_text": "国家级"}, "1:05"),
        ({"line-1": "长" * 121}, "120"),
    ),
)
def test_what_is_refused_stays_as_it_was_typed(cast: Cast, panel: Panel, change: dict[str, str], says: str) -> None:
    (who, *_others) = seated(cast, panel)
    answer = cast.client(who).post(at(panel), form(*SHOWN) | change)
    html = answer.content.decode()
    assert (answer.status_code, TranscriptEdit.objects.count()) == (422, 0)
    assert next(iter(change.values())) in html
    assert says in html


def test_only_while_she_judges(cast: Cast, panel: Panel) -> None:
    (who, *_others) = seated(cast, panel)
    score(cast, panel, who, "80")
    client = cast.client(who)
    assert 'name="reason"' not in client.get(at(panel)).content.decode()
    client.post(at(panel), form(SHOWN[0], "好", *SHOWN[2:]))
    assert TranscriptEdit.objects.count() == 0
    assert cast.client("chief").post(at(panel), form("好")).status_code == 403


def test_a_finding_that_a_sealed_sheet_never_saw_is_the_chief_s(cast: Cast, panel: Panel) -> None:
    first, second, third = seated(cast, panel)
    score(cast, panel, first, "80")
    cast.client(second).post(at(panel), form(*SHOWN[:3], "这是国家级的茶。"))
    new = panel.findings.get(number=3)
    assert new.severity == "H"
    score(cast, panel, second, "80", {1: "dismiss", 2: "dismiss", 3: "confirm"})
    score(cast, panel, third, "80", {1: "dismiss", 2: "dismiss", 3: "dismiss"})
    panel.refresh_from_db()
    # 1 is a B; of 3 one confirms, one dismisses, one was silent.
    assert panel.state == PanelState.RULINGS


def test_who_was_silent_could_have_turned_it() -> None:
    assert status_of(Ruled(1, "H", 2, 0, silent=1)) is Verdict.CONFIRM
    assert status_of(Ruled(1, "H", 1, 0, silent=2)) is None
    assert status_of(Ruled(1, "H", 1, 0, silent=1)) is None


def test_a_listened_line_gives_its_finding_the_listed_weight(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.media_pipeline import cast as made

    doubtful = [cue(text, place, place * 5.0, low_trust=True) for place, text in enumerate(made.SENTENCES)]
    monkeypatch.setattr(made, "plain_cues", lambda said: doubtful)
    panel = scoring_panel(cast, tmp_path)
    (who, other, *_rest) = seated(cast, panel)
    assert list(panel.findings.values_list("severity", flat=True)) == ["M", "M"]
    assert "需听辨" in cast.client(who).get(at(panel)).content.decode()
    cast.client(who).post(at(panel), form(*SHOWN, heard=["1"]))
    graver = PanelFinding.objects.get(panel=panel, number=3)
    assert (graver.severity, graver.replaces.number if graver.replaces else None) == ("B", 1)
    assert numbers(cast, panel, other) == [2, 3]  # nobody rules on the lighter one twice
    assert [cue.low_trust for cue in cast.client(other).get(f"/evidence/{panel.code}/").context["page"].cues] == [
        True, False, True, True,
    ]  # fmt: skip


def test_the_page_costs_the_same_with_one_version_and_three(cast: Cast, panel: Panel) -> None:
    (who, *_others) = seated(cast, panel)
    client = cast.client(who)

    def cost() -> int:
        client.get(at(panel))
        clock.forget_cache()
        with CaptureQueriesContext(connection) as seen:
            assert client.get(at(panel)).status_code == 200
        return len(seen)

    client.post(at(panel), form(SHOWN[0], "每天喝一杯。", *SHOWN[2:]))
    once = cost()
    for base, text in ((1, "每天喝两杯。"), (2, "每天喝三杯。")):
        client.post(at(panel), form(SHOWN[0], text, *SHOWN[2:], base=base))
    assert (cost(), TranscriptEdit.objects.count()) == (once, 3)


def test_names_come_back_behind_their_marks() -> None:
    text, masks = "我是林小燕，小燕直播间", [(2, 5), (6, 8)]
    assert unmasked(f"我叫{MASK * 3}，{MASK * 2}的直播间", text, masks) == "我叫林小燕，小燕的直播间"
    for typed in ("我叫林小燕", f"我叫{MASK * 2}，{MASK * 2}", f"{MASK * 3}"):
        with pytest.raises(ValueError, match="mask"):
            unmasked(typed, text, masks)


def test_the_same_words_to_the_same_rule_are_the_same_finding() -> None:
    def finding(rule: str, severity: str, start: float) -> PanelFinding:
        return PanelFinding(rule=rule, severity=severity, start_s=start, end_s=start + 1)

    held = [finding("A", "H", 5.0), finding("A", "H", 20.0), finding("B", "M", 30.0)]
    found = [finding("A", "M", 20.8), finding("A", "H", 5.2), finding("B", "B", 30.0), finding("C", "L", 5.0)]
    assert same_findings(held, found) == [1, 0, None, None]


@pytest.mark.parametrize("text,second", (("0:41.5", 41.5), ("65", 65.0), ("1：05", 65.0)))
def test_seconds_as_typed(text: str, second: float) -> None:
    assert seconds_typed(text) == second
