"""GIFT: ours comes back byte for byte, Moodle's own examples are read, what cannot be kept is refused."""

from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessment.bank.exchange import gift
from assessment.bank.exchange.checks import answer_of, document_of, faults
from assessment.bank.types import Place
from lms.core.types import Level
from tests.assessment.bank.exchange.documents import EVERY_TYPE
from tests.assessment.bank.exchange.test_round_trips import again


def test_every_type_comes_back_whole_with_files_and_without():
    back, first, second = again("gift", EVERY_TYPE)
    assert back == list(EVERY_TYPE)
    assert first == second
    plain = [document for document in EVERY_TYPE if not document.media]
    back, first, second = again("gift", plain)
    assert back == plain
    assert first == second
    assert first.startswith(b"$CATEGORY:")


@pytest.mark.parametrize(
    "text, type_, answer",
    (
        ("Who's buried in Grant's tomb?{=Grant ~no one ~Napoleon}", "single", ["A"]),
        ("::Q1:: 谁？ {\n~甲#不是\n=乙\n~丙\n}", "single", ["B"]),
        ("Two? {~%-100%No one ~%50%Grant ~%50%wife ~%-100%father}", "multiple", ["B", "C"]),
        ("Grant is buried in a tomb.{TRUE#yes#no####why}", "true_false", True),
        ("甲是错的。{F}", "true_false", False),
        ("Who?{=Grant =Ulysses S. Grant}", "fill", ["Grant / Ulysses S. Grant"]),
        ("Mahatma {=Gandhi} was born in India.", "fill", ["Gandhi"]),
        ("When was Grant born?{#1822:0}", "fill", ["1822"]),
        ("国家。{ =加拿大 -> 渥太华 =日本 -> 东京 =意大利 -> 罗马 }", "matching", ["1-B", "2-A", "3-C"]),
        ("写一写。{####要点\\: 一}", "short", "要点: 一"),
        ("[html]<p>粗<b>体</b></p>{=a ~b}", "single", ["A"]),
        ("1 \\= 1 \\{真\\}？{=对\\~ ~错\\#}", "single", ["A"]),
    ),
)
def test_what_others_write_is_read(text, type_, answer):
    reading = gift.read(f"// 注\n$CATEGORY: 题库\n\n{text}\n".encode(), name="x")
    assert reading.refused == ()
    (read,) = reading.accepted
    assert (read.type, answer_of(read.type, read.key)) == (type_, answer)
    assert reading.title == "题库"


@pytest.mark.parametrize(
    "text",
    (
        "没有答案",
        "一半{=甲",
        "范围{#1..5}",
        "容差{#3:1}",
        "部分{=%100%甲 =%50%乙}",
        "两个{=甲 =乙 ~丙}",
        "通配{=*}",
        "空{}",
        "两次{=甲 ~乙} 和 {=丙 ~丁}",
        "说明{散文}",
        "[html]<img src='http://example.org/a.png'>{=a ~b}",
        "图 ![](gone.png){T}",
    ),
)
def test_what_cannot_be_kept_is_refused_by_its_line(text):
    reading = gift.read(f"好{{T}}\n\n{text}\n\n好的{{F}}\n".encode(), name="x")
    assert len(reading.accepted) == 2
    assert [one.where for one in reading.refused] == ["第3行"]
    assert reading.refused[0].reason


@given(st.text(st.sampled_from("{}=~#:\\%->[]html/ \n甲TF$*_50"), max_size=200))
@settings(max_examples=150, deadline=None)
def test_no_text_makes_the_reader_stumble(text):
    reading = gift.read(text.encode(), name="x")
    # What is let in is sound, and what is not says where and why.
    assert not any(faults(document_of(one, Place(Level.ELEMENTARY), UUID(int=1))) for one in reading.accepted)
    assert all(one.reason for one in reading.refused)
    assert all(one.where for one in reading.refused) or len(reading.refused) == 1  # the whole file has no line
