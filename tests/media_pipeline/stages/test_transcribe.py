import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.core.types import ProductKind
from media_pipeline.rulepacks.api import current_pack
from media_pipeline.rulepacks.check import untimed
from media_pipeline.stages.compliance import judge
from media_pipeline.stages.ports import Recognition
from media_pipeline.stages.thresholds import Thresholds
from media_pipeline.stages.transcribe import PROMPT, plan, read
from media_pipeline.stages.types import Check, Request, Verdict
from media_pipeline.stages.vocabulary import MAX_TOKENS, hotwords, sentence
from tests.media_pipeline.stages.test_cues import segment

T = Thresholds()
RECORDED = json.loads((Path(__file__).parent / "data" / "recognition.json").read_text(encoding="utf-8"))


def checks(recognition, seconds):
    data, cues = read(recognition, PROMPT, seconds, T)
    return {check["name"]: Check.from_json(check) for check in data["checks"]}, cues


def heard(*segments, probability=0.99, speech_s=None):
    return Recognition("zh", probability, speech_s, tuple(segments))


def test_a_recording_passes():
    found, cues = checks(heard(*RECORDED["segments"], speech_s=RECORDED["speech_s"]), 66.4)
    assert {name: check.verdict for name, check in found.items()} == dict.fromkeys(
        ("language", "speech_share", "speech_rate", "asr_trust", "hallucination"), Verdict.PASS
    )
    assert (found["speech_share"].metric, found["speech_rate"].metric) == (0.934, 293)
    assert len(cues) == 24


def test_the_card_then_the_pack_then_the_course_go_into_every_window():
    card = Request(
        brand="明月茶园", product_name="绿茶", product=ProductKind.TEA, vocabulary=("福利款", "小黄车", "绿茶")
    )
    assert plan(card, current_pack()) == ("", "明月茶园，绿茶，生产日期，保质期，七天无理由，福利款，小黄车。")
    assert plan(replace(card, product=ProductKind.ALCOHOL), current_pack())[1].count("理性饮酒") == 1
    # A stranger's video and a lesson: nothing is known of what is said.
    assert plan(replace(card, brand="", product_name=""), current_pack()) == (PROMPT, "")


def test_no_word_that_a_host_may_not_say_is_told_to_the_recogniser():
    pack = current_pack()
    told = {word for kind in ProductKind for word in pack.vocabulary(Request(product=kind))}
    assert told
    assert pack.find([untimed(0, "，".join(sorted(told)))], None) == []


@given(st.lists(st.text(alphabet="明月茶园绿A1 ，。", max_size=24), max_size=40))
def test_hotwords_are_few_whatever_is_known(words):
    chosen = hotwords(words)
    assert len(sentence(chosen).encode()) <= MAX_TOKENS
    assert len(set(chosen)) == len(chosen)
    assert all(
        word in {"".join(c if c.isalnum() else " " for c in given).strip() for given in words} for word in chosen
    )


@pytest.mark.parametrize("length,verdict", ((100, Verdict.WARN), (240, Verdict.PASS), (350, Verdict.WARN)))
def test_speech_rate(length, verdict):
    found, _ = checks(heard(segment("".join(chr(0x4E00 + place) for place in range(length)), 0, 60)), 60)
    assert (found["speech_rate"].verdict, found["speech_rate"].metric) == (verdict, length)


def test_another_language_is_a_guess_and_passes_nothing():
    found, cues = checks(heard(segment("这个茶可以降血压", 0, 40), probability=0.1, speech_s=55.0), 60)
    assert {name: check.verdict for name, check in found.items()} == {
        "language": Verdict.WARN, "speech_share": Verdict.NOT_RUN, "speech_rate": Verdict.NOT_RUN,
        "asr_trust": Verdict.INFO, "hallucination": Verdict.NOT_RUN,
    }  # fmt: skip
    assert [cue.low_trust for cue in cues] == [True]
    judged = judge(cues, Request(product=ProductKind.TEA, brand="明月"), current_pack(), T, doubt="not_mandarin")
    assert {finding["severity"] for finding in judged["findings"]} == {"M"}  # listed as B; nobody has listened
    verdicts = {check["name"]: check["verdict"] for check in judged["checks"]}
    assert (verdicts["banned_words"], verdicts["required_statements"], verdicts["brand_named"]) == (
        "info", "not_run", "not_run",
    )  # fmt: skip


@pytest.mark.parametrize("doubt", ("no_speech", "not_mandarin"))
def test_words_that_were_not_understood_are_never_fine(doubt):
    judged = judge([], Request(product=ProductKind.TEA, brand="明月"), current_pack(), T, doubt=doubt)
    verdicts = {check["name"]: check["verdict"] for check in judged["checks"]}
    assert {verdicts[name] for name in ("banned_words", "required_statements", "brand_named")} == {"not_run"}


def test_silence_gives_no_text_and_no_pass():
    found, cues = checks(heard(segment("字幕由Amara.org社群提供", 0, 30)), 60)
    assert cues == []
    assert found["hallucination"].verdict is Verdict.INFO
    assert {found[name].verdict for name in ("language", "speech_rate", "asr_trust")} == {Verdict.NOT_RUN}
