import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.core.types import ProductKind
from media_pipeline.management.commands.check_text import answer
from media_pipeline.rulepacks.api import check, current_pack


def run(*lines, product=None):
    out, err = io.StringIO(), io.StringIO()
    data = b"".join((line if isinstance(line, bytes) else json.dumps(line).encode()) + b"\n" for line in lines)
    bad = answer(io.BytesIO(data), out, err, current_pack(), product)
    return [json.loads(line) for line in out.getvalue().splitlines()], err.getvalue().splitlines(), bad


def test_offsets_are_of_the_text_as_given():
    text = "🍵𠮷今天全網第一㎏，İ ＴＯＰ１，电话１３８００００１２３４"
    ((row,), errors, bad) = run({"id": "a", "text": text})
    assert (row["id"], errors, bad) == ("a", [], 0)
    assert [(item["rule"], item["text"]) for item in row["findings"]] == [
        ("ABS-22", "全網第一"),
        ("ABS-23", "ＴＯＰ１"),
        ("PRIV-03", "电话１３８００００１２３４"),
    ]
    for item in row["findings"]:
        assert text[item["start"] : item["end"]] == item["text"]
        assert set(item) == {"category", "severity", "start", "end", "text", "rule", "suspected"}


def test_the_product_of_the_line_goes_before_the_option():
    answers, _, _ = run(
        {"id": 1, "text": "干了这杯"},
        {"id": 2, "text": "干了这杯", "product": "tea"},
        {"id": 3, "text": "干了这杯", "product": None},
        product=ProductKind.ALCOHOL,
    )
    assert [len(row["findings"]) for row in answers] == [1, 0, 1]


def test_bad_lines_are_told_by_number_and_the_others_answered():
    answers, errors, bad = run(
        {"id": 1, "text": "最好"},
        b"{",
        b"",
        b'{"id": 4, "text": "\xff"}',
        {"text": "x"},
        {"id": 6, "text": None},
        {"id": 7, "text": "x", "product": "toys"},
        b"[1]",
        {"id": 9, "text": "\ud83c"},
        b"[" * 100_000,
        {"id": 11, "text": ""},
    )
    assert [row["id"] for row in answers] == [1, 11]
    assert [line.partition(":")[0] for line in errors] == [f"line {number}" for number in (2, 4, 5, 6, 7, 8, 9, 10)]
    assert bad == 8


@given(
    st.text(alphabet="全網第一最低价降血壓①㎏İ🍵𠮷。，a1 不是１", max_size=40), st.sampled_from([None, *ProductKind])
)
def test_every_finding_lies_in_its_text(text, product):
    for item in check(current_pack(), text, product):
        assert 0 <= item.start < item.end <= len(text)
        assert item.text == text[item.start : item.end]


@pytest.mark.parametrize("line", ("\u2028", "a\u0085b", "\x00"))
def test_a_line_ends_at_a_line_feed_alone(line):
    answers, errors, _ = run({"id": 1, "text": f"全网{line}第一"})
    assert len(answers) == 1
    assert errors == []
