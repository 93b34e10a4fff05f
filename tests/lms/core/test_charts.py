"""Bars from zero, computed by hand."""

import pytest

from lms.core.charts import (
    BarPart,
    BulletBar,
    NestedBar,
    ShareBar,
    bullet_bars,
    columns,
    nested_bars,
    scatter,
    share_bars,
)

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


def test_columns_fill_the_scale_and_those_below_the_line_are_told_apart() -> None:
    chart = columns([0, 1, 4, 2], most=100, line=50)
    assert [column.label for column in chart.columns] == ["", "1", "4", "2"]
    assert [column.hot for column in chart.columns] == [True, True, False, False]
    tallest = chart.columns[2]
    assert (tallest.y, tallest.height) == (12.0, 88.0)
    assert tallest.y + tallest.height == chart.columns[1].y + chart.columns[1].height == 100
    assert [tick.label for tick in chart.ticks] == ["0", "20", "40", "60", "80", "100"]
    assert all(column.label == "" for column in columns([0, 0], most=100, line=60).columns)


def test_a_dot_beyond_a_scale_stands_at_its_edge_and_hot_ones_come_last() -> None:
    chart = scatter(
        [("1", 0.5, -0.9, True), ("2", 0.25, 0.2, False)], x=(0, 1), y=(-0.4, 0.8), guides_x=(0.2,), guides_y=(0.2,)
    )
    assert [(dot.label, dot.x, dot.y) for dot in chart.dots] == [("2", 25.0, 50.0), ("1", 50.0, 100.0)]
    assert (chart.guides_x, chart.guides_y) == ((20.0,), (50.0,))
    assert [tick.label for tick in chart.up] == ["\u22120.4", "\u22120.2", "0.0", "0.2", "0.4", "0.6", "0.8"]


def test_share_bars_are_of_a_hundred() -> None:
    chart = share_bars([ShareBar("a", "", 0.4, 1), ShareBar("b", "", None, 3)], keys=((1, "x"),))
    assert [(row.parts, row.missing) for row in chart.rows] == [((BarPart(0, 40, 1),), False), ((), True)]
    assert [tick.label for tick in chart.ticks] == ["0", "50", "100"]
