"""Times beside captions, as typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courses.videos.logic import read_time, show_time


@pytest.mark.parametrize(
    "typed, seconds",
    (
        ("0:05.2", 5.2),
        ("1：02", 62.0),
        (" 1:02:03.45 ", 3723.45),
        ("90:00", 5400.0),
        ("０：０７．５", 7.5),
        ("1:60", None),
        ("1:60:00", None),
        ("65", None),
        ("", None),
        ("-0:01", None),
        ("0:1e3", None),
        ("9" * 500 + ":00", None),
    ),
)
def test_what_people_type(typed: str, seconds: float | None) -> None:
    assert read_time(typed) == seconds


@given(st.integers(0, 3 * 3600 * 100))
def test_what_is_shown_is_read_back(hundredths: int) -> None:
    assert read_time(show_time(hundredths / 100)) == hundredths / 100
