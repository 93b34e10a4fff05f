"""The evidence timeline's geometry."""

from hypothesis import given
from hypothesis import strategies as st

from lms.core import timeline


def test_percent_stays_inside() -> None:
    assert [timeline.percent(second, 80) for second in (-1, 0, 20, 80, 99)] == [0.0, 0.0, 25.0, 100.0, 100.0]
    assert timeline.percent(5, 0) == 0.0


def test_a_moment_is_wide_enough_to_see_and_stays_inside() -> None:
    first = timeline.stretch(10, 10, 1000, tone="bad", label="")
    last = timeline.stretch(1000, 1000, 1000, tone="bad", label="")
    assert (first.x, first.width) == (1.0, 0.6)
    assert (last.x, last.width) == (99.4, 0.6)


def test_wave_fills_the_box_and_leaves_silence_small() -> None:
    assert timeline.wave([0.5, 0.25]) == ("M0.5 2V98M1.5 26V74", 2)
    assert timeline.wave([0.001, 0.0]) == ("M0.5 48V52M1.5 48V52", 2)
    assert timeline.wave([]) == ("", 1)


def test_many_peaks_are_folded_to_the_highest() -> None:
    path, width = timeline.wave([0.1, 0.9] * 300)
    assert width == 200
    assert path.count("V98") == 200


@given(st.floats(min_value=0.5, max_value=20_000))
def test_ticks_are_few_and_round(duration: float) -> None:
    seconds = timeline.tick_seconds(duration)
    assert seconds[0] == 0
    assert len(seconds) <= 9
    assert seconds[-1] <= duration


def test_ticks_of_a_minute_and_a_bit() -> None:
    drawn = timeline.ticks(73, [str(second) for second in timeline.tick_seconds(73)])
    assert [(tick.seconds, tick.anchor, tick.minor) for tick in drawn] == [
        (0, "start", False),
        (10, "middle", True),
        (20, "middle", False),
        (30, "middle", True),
        (40, "middle", False),
        (50, "middle", True),
        (60, "middle", False),
        (70, "middle", True),
    ]
