"""What pages draw: scores in steps, items and candidates on one scale."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessment.statistics.logic import analyse, item_person_map, score_steps
from assessment.statistics.rasch import rasch
from assessment.statistics.types import NoRasch
from tests.assessment.statistics.answers import answers, rasch_answers


def test_sixty_of_a_hundred_stands_above_the_line() -> None:
    marks = np.array([[59.99], [60.0], [64.99], [65.0], [100.0], [0.0]])
    found = score_steps(answers(marks, maximum=100.0))
    assert {step: count for step, count in enumerate(found) if count} == {0: 1, 11: 1, 12: 2, 13: 1, 19: 1}


@given(st.lists(st.lists(st.sampled_from([0.0, 0.1, 0.3, 0.7, 1.0]), min_size=3, max_size=3), min_size=1, max_size=20))
def test_every_candidate_stands_in_one_step(marks: list[list[float]]) -> None:
    assert sum(score_steps(answers(marks))) == len(marks)


def test_everybody_and_everything_stands_on_the_map_once() -> None:
    draw = np.random.default_rng(50)
    figures = rasch(answers(rasch_answers(draw, np.linspace(-2, 2, 20), 300)))
    rows = item_person_map(figures)
    assert sum(row.candidates for row in rows) == 300
    assert sum(row.items for row in rows) == 20
    assert {round(later.lowest - row.lowest, 9) for row, later in pairwise(rows)} == {0.5}
    inside = [row.lowest for row in rows if row.items]
    assert min(inside) <= -2 + 0.5
    assert max(inside) >= 2 - 1.0


def test_the_report_is_the_same_whatever_the_order_of_candidates() -> None:
    draw = np.random.default_rng(51)
    some = rasch_answers(draw, np.linspace(-2, 2, 12), 150)
    one, other = analyse(answers(some)), analyse(answers(some[draw.permutation(150)]))
    assert [(flag.code, flag.version) for flag in one.flags] == [(flag.code, flag.version) for flag in other.flags]
    assert one.test.alpha == pytest.approx(other.test.alpha)


def test_papers_that_nobody_shares_have_no_rasch_model() -> None:
    draw = np.random.default_rng(52)
    some = rasch_answers(draw, np.zeros(40), 1500)
    some[draw.random(some.shape) < 0.5] = np.nan
    with pytest.raises(NoRasch) as refused:
        rasch(answers(some))
    assert refused.value.reason == "many"
