"""Whether an item has become easier or harder."""

from dataclasses import replace
from math import erfc, sqrt
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessment.statistics.drift import difficulty_drift, facility_drift, false_discovery
from assessment.statistics.rasch import rasch
from assessment.statistics.types import Responses, Same
from tests.assessment.statistics.answers import answers, rasch_answers


def column(right: int, of: int) -> np.ndarray:
    return np.array([[1.0]] * right + [[0.0]] * (of - right))


def test_two_proportions_by_hand() -> None:
    (found,) = facility_drift(answers(column(60, 100)), answers(column(90, 120)))
    # 0.60 and 0.75, together 150 of 220
    z = 0.15 / sqrt(150 / 220 * 70 / 220 * (1 / 100 + 1 / 120))
    assert (found.before, found.after, found.difference) == pytest.approx((0.6, 0.75, 0.15))
    assert found.z == pytest.approx(z)
    assert found.q == found.p == pytest.approx(erfc(z / sqrt(2)))


def test_what_was_not_reached_takes_no_part() -> None:
    some = column(60, 100)
    some[60:80] = -1
    (found,) = facility_drift(answers(some), answers(column(60, 80)))
    assert (found.difference, found.z, found.p) == (0, 0, 1)


def test_items_are_matched_by_version_or_by_question() -> None:
    before = answers(np.hstack([column(60, 100)] * 2))
    items = tuple(replace(item, version=UUID(int=900 + number)) for number, item in enumerate(before.items))
    after = Responses(items[::-1], before.shares[:, ::-1], before.seen, before.chosen)
    assert facility_drift(before, after) == ()
    found = facility_drift(before, after, same=Same.QUESTION)
    assert [row.before_item.question for row in found] == [row.after_item.question for row in found]
    assert len(found) == 2


def test_difficulty_finds_the_item_that_changed_and_forgives_abler_candidates() -> None:
    draw = np.random.default_rng(30)
    known = np.linspace(-1.5, 1.5, 20)
    leaked = known - 1.2 * (np.arange(20) == 7)
    before, after = answers(rasch_answers(draw, known, 3000)), answers(rasch_answers(draw, leaked, 3000, mean=1.0))
    found = difficulty_drift(rasch(before), rasch(after))
    assert [at for at, row in enumerate(found) if row.q < 0.001] == [7]
    # nineteen of twenty differences move by a twentieth of what the one did
    assert found[7].difference == pytest.approx(-1.2 * 19 / 20, abs=0.25)
    assert sum(row.q < 0.001 for row in facility_drift(before, after)) > 15


def test_without_any_change_few_are_flagged() -> None:
    draw = np.random.default_rng(31)
    known = np.linspace(-1.5, 1.5, 40)
    halves = [rasch(answers(rasch_answers(draw, known, 1500))) for _half in range(2)]
    found = difficulty_drift(*halves)
    assert np.std([row.z for row in found]) == pytest.approx(1, abs=0.3)
    assert sum(row.q < 0.05 for row in found) <= 1


def test_items_left_out_do_not_drift() -> None:
    draw = np.random.default_rng(32)
    some = rasch_answers(draw, np.linspace(-1, 1, 6), 300)
    all_right = some.copy()
    all_right[:, 2] = 1
    found = difficulty_drift(rasch(answers(some)), rasch(answers(all_right)))
    assert [row.before_item.version.int for row in found] == [101, 102, 104, 105, 106]


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_false_discovery_keeps_the_order_and_is_never_below_p(p: list[float]) -> None:
    found = false_discovery(np.array(p))
    assert ((found >= np.array(p) - 1e-12) & (found <= 1)).all()
    order = np.argsort(p, kind="stable")
    assert (np.diff(found[order]) >= 0).all()
