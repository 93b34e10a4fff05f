import json
from pathlib import Path

import pytest

from media_pipeline.stages.ports import Recognition
from media_pipeline.stages.thresholds import Thresholds
from media_pipeline.stages.transcribe import PROMPT, plan, read
from media_pipeline.stages.types import Check, Request, Verdict
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


def test_the_product_card_goes_into_every_window():
    assert plan(Request(brand="明月茶园", product_name="绿茶")) == ("", "明月茶园，绿茶。")
    assert plan(Request()) == (PROMPT, "")


@pytest.mark.parametrize("length,verdict", ((100, Verdict.WARN), (240, Verdict.PASS), (350, Verdict.WARN)))
def test_speech_rate(length, verdict):
    found, _ = checks(heard(segment("".join(chr(0x4E00 + place) for place in range(length)), 0, 60)), 60)
    assert (found["speech_rate"].verdict, found["speech_rate"].metric) == (verdict, length)


def test_english_and_music():
    found, _ = checks(heard(segment("hello everyone", 0, 10), probability=0.1), 60)
    assert found["language"].verdict is Verdict.WARN
    assert found["speech_share"].verdict is Verdict.WARN


def test_silence_gives_no_text_and_no_pass():
    found, cues = checks(heard(segment("字幕由Amara.org社群提供", 0, 30)), 60)
    assert cues == []
    assert found["hallucination"].verdict is Verdict.INFO
    assert {found[name].verdict for name in ("language", "speech_rate", "asr_trust")} == {Verdict.NOT_RUN}
