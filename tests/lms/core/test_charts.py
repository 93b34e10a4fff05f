"""Bars from zero, computed by hand."""

import pytest

from lms.core.charts import BarPart, BulletBar, NestedBar, bullet_bars, nested_bars

KEYS = ((3, "opened"), (5, "half"), (1, "finished"))


def test_nested_bars_end_where_their_figures_say() -> None:
    chart = nested_bars([NestedBar("a", "", (30, 20, 10)), NestedBar("b", "", (4, 4, 0))], most=40, keys=KEYS)
    assert chart.rows[0].parts == (BarPart(0, 25, 1), BarPart(25, 25, 5), BarPart(50, 25, 3))
    # Nobody finished and nobody stopped before the half: one stretch is left, from zero.
    assert chart.rows[1].parts == (BarPart(0, 10, 5),)
    assert [(tick.x, tick.label) for tick in chart.ticks] == [(0, "0"), (25, "10"), (50, "20"), (75, "30"), (100, "40")]


def test_what_was_not_measured_is_a_gap_and_zero_is_a_bar_of_no_length() -> None:
    chart = nested_bars([NestedBar("a", "", None), NestedBar("b", "", (0, 0, 0))], most=3, keys=KEYS)
    assert [(row.missing, row.parts) for row in chart.rows] == [(True, ()), (False, ())]
    [gap, nothing] = bullet_bars(
        [BulletBar("a", "", None, 20), BulletBar("b", "", 0, 20)], series=1, words="", mark_words=""
    ).rows
    assert (gap.missing, gap.parts, gap.mark) == (True, (), 100)
    assert (nothing.missing, nothing.parts, nothing.mark) == (False, (), 100)


def test_a_bullet_bar_stands_beside_its_plan_on_one_scale() -> None:
    chart = bullet_bars(
        [BulletBar("a", "", 34, 20, hot=True), BulletBar("b", "", 10, 40)], series=1, words="", mark_words=""
    )
    # 40 is cut into four tens; the one the finding speaks of is highlighted.
    assert [tick.label for tick in chart.ticks] == ["0", "10", "20", "30", "40"]
    assert [(row.parts, row.mark) for row in chart.rows] == [
        ((BarPart(0, 85, 2),), 50),
        ((BarPart(0, 25, 1),), 100),
    ]


@pytest.mark.parametrize(
    "most,labels",
    (
        (1, ["0", "1"]),
        (7, ["0", "2", "4", "6"]),
        (45, ["0", "20", "40"]),
        (600, ["0", "200", "400", "600"]),
        (5000, ["0", "2,000", "4,000"]),
    ),
)
def test_ticks_are_round_and_at_most_five(most: int, labels: list[str]) -> None:
    chart = nested_bars([], most=most, keys=KEYS)
    assert [tick.label for tick in chart.ticks] == labels


def test_figures_that_do_not_hold_each_other_are_refused() -> None:
    for figures in ((1, 2, 0), (9, 0, 0)):
        with pytest.raises(ValueError, match="holds the next"):
            nested_bars([NestedBar("a", "", figures)], most=4, keys=KEYS)


def test_no_bars_at_all() -> None:
    assert [tick.label for tick in nested_bars([], most=0, keys=KEYS).ticks] == ["0", "1"]
    assert bullet_bars([], series=1, words="", mark_words="").rows == ()
