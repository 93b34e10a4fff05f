"""Features for scoring: figures against hand counts, absence with its reason, and markers at their second."""

import json
from typing import Any

import numpy as np
import pytest

from media_pipeline.stages.features import CRITERIA, UNITS, FeatureSheet, measure
from media_pipeline.stages.pitch import spread
from media_pipeline.stages.thresholds import Thresholds
from media_pipeline.stages.types import Cue, Reason, Word
from tests.media_pipeline.fakes import cue, cues

T = Thresholds()
FACTS: dict[str, dict[str, Any]] = {
    "measure": {
        "duration_s": 40.0, "integrated_lufs": -18.4, "loudness_range_lu": 5.2,
        "pitch": {"spread_semitones": 6.5, "voiced_s": 20.0},
    },
    "transcribe": {"speech_s": None},
}  # fmt: skip
SILENT: dict[str, dict[str, Any]] = {
    "measure": {"duration_s": 40.0, "integrated_lufs": None, "pitch": None},
    "transcribe": {},
}


def spoken(*lines, doubtful=()):
    """Cues of (start, end, text)."""
    return [
        Cue(
            index, start, end, text, text, tuple(range(len(text))), -0.2, 0.1, 1.2, index in doubtful,
            (Word(0, len(text), start, end),),
        )
        for index, (start, end, text) in enumerate(lines)
    ]  # fmt: skip


def test_figures_are_those_of_a_hand_count():
    heard = spoken(
        (1.0, 4.0, "大家好，我是主播小林。"), (4.4, 9.4, "一盒250克，68元。"), (11.4, 13.4, "谢谢大家。"), doubtful=(1,)
    )
    sheet = measure(heard, FACTS, [2.0, 8.0], (), T)
    told = {each.name: each.value for each in sheet.features}
    # 9 + 9 + 4 characters in 10 s; gaps of 0.4 (none) and 2.0 s between second 1 and 13.4.
    assert told == {
        "speech_rate": 132.0, "speech_share": 0.25, "pause_count": 1.0, "pause_share": round(2 / 12.4, 4),
        "pause_longest": 2.0, "pause_median": 2.0, "loudness": -18.4, "loudness_range": 5.2, "pitch_spread": 6.5,
        "brand_count": 2.0, "trust": 0.5,
    }  # fmt: skip
    assert sheet.pauses == (0, 0, 1, 0)
    assert list(told) == list(UNITS)


def test_what_was_not_measured_is_absent_with_its_reason_and_never_zero():
    sheet = measure([], SILENT, None, (), T)
    assert {each.value for each in sheet.features} == {None}
    assert all(each.why for each in sheet.features)
    assert {each.share for each in sheet.coverage} == {None}
    assert {each.criterion: each.why.code for each in sheet.coverage if each.why}["C9"] == "seen_not_said"
    assert sheet.pauses is None
    assert {marker.at_s for marker in sheet.markers} == {None}


def test_a_run_of_an_earlier_version_is_not_called_silent():
    sheet = measure(
        [cue("大家好")], {"measure": {"duration_s": 9.0, "integrated_lufs": -20.0}, "transcribe": {}}, None, (), T
    )
    why = {each.name: each.why for each in sheet.features}
    assert why["loudness"] is None
    assert why["loudness_range"] == why["pitch_spread"] == Reason("not_measured")


def test_guessed_words_of_another_language_are_no_figures():
    facts = FACTS | {"transcribe": {"speech_s": None, "doubt": "not_mandarin"}}
    sheet = measure([cue("大家好，我是主播", low_trust=True)], facts, [], (), T)
    absent = {each.name for each in sheet.features if each.why == Reason("not_understood")}
    assert absent == {"speech_rate", "speech_share", "brand_count"}
    assert {each.why.code for each in sheet.coverage if each.why} == {"not_understood", "seen_not_said"}
    assert (sheet.value("trust"), {marker.at_s for marker in sheet.markers}) == (0.0, {None})


