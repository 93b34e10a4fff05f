"""Exam papers as text: many layouts read as they are meant, broken ones refused by line, nothing dropped, nothing slow."""

import json
import time
from pathlib import Path

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from assessment.bank.exchange import chinese
from assessment.bank.exchange.checks import to_json
from assessment.bank.exchange.chinese.texts import decoded, lines_of

PAPERS = sorted((Path(__file__).parent / "papers").glob("*.txt"))


def told(reading):
    """A reading as the files beside the papers write it."""
    extra = ("difficulty", "clause", "source")
    return {
        "title": reading.title,
        "accepted": [
            {
                "where": read.where,
                **to_json(read),
                **{name: getattr(read, name) for name in extra if getattr(read, name)},
            }
            for read in reading.accepted
        ],
        "refused": [{"where": one.where, "reason": one.reason} for one in reading.refused],
    }


def whole(text: str) -> tuple[int, int]:
    """How many questions; every line that is not blank has a fate."""
    reading, fates = chinese.account(tuple(lines_of(text)), "plain")
    assert len(fates) == sum(bool(line.strip("\ufeff \t\u3000")) for line in text.split("\n"))
    assert None not in fates
    return len(reading.accepted), len(reading.refused)


def test_there_are_enough_papers():
    assert len(PAPERS) >= 25


@pytest.mark.parametrize("path", PAPERS, ids=lambda path: path.stem)
def test_a_paper_is_read_as_meant(path):
    with translation.override("en"):
        reading = chinese.read(path.read_bytes(), name=path.name)
    assert told(reading) == json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    whole(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("encoding", ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030"))
def test_any_encoding_and_line_end_says_the_same(encoding):
    text = PAPERS[0].read_text(encoding="utf-8")
    plain = chinese.read(text.encode(), name="x")
    assert chinese.read(text.replace("\n", "\r\n").encode(encoding), name="x") == plain


def test_what_is_no_text_is_refused():
    (refused,) = chinese.read(b"\x89PNG\r\n\x1a\n\x00\x00\xff\xfe\x01", name="x.png").refused
    assert refused.reason
    assert chinese.read(b"", name="x").refused


_PIECES = st.sampled_from(
    [line for path in PAPERS for line in path.read_text(encoding="utf-8").split("\n") if len(line) < 200] + ["", ""]
)


@given(lines=st.lists(_PIECES, max_size=40))
@settings(max_examples=150, deadline=None)
def test_no_line_of_any_mixture_is_dropped(lines):
    whole("\n".join(lines))


@given(
    text=st.text(st.sampled_from("1234一二.、（）()ABCD：:答案解析√×_ \n\t单选题判断案例材料①②→-【】"), max_size=300)
)
@settings(max_examples=150, deadline=None)
def test_no_noise_makes_the_reader_stumble(text):
    whole(text)


def test_five_thousand_questions_are_read_in_seconds():
    text = "一、单选题（每题2分）\n" + "".join(
        f"{number}. 第{number}项正确的是（ B ）。\nA. 甲{number} B. 乙{number}\n解析：因为乙。\n"
        for number in range(1, 5001)
    )
    began = time.monotonic()
    assert whole(text) == (5000, 0)
    assert time.monotonic() - began < 20


@pytest.mark.parametrize("unit", ("A.", " ", "（", "(A ", "1.", "答案", "_", "1-2 A ", "案例 ", "- ", "密 ", "1、（ "))
def test_a_hostile_megabyte_costs_no_more_than_its_length(unit):
    line = unit * (30_000 // len(unit))
    began = time.monotonic()
    whole(("1. " + line + "\n") * 20 + "答案\n" + ("1. " + line + "x\n") * 14)
    whole(unit * (1_000_000 // len(unit)) + "x")
    assert time.monotonic() - began < 30


def test_a_line_longer_than_a_cell_is_refused_alone():
    reading, _fates = chinese.account(tuple(lines_of("1. 题（A）\nA. 甲 B. 乙\n" + "长" * 40_000)), "plain")
    assert len(reading.accepted) == 1
    assert [one.where for one in reading.refused] == ["第3行"]


def test_text_is_decoded_by_what_it_holds():
    assert decoded("直播".encode("gb18030")) == "直播"
    assert decoded(b"\xff\xff\xff") is None
