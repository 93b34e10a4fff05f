"""Order, keys, the report's JSON; no engine runs here."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from lms.core.types import Level, ProductKind
from media_pipeline.rulepacks.api import current_pack
from media_pipeline.stages.checks import NAMES, complete, label
from media_pipeline.stages.compliance import judge
from media_pipeline.stages.context import Tools
from media_pipeline.stages.messages import TEXTS, say
from media_pipeline.stages.pipeline import STAGES, assemble_report, input_hash, run_offline, stage_named
from media_pipeline.stages.thresholds import Thresholds
from media_pipeline.stages.types import Check, Cue, Finding, Reason, Request, StageTiming, Verdict
from tests.media_pipeline.fakes import RecordedHands, cues

SAID = [
    "大家好，这里是明月茶园直播间。",
    "这个茶可以降血压，是国家级的。",
    "生产日期是四月，一盒250克89元，",
    "点一号链接下单，包邮，支持七天无理由。",
]


@pytest.fixture
def tools():
    return Tools(RecordedHands(), current_pack(), Thresholds())


def compliance(request):
    return judge(cues(SAID), request, current_pack(), Thresholds())


def test_a_missing_file_is_refused_with_everything_else_not_run(tools, tmp_path):
    report = run_offline(tmp_path / "none.mp4", Request(), tools)
    data = report.to_json("zh")
    assert (data["verdict"], data["reasons"], data["duration_s"], data["timings"]) == (
        "refused",
        ["找不到这个文件。"],
        None,
        [],
    )
    assert {check["verdict"] for check in data["checks"]} == {"fail", "not_run"}
    assert [check["name"] for check in data["checks"]] == list(NAMES)


def test_a_refusal_stops_the_stages_behind_it(tools, tmp_path):
    source = tmp_path / "work.mp4"
    source.write_bytes(b"\0\0\0\x20ftypisom" + bytes(100))
    heard = []
    report = run_offline(source, Request(), tools, lambda stage, share: heard.append((stage.name, share)))
    assert heard == [("intake", 1.0)]
    assert [timing.stage for timing in report.timings] == ["intake"]
    assert [reason.code for reason in report.refused] == ["unreadable"]


def test_the_json_is_the_contract(tools):
    facts = {
        "intake": {"checks": [], "media": {}},
        "measure": {"checks": [Check("duration", Verdict.PASS, 66.4, 60.0).to_json()], "duration_s": 66.4},
        "transcribe": {"checks": [], "cues": [item.to_json() for item in cues(SAID)]},
        "compliance": compliance(Request(product=ProductKind.TEA)),
    }
    report = assemble_report(json.loads(json.dumps(facts)), [StageTiming("intake", 0.1, 0.2)], tools)
    data = json.loads(json.dumps(report.to_json()))
    assert (data["verdict"], data["reasons"], data["duration_s"]) == ("ready", [], 66.4)
    assert set(data["checks"][0]) >= {"name", "verdict", "metric", "threshold", "ranges"}
    assert set(data["transcript"][0]) >= {"start", "end", "text"}
    assert data["timings"][0] | {"stage": "intake", "wall_s": 0.1, "cpu_s": 0.2} == data["timings"][0]
    first = data["findings"][0]
    assert (first["category"], first["severity"], first["text"], first["rule"], first["suspected"]) == (
        "MED",
        "B",
        "降血压",
        "MED-10",
        False,
    )
    assert 5.0 <= first["start_s"] < first["end_s"] <= 10.0


def test_findings_and_cues_come_back_from_json():
    data = compliance(Request())
    for item in data["findings"]:
        assert Finding.from_json(json.loads(json.dumps(item))).to_json() == item
    for item in cues(SAID):
        assert Cue.from_json(json.loads(json.dumps(item.to_json()))) == item


def test_a_key_changes_with_what_the_stage_reads_and_nothing_else(tools):
    plain = Request(product=ProductKind.TEA, level=Level.ELEMENTARY)
    keys = {stage.name: input_hash(stage, "aa", plain, tools) for stage in STAGES}
    assert len(set(keys.values())) == 5

    def changed(request=plain, source="aa", with_tools=tools):
        return [stage.name for stage in STAGES if input_hash(stage, source, request, with_tools) != keys[stage.name]]

    assert changed(replace(plain, level=Level.ADVANCED)) == []
    assert changed(replace(plain, product=ProductKind.FOOD)) == ["compliance", "similarity"]
    card = replace(plain, brand="明月", product_name="绿茶")
    told = {stage.name: input_hash(stage, "aa", card, tools) for stage in STAGES}
    taught = replace(card, vocabulary=("福利款",))
    assert [stage.name for stage in STAGES if input_hash(stage, "aa", taught, tools) != told[stage.name]] == [
        "transcribe",
        "compliance",
        "similarity",
    ]
    assert changed(replace(plain, brand="明月")) == ["transcribe", "compliance", "similarity"]
    assert changed(source="bb") == ["intake", "measure", "transcribe", "compliance", "similarity"]
    stricter = replace(tools, thresholds=Thresholds(min_duration_s=90))
    assert changed(with_tools=stricter) == ["intake", "measure", "transcribe", "compliance", "similarity"]


def test_every_refusal_says_what_to_do():
    codes = {
        *(
            "too_big",
            "empty_file",
            "not_a_video",
            "unreadable",
            "no_decoder",
            "too_many_pixels",
            "no_picture",
            "too_costly",
        ),
        *("cover_only", "no_video_track", "too_long", "too_short", "truncated", "undecodable", "low_resolution"),
        *("mostly_black", "mostly_frozen", "no_sound_track", "silent_track", "mostly_silent"),
    }
    for code in codes:
        english, chinese = TEXTS[code]
        assert "请" in chinese, code
        assert english.count(". ") + english.count(": ") >= 1, code


def test_a_waived_check_is_another_key(tools):
    plain = Request(product=ProductKind.TEA)
    waived = replace(plain, waived=("silence",))
    for stage in STAGES:
        assert input_hash(stage, "aa", plain, tools) != input_hash(stage, "aa", waived, tools)


@pytest.mark.parametrize(
    "request_,expected",
    (
        (Request(), {"required_statements": "not_run", "brand_named": "not_run", "ai_declaration": "not_run"}),
        (
            Request(product=ProductKind.TEA, product_name="绿茶", brand="明月茶园", declared_ai=True),
            {"required_statements": "warn", "brand_named": "warn", "ai_declaration": "warn"},
        ),
        (
            Request(product=ProductKind.ALCOHOL, declared_ai=False),
            {"alcohol_visual": "not_run", "ai_declaration": "pass"},
        ),
    ),
)
def test_declarations_decide_what_can_run(request_, expected):
    found = {check["name"]: check["verdict"] for check in compliance(request_)["checks"]}
    assert {name: found[name] for name in expected} == expected


def test_an_unrun_check_is_never_a_pass():
    whole = complete([Check("duration", Verdict.PASS, 66.0, 60.0)])
    assert [check.name for check in whole] == list(NAMES)
    assert {check.verdict for check in whole if check.name != "duration"} == {Verdict.NOT_RUN}
    assert all(check.note for check in whole if check.verdict is Verdict.NOT_RUN)


def test_every_reason_reads_in_both_languages():
    source = Path(stage_named.__code__.co_filename).parent
    used = set()
    import re

    for path in source.glob("*.py"):
        used |= set(re.findall(r"Reason\(\s*\"(\w+)\"", path.read_text(encoding="utf-8")))
    assert used <= TEXTS.keys()
    assert (
        say(Reason("too_short", {"seconds": 59.9, "limit": 60.0}), "zh")
        == "视频长 59.9 秒，不足 60 秒，请补足时长后上传。"
    )
    assert (
        say(Reason("too_short", {"seconds": 59.9, "limit": 60.0}), "en")
        == "The video lasts 59.9 s, shorter than the 60 s required. Record a longer one."
    )
    for english, chinese in TEXTS.values():
        assert (
            set(re.findall(r"{(\w+)", english)) - {"en"} == set(re.findall(r"{(\w+)", chinese)) - {"zh"}
            or "reached" in english
        )
    assert label("duration", "zh") == "时长"
