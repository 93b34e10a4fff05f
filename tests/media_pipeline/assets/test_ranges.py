"""Byte ranges against RFC 9110, section 14."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_pipeline.assets.ranges import ByteRange, Unsatisfiable, parse_range

LONG = 10**9


@pytest.mark.parametrize(
    "header,expected",
    (
        ("bytes=0-", ByteRange(0, 999, 1000)),
        ("bytes=0-0", ByteRange(0, 0, 1000)),
        ("bytes=500-5000", ByteRange(500, 999, 1000)),
        ("bytes=-1", ByteRange(999, 999, 1000)),
        ("bytes=-5000", ByteRange(0, 999, 1000)),
        ("", None),
        ("bytes=-", None),
        ("bytes=5-2", None),
        ("bytes=0-1,5-6", None),
        ("items=0-1", None),
        ("bytes=١-٢", None),
        ("bytes=0-" + "9" * 5000, None),
        ("bytes=-" + "9" * 5000, None),
    ),
)
def test_a_range_is_read_as_the_standard_says(header: str, expected: ByteRange | None) -> None:
    assert parse_range(header, 1000, longest=LONG) == expected


@pytest.mark.parametrize("header", ("bytes=1000-", "bytes=1000-1001", "bytes=-0"))
def test_a_range_outside_the_file_cannot_be_satisfied(header: str) -> None:
    with pytest.raises(Unsatisfiable):
        parse_range(header, 1000, longest=LONG)


def test_a_long_range_is_cut() -> None:
    assert parse_range("bytes=10-", 1000, longest=100) == ByteRange(10, 109, 1000)


@given(st.integers(0, 50), st.integers(0, 50), st.integers(1, 40), st.integers(1, 20))
def test_what_is_answered_lies_in_what_was_asked(first: int, last: int, size: int, longest: int) -> None:
    try:
        part = parse_range(f"bytes={first}-{last}", size, longest=longest)
    except Unsatisfiable:
        assert first >= size
        return
    if last < first:
        assert part is None
        return
    assert part is not None
    assert part.first == first <= part.last <= min(last, size - 1)
    assert 1 <= part.length <= longest
