"""Texts that were said: letters with their places, what is nobody's own, TF-IDF, common phrases."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from lms.core import similar

TEXTS = st.text(alphabet="大家好今天介绍连江花茶一罐百克价格，。ＡB 1", max_size=60)


@given(TEXTS)
def test_every_letter_knows_its_place(text: str) -> None:
    told = similar.letters(text)
    assert len(told.text) == len(told.at)
    assert list(told.at) == sorted(told.at)
    assert all(text[at].isalnum() for at in told.at)


def test_what_the_course_gave_is_cut_out_with_its_ends() -> None:
    known = similar.phrases(["大家好，欢迎来到直播间。"])
    assert similar.pieces_without("朋友们大家好欢迎来到直播间今天下雨", known) == ("朋友们", "今天下雨")
    assert similar.pieces_without("大家好，欢迎来到直播间！", known) == ()
    assert similar.pieces_without("大家好，欢迎", known) == ("大家好欢迎",)


@given(TEXTS, TEXTS)
def test_a_cosine_is_a_share_and_the_same_both_ways(one: str, two: str) -> None:
    first, second = (similar.counts([similar.letters(text).text]) for text in (one, two))
    (there,), (back,) = similar.cosines(first, [second]), similar.cosines(second, [first])
    assert 0 <= there <= 1.000001
    assert abs(there - back) < 1e-9
    if first:
        assert abs(similar.cosines(first, [first])[0] - 1) < 1e-9


def test_what_everybody_says_weighs_less() -> None:
    of, like = similar.counts(["连江花茶一号链接"]), similar.counts(["若羌红枣一号链接"])
    alone = similar.cosines(of, [like])[0]
    usual = [similar.counts([f"{word}一号链接"]) for word in ("米酒", "鱼丸", "紫菜", "海带")]
    assert similar.cosines(of, [like], usual)[0] < alone


@given(TEXTS, TEXTS, TEXTS)
def test_shared_phrases_stand_in_both(before: str, common: str, after: str) -> None:
    one, other = similar.letters(before + common + after).text, similar.letters(common).text
    found = similar.shared(one, other)
    for here, there, size in found:
        assert size >= similar.PHRASE
        assert one[here : here + size] == other[there : there + size]
    assert all(a[0] + a[2] <= b[0] for a, b in itertools.pairwise(found))
    if len(other) >= similar.PHRASE:
        assert found


def test_chosen_grams_are_chosen_again() -> None:
    text = "上个月我跟着合作社的师傅进了山天没亮茶农就在地里采花"
    chosen = similar.tokens([text], one_of=2)
    assert chosen == similar.tokens([text], one_of=2)
    assert set(chosen) <= set(similar.tokens([text + "一斤花茶要用三斤鲜花"], one_of=2))
    assert similar.tokens(["好"], one_of=1) == []
