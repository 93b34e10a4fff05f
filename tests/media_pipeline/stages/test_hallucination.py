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
        ("谢谢谢谢谢谢", UNSURE, "repetition"),
        ("好的好的好的好的好的好的好的好的好的好的好的", {}, "repetition"),
        ("以下是普通话的句子。", UNSURE, "prompt"),
        ("。。。", {}, "empty"),
    ),
)
def test_what_nobody_said_is_dropped(text, figures, why):
    kept, dropped = sort_out([segment(text, **figures)], "以下是普通话的句子。", Thresholds())
    assert (kept, [part["why"] for part in dropped]) == ([], [why])


@pytest.mark.parametrize("text", ("来来来，点一号链接", "好好好", "对对对对", "请大家点赞关注，多多转发"))
def test_what_hosts_do_say_is_kept(text):
    kept, dropped = sort_out([segment(text)], "以下是普通话的句子。", Thresholds())
    assert (len(kept), dropped) == (1, [])
