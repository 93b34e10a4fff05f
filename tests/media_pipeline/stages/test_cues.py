import itertools
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_pipeline.stages.cues import MAX_CHARS, cut, low_trust, second_of
from media_pipeline.stages.thresholds import Thresholds

T = Thresholds()
RECORDED = json.loads((Path(__file__).parent / "data" / "recognition.json").read_text(encoding="utf-8"))


def segment(text, start=0.0, end=10.0, words=(), **figures):
    return {
        "start": start,
        "end": end,
        "text": text,
        "words": list(words),
        "avg_logprob": -0.2,
        "no_speech_prob": 0.1,
        "compression_ratio": 1.2,
        **figures,
    }


def test_a_recording_is_cut_into_readable_lines():
    lines = cut(RECORDED["segments"], T)
    assert [line.text for line in lines[:5]] == [
        "家人们晚上好，",
        "你们现在看到的是明月",
        "茶园的演示直播间，",
        "我是主播小夜。",
        "今晚的主角就是明月茶园的绿茶，",
    ]
    assert all(len(line.text) <= MAX_CHARS + 3 for line in lines)
    assert all(before.end <= after.start for before, after in itertools.pairwise(lines))
    spoken = "".join(line.raw for line in lines)
    assert spoken == "".join(part["text"] for part in RECORDED["segments"])


def test_a_pause_cuts_where_there_is_no_punctuation():
    words = [
        {"word": "好了", "start": 0.0, "end": 0.5},
        {"word": "主播", "start": 1.2, "end": 1.6},
        {"word": "喝水", "start": 1.6, "end": 2.0},
    ]
    lines = cut([segment("好了主播喝水", 0.0, 2.0, words)], T)
    assert [(line.text, line.start, line.end) for line in lines] == [("好了", 0.0, 0.5), ("主播喝水", 1.2, 2.0)]


def test_numbers_and_latin_words_stay_whole():
    text = "这一款产品今天在我们直播间里只要1299元送VIP会员卡一张给大家"
    lines = cut([segment(text)], T)
    assert len(lines) > 1
    assert any("1299" in line.text for line in lines)
    assert any("VIP" in line.text for line in lines)


@given(
    st.lists(
        st.tuples(st.text(alphabet="茶好喝发货，。a1 ", min_size=1, max_size=6), st.floats(0.05, 1.5), st.floats(0, 1)),
        min_size=1,
        max_size=30,
    )
)
def test_cutting_loses_and_moves_nothing(parts):
    words, at = [], 0.0
    for text, length, gap in parts:
        words.append({"word": text, "start": at, "end": at + length})
        at += length + gap
    lines = cut([segment("".join(text for text, _, _ in parts), 0.0, at, words)], T)
    kept = "".join(line.text for line in lines)
    said = "".join(word["word"] for word in words)
    assert [char for char in kept if char.isalnum()] == [char for char in said if char.isalnum()]
    for number, line in enumerate(lines):
        assert line.index == number
        assert len(line.offsets) == len(line.text)
        assert line.start <= line.end
        assert [second_of(line, place) for place in range(len(line.text) + 1)] == sorted(
            second_of(line, place) for place in range(len(line.text) + 1)
        )


@pytest.mark.parametrize(
    "figures,expected",
    (
        ({}, False),
        ({"avg_logprob": -1.1}, True),
        ({"compression_ratio": 2.5}, True),
        ({"no_speech_prob": 0.9, "avg_logprob": -0.6}, True),
        ({"no_speech_prob": 0.9}, False),  # clear speech behind a prompt
    ),
)
def test_trust(figures, expected):
    assert low_trust(segment("茶", **figures), T) is expected
