"""Classical figures by hand and by what must hold for any answers."""

from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from assessment.statistics.classical import alpha, alpha_without, item_figures, test_figures, thirds
from tests.assessment.statistics.answers import answers, choices

# Five candidates, four items, each harder than the one before.
LADDER = [[1, 1, 1, 1], [1, 1, 1, 0], [1, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0]]

marks = arrays.arrays(
    np.float64,
    arrays.array_shapes(min_dims=2, max_dims=2, min_side=3, max_side=12),
    elements=st.sampled_from([0.0, 0.5, 1.0]),
)


def test_a_ladder_by_hand() -> None:
    found = item_figures(answers(LADDER))
    assert [row.facility for row in found] == pytest.approx([0.8, 0.6, 0.4, 0.2])
    # item 1 and the rest 3 2 1 0 0: covariance 1.2, squares 0.8 and 6.8
    assert found[0].correlation == pytest.approx(1.2 / sqrt(0.8 * 6.8))
    # items 2–4: Σpq 0.64, variance 1.36
    assert found[0].alpha_without == pytest.approx(1.5 * (1 - 0.64 / 1.36))
    assert [row.upper_lower for row in found] == pytest.approx([0.5, 1.0, 1.0, 0.5])


def test_reliability_of_the_ladder_by_hand() -> None:
    found = test_figures(answers(LADDER))
    # KR-20: Σpq 0.8, variance of totals 2.0
    assert found.alpha == pytest.approx(4 / 3 * (1 - 0.8 / 2))
    # deviation √2.5, alpha 0.8
    assert found.error == pytest.approx(sqrt(0.5))
    assert (found.mean, found.median, found.lowest, found.highest, found.maximum) == (2, 2, 0, 4, 4)


def test_what_was_not_reached_is_not_held_against_the_item() -> None:
    found = item_figures(choices(["AA", "AB", "A.", "B-"], key="AA"))[1]
    assert (found.asked, found.reached, found.answered, found.omitted, found.not_reached) == (4, 3, 2, 1, 1)
    assert found.facility == pytest.approx(1 / 3)
    # yet it is worth nothing to whoever did not reach it
    assert test_figures(choices(["AA", "AB", "A.", "B-"], key="AA")).lowest == 0


def test_the_distractor_table_by_hand() -> None:
    # Item 1 is asked about; items 2–4 say how able each of the six is: rest 3 3 2 1 0 0, totals 4 3 3 1 0 0.
    found = item_figures(choices(["AAAA", "BAAA", "AAAB", "CABB", "BBBB", ".BBB"], key="AAAA"))[0]
    table = {row.option: (row.low, row.middle, row.high) for row in found.options}
    assert table == {"A": (0, 1, 1), "B": (1, 1, 0), "C": (0, 1, 0), "D": (0, 0, 0)}
    said = {row.option: row for row in found.options}
    assert said["A"].right
    assert not said["B"].right
    assert [said["A"].share, said["D"].share] == pytest.approx([2 / 6, 0])
    # of thirds of three marks
    assert [said["A"].rest, said["B"].rest] == pytest.approx([5 / 6, 1 / 2])
    assert said["D"].rest is None
    assert found.rest_of_right == pytest.approx(5 / 6)
    # those right have rest 3 2, those of B 3 0, in thirds: Welch's error √((1/36 + 1/4))
    assert said["B"].lead == pytest.approx((1 / 2 - 5 / 6) / sqrt(1 / 36 + 1 / 4))
    assert said["C"].lead is None
    # chosen 1 0 1 0 0 0 with rest 3 3 2 1 0 0: covariance 2, squares 4/3 and 9.5
    assert said["A"].correlation == pytest.approx(2 / sqrt(4 / 3 * 9.5))


def test_forms_with_other_items_have_no_alpha_but_facility() -> None:
    forms = answers([[1, 0, np.nan], [0, 1, np.nan], [np.nan, 1, 1], [np.nan, 0, 1]])
    assert alpha(forms) is None
    assert [row.facility for row in item_figures(forms)] == [0.5, 0.5, 1.0]


def test_without_variance_nothing_is_said() -> None:
    same = answers(np.ones((4, 3)))
    assert alpha(same) is None
    assert [row.correlation for row in item_figures(same)] == [None] * 3


def test_nobody_sat_it() -> None:
    nobody = answers(np.empty((0, 3)))
    assert (test_figures(nobody).mean, test_figures(nobody).candidates) == (None, 0)
    assert [row.facility for row in item_figures(nobody)] == [None] * 3


@given(marks, st.randoms(use_true_random=False))
def test_the_order_of_candidates_and_items_plays_no_part(given_marks: np.ndarray, chance) -> None:
    rows = chance.sample(range(len(given_marks)), len(given_marks))
    columns = chance.sample(range(given_marks.shape[1]), given_marks.shape[1])
    one, other = item_figures(answers(given_marks)), item_figures(answers(given_marks[np.ix_(rows, columns)]))
    for place, column in enumerate(columns):
        assert other[place].facility == pytest.approx(one[column].facility)
        assert other[place].correlation == pytest.approx(one[column].correlation)
        assert other[place].upper_lower == pytest.approx(one[column].upper_lower)
    assert alpha(answers(given_marks[np.ix_(rows, columns)])) == pytest.approx(alpha(answers(given_marks)))


@given(marks)
def test_figures_stay_in_their_bounds(given_marks: np.ndarray) -> None:
    for row in item_figures(answers(given_marks)):
        assert row.facility is not None
        assert 0 <= row.facility <= 1
        assert row.correlation is None or -1 - 1e-9 <= row.correlation <= 1 + 1e-9
    found = alpha(answers(given_marks))
    assert found is None or found <= 1 + 1e-9


@given(marks)
def test_alpha_without_an_item_is_alpha_of_the_others(given_marks: np.ndarray) -> None:
    found = alpha_without(answers(given_marks))
    for item in range(given_marks.shape[1]):
        others = alpha(answers(np.delete(given_marks, item, axis=1)))
        if (
            given_marks.shape[1] >= 3
            and others is not None
            and np.delete(given_marks, item, axis=1).sum(axis=1).var() > 1e-6
        ):
            assert found[item] == pytest.approx(others)


@given(st.lists(st.text("ABCD.-", min_size=4, max_size=4), min_size=1, max_size=15))
def test_every_answer_stands_once_in_the_table(rows: list[str]) -> None:
    for figures in item_figures(choices(rows, key="ABCD")):
        assert sum(row.chosen for row in figures.options) == figures.answered
        assert figures.answered + figures.omitted + figures.not_reached == figures.asked == len(rows)


@given(st.lists(st.integers(0, 8), min_size=1, max_size=40))
def test_equal_totals_are_never_parted_and_thirds_rise(totals: list[int]) -> None:
    found = thirds(np.array(totals, dtype=np.float64))
    by_total = [
        {int(third) for third, total in zip(found, totals, strict=True) if total == each}
        for each in sorted(set(totals))
    ]
    assert all(len(thirds_of_one) == 1 for thirds_of_one in by_total)
    assert [min(one) for one in by_total] == sorted(min(one) for one in by_total)


def test_thirds_of_different_totals_are_equal() -> None:
    assert np.bincount(thirds(np.arange(30.0))).tolist() == [10, 10, 10]