def test_a_true_zero_stays_a_zero():
    sheet = measure([cue("这款茶很好喝")], FACTS, [], (), T)
    assert sheet.value("brand_count") == 0.0
    assert sheet.value("pause_count") == 0.0
    assert {each.name: each.why for each in sheet.features}["pause_longest"] == Reason("no_pauses")


def test_markers_stand_at_their_first_second():
    sheet = measure(
        spoken((0.0, 4.0, "先看这个包装"), (5.0, 9.0, "价格六十八元，"), (10.0, 14.0, "一号链接下单。价格六十八元")),
        FACTS,
        None,
        (),
        T,
    )
    at = {marker.name: marker.at_s for marker in sheet.markers}
    assert (at["price"], at["call_to_action"], at["greeting"]) == (5.0, 10.0, None)
    assert set(at) == {
        *("greeting", "self_intro", "product", "question", "price", "call_to_action", "after_sales", "thanks"),
    }


def test_a_trusted_mention_counts_before_a_doubtful_one():
    lines = ((0.0, 4.0, "价格八元"), (5.0, 9.0, "价格六十八元"))
    (first,) = (m for m in measure(spoken(*lines, doubtful=(0,)), FACTS, None, (), T).markers if m.name == "price")
    assert (first.at_s, first.doubtful) == (5.0, False)
    (only,) = (m for m in measure(spoken(*lines, doubtful=(0, 1)), FACTS, None, (), T).markers if m.name == "price")
    assert (only.at_s, only.doubtful) == (0.0, True)


def test_coverage_is_by_criterion():
    sheet = measure(cues(["支持七天无理由退货，四十八小时内发货。", "下单请点小黄车一号链接。"]), FACTS, None, (), T)
    rows = {each.criterion: each for each in sheet.coverage}
    assert list(rows) == list(CRITERIA)
    assert rows["C7"].said == ("delivery", "after_sales")
    assert (rows["C7"].missing, rows["C7"].share) == (("contact",), 0.6667)
    assert rows["C8"].share == 0.0


def test_a_waived_ability_leaves_no_figure():
    sheet = measure(cues(["大家好，欢迎来到直播间。"]), FACTS, [1.0], ("speech_rate", "required_statements"), T)
    why = {each.name: each.why for each in sheet.features}
    for name in ("speech_rate", "pause_count", "pause_share", "pitch_spread"):
        assert why[name] == Reason("waived")
    assert why["loudness"] is None
    assert {each.share for each in sheet.coverage} == {None}
    assert sheet.pauses is None


def test_a_sheet_comes_back_from_json():
    sheet = measure(cues(["大家好。", "价格八十九元。"]), FACTS, [1.0], (), T)
    assert FeatureSheet.from_json(json.loads(json.dumps(sheet.to_json()))) == sheet
    with pytest.raises(ValueError, match="schema 2"):
        FeatureSheet.from_json(sheet.to_json() | {"schema": 2})


def _voice(pitch, rate=16_000):
    phase = 2 * np.pi * np.cumsum(pitch) / rate
    return (sum(np.sin(step * phase) / step for step in range(1, 6)) * 6000).astype(np.int16)


@pytest.mark.parametrize("base", (95.0, 220.0, 330.0))
def test_the_spread_is_in_semitones_whoever_speaks(base):
    seconds = np.arange(16_000 * 8) / 16_000
    swing = base * 2 ** (3 * np.sin(np.pi * seconds) / 12)
    # A sine of 3 semitones: from its 10th to its 90th percentile 6 sin(0.4 pi).
    assert spread(_voice(swing), 16_000).semitones == pytest.approx(6 * np.sin(0.4 * np.pi), abs=0.1)
    assert spread(_voice(np.full(16_000 * 8, base)), 16_000).semitones == 0.0


def test_noise_silence_and_a_word_have_no_spread():
    noise = np.random.default_rng(1).normal(0, 3000, 16_000 * 6).astype(np.int16)
    assert spread(noise, 16_000).semitones is None
    assert spread(np.zeros(16_000 * 6, np.int16), 16_000).voiced_s == 0.0
    assert spread(_voice(np.full(16_000 * 2, 200.0)), 16_000).semitones is None
    assert spread(np.zeros(10, np.int16), 16_000).semitones is None
