from typing import Any

import pytest

from media_pipeline.stages.hallucination import sort_out
from media_pipeline.stages.thresholds import Thresholds
from tests.media_pipeline.stages.test_cues import segment

UNSURE = {"no_speech_prob": 0.9, "avg_logprob": -1.2}


@pytest.mark.parametrize(
    "text,figures,why",
    (
        ("字幕由 Amara.org 社群提供", {}, "boilerplate"),
        ("請不吝點贊訂閱轉發打賞支持明鏡與點點欄目", {}, "boilerplate"),
        ("谢谢谢谢谢谢", {"compression_ratio": 2.6}, "repetition"),
        ("好的好的好的好的好的好的好的好的好的好的好的", {}, "repetition"),
        ("以下是普通话的句子。", {"no_speech_prob": 0.9}, "prompt"),
        ("。。。", {}, "empty"),
        ("李宗盛 词曲 李宗盛", {}, "boilerplate"),
        ("感谢您的观看", UNSURE, "boilerplate"),
        ("这个茶很好喝", UNSURE, "no_speech"),
    ),
)
def test_what_nobody_said_is_dropped(text, figures, why):
    kept, dropped = sort_out([segment(text, **figures)], "以下是普通话的句子。", Thresholds())
    assert (kept, [part["why"] for part in dropped]) == ([], [why])


@pytest.mark.parametrize(
    "text", ("来来来，点一号链接", "好好好", "对对对对", "请大家点赞关注，多多转发", "感谢您的观看")
)
def test_what_hosts_do_say_is_kept(text):
    kept, dropped = sort_out([segment(text)], "以下是普通话的句子。", Thresholds())
    assert (len(kept), dropped) == (1, [])


def test_what_was_said_before_a_loop_stays_with_its_times():
    words: list[dict[str, Any]] = [{"word": "一盒只要八十九元，", "start": 0.0, "end": 2.0}]
    words += [{"word": "对，", "start": 2.0 + place, "end": 3.0 + place} for place in range(12)]
    text = "".join(word["word"] for word in words)
    kept, dropped = sort_out([segment(text, 0.0, 14.0, words)], "", Thresholds())
    assert [(part["text"], part["start"], part["end"]) for part in kept] == [("一盒只要八十九元，对，", 0.0, 3.0)]
    assert [(part["why"], part["start"], part["end"]) for part in dropped] == [("repetition", 3.0, 14.0)]


@pytest.mark.parametrize("times,figures,left", ((3, {}, 3), (6, {}, 1), (3, {"compression_ratio": 2.6}, 1)))
def test_a_line_that_comes_again_and_again_is_heard_once(times, figures, left):
    said = [segment("点一号链接", 3.0 * place, 3.0 * place + 3, **figures) for place in range(times)]
    kept, dropped = sort_out([*said, segment("下一款", 30, 33)], "", Thresholds())
    assert (len(kept), len(dropped)) == (left + 1, times - left)
