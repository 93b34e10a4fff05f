"""Rubrics add up, marks are exact, the part is the mean over every task."""

from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from courses.homework.logic import RubricFault, mark_of, mean_of, part_mark, points_of, read_rubric
from courses.homework.services import rubrics
from courses.homework.types import MOVES, ItemState, RubricData, Standing

ENTRY: dict[str, Any] = yaml.safe_load(rubrics._FILE.read_text(encoding="utf-8"))[0]
A, B, C = (UUID(int=n) for n in (1, 2, 3))


def rubric(**changes: Any) -> RubricData:
    return read_rubric({**ENTRY, **changes}, uuid=uuid4(), content_hash="a" * 64)


def test_the_shipped_rubric_is_pinned_by_its_hash() -> None:
    # A specification names it by this; another content is another version.
    assert rubrics.rubric_hash(ENTRY) == "7d4a557a104edb66b0d6f1c7fa52750a8dd00d0007c438efa61de799c6a73623"


def test_levels_become_points_and_a_mark() -> None:
    levels = {"H1": "excellent", "H2": "good", "H3": "pass", "H4": "none"}
    assert points_of(rubric(), levels) == {
        "H1": Decimal(40),
        "H2": Decimal("25.5"),
        "H3": Decimal(14),
        "H4": Decimal(0),
    }
    assert mark_of(rubric(), levels) == Decimal("79.5")


@pytest.mark.parametrize("levels", ({}, {"H1": "good"}, dict.fromkeys(("H1", "H2", "H3", "H4"), "splendid")))
def test_every_criterion_has_a_level_of_the_rubric(levels: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="one level"):
        mark_of(rubric(), levels)


def test_half_a_tenth_is_rounded_up() -> None:
    odd = [
        {**ENTRY["criteria"][0], "code": "X", "maximum": "99.5"},
        {**ENTRY["criteria"][0], "code": "Y", "maximum": "0.5"},
    ]
    assert mark_of(rubric(criteria=odd), {"X": "excellent", "Y": "pass"}) == Decimal("99.9")  # 99.85


@pytest.mark.parametrize(
    "changes",
    (
        {"criteria": ENTRY["criteria"][:3]},
        {"criteria": []},
        {"levels": []},
        {"levels": [*ENTRY["levels"], ENTRY["levels"][0]]},
        {"missing": "101"},
        {"version": "first"},
    ),
)
def test_what_does_not_add_up_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(RubricFault):
        rubric(**changes)


def standing(**marks: str) -> Standing:
    names = {"a": A, "b": B, "c": C}
    return Standing(uuid4(), (A, B), {names[name]: Decimal(mark) for name, mark in marks.items()})


@pytest.mark.req("S5-21")
def test_the_part_is_the_mean_over_all_tasks() -> None:
    assert part_mark(standing(a="80.0", b="85.5"), missing=None) == Decimal("82.8")  # 82.75, half up
    assert part_mark(standing(a="80.0"), missing=None) is None
    assert part_mark(standing(a="80.0"), missing=Decimal(0)) == Decimal("40.0")
    assert part_mark(standing(), missing=Decimal(0)) == Decimal("0.0")
    # A task the class no longer has does not count; a class without tasks has no part.
    assert part_mark(standing(a="80.0", b="90.0", c="0.0"), missing=None) == Decimal("85.0")
    assert part_mark(Standing(uuid4(), (), {}), missing=Decimal(0)) is None


@given(st.lists(st.decimals(0, 100, places=1), min_size=1, max_size=30))
def test_a_mean_lies_between_and_has_one_decimal(marks: list[Decimal]) -> None:
    found = mean_of(marks)
    assert found is not None
    assert min(marks) <= found <= max(marks)
    assert found == found.quantize(Decimal("0.1"))
    assert mean_of(list(reversed(marks))) == found


def test_what_is_marked_or_returned_moves_no_more() -> None:
    assert {state for state in ItemState if not MOVES[state]} == {ItemState.RETURNED, ItemState.MARKED}
