"""Captions for Chinese readers: two lines at most, 16 characters, long enough to read, never one over another."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from media_pipeline.stages.captions import MAX_S, MIN_S, caption_text, rows_of, screens, webvtt, width
from tests.media_pipeline.fakes import cue


def test_captions_are_webvtt_with_names_masked():
    lines = [cue("我是主播小叶，", 0, 0.0, 1.5), cue("3 < 5 & 好。", 1, 3661.25, 1.0)]
    assert webvtt(lines, {0: [(4, 6)]}) == (
        "WEBVTT\n\n1\n00:00:00.000 --> 00:00:01.500\n我是主播＊＊\n\n2\n01:01:01.250 --> 01:01:02.250\n3 &lt; 5 &amp; 好\n"
    )


def test_a_long_line_is_cut_at_its_marks_and_shown_in_turn():
    text = "今晚的主角就是明月茶园的绿茶，产自福建连江的高山上，一盒250克只要89元，点一号链接下单。"
    assert rows_of(text) == [
        "今晚的主角就是明月茶园的绿茶",
        "产自福建连江的高山上",
        "一盒250克只要89元",
        "点一号链接下单",
    ]
    assert [(start, end, len(rows)) for start, end, rows in screens([(0.0, 6.0, text)])] == [
        (0.0, 3.646, 2), (3.646, 6.0, 2),
    ]  # fmt: skip
    # What lasts longer than a screen may is shown row by row.
    assert [len(rows) for _, _, rows in screens([(0.0, 12.0, text)])] == [1, 1, 1, 1]


def test_a_word_without_marks_is_cut_in_even_rows_and_no_number_in_two():
    assert rows_of("这一款产品今天在我们直播间里只要1299元送会员卡一张") == [
        "这一款产品今天在我们直播",
        "间里只要1299元送会员卡一张",
    ]


def test_what_is_too_brief_to_read_stays_or_shares_the_picture():
    assert screens([(0.0, 0.4, "好"), (5.0, 8.0, "茶")]) == [(0.0, 1.0, ["好"]), (5.0, 8.0, ["茶"])]
    assert screens([(0.0, 0.4, "来"), (0.4, 2.0, "点一号链接")]) == [(0.0, 2.0, ["来", "点一号链接"])]


@given(
    st.lists(
        st.tuples(
            st.floats(0.05, 9.0), st.floats(0, 3), st.text(alphabet="茶好喝发货，。！a1 ", min_size=1, max_size=60)
        ),
        max_size=8,
    )
)
def test_nothing_is_lost_and_nothing_shown_over_another(parts):
    lines, at = [], 0.0
    for length, gap, text in parts:
        lines.append((at, at + length, text))
        at += length + gap
    shown = screens(lines)
    said = "".join(text for _, _, text in lines)
    assert [char for _, _, rows in shown for char in "".join(rows) if char.isalnum()] == [
        char for char in said if char.isalnum()
    ]
    assert all(before[1] <= after[0] for before, after in itertools.pairwise(shown))
    for place, (start, end, rows) in enumerate(shown):
        assert 1 <= len(rows) <= 2
        assert 0 <= end - start <= MAX_S + 0.001
        assert all(width(row) <= 16 or not any(char in row for char in "茶好喝发货") for row in rows)
        later = shown[place + 1][0] if place + 1 < len(shown) else None
        assert end - start >= MIN_S - 0.001 or (later is not None and later - end < 0.002)
    assert caption_text(lines).count("-->") == len(shown)
