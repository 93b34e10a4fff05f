from decimal import Decimal
from typing import Any

import pytest

from assessment.specification.logic import SpecificationFault, hash_of, read_papers, read_parts, read_quorum
from assessment.specification.types import Paper, Part, Quorum

HASH = "a" * 64


def part(name: str, weight: str, **changes: Any) -> dict[str, Any]:
    named = (
        {"blueprint_key": "b", "blueprint_hash": HASH} if name == "theory" else {"rubric_key": "r", "rubric_hash": HASH}
    )
    return {"part": name, "weight": weight, "pass_mark": "60", **named, **changes}


@pytest.mark.req("S5-21")
def test_four_parts_whose_weights_sum_to_a_hundred() -> None:
    parts = [part("theory", "40"), part("homework", "10"), part("operation", "40"), part("class_performance", "10")]
    assert [rule.part for rule in read_parts({"parts": parts})] == [
        Part.THEORY,
        Part.HOMEWORK,
        Part.OPERATION,
        Part.CLASS_PERFORMANCE,
    ]
    with pytest.raises(SpecificationFault, match="sum to 100"):
        read_parts({"parts": [*parts[:3], part("class_performance", "10.5")]})


@pytest.mark.req("S5-22")
def test_what_people_mark_needs_a_rubric() -> None:
    with pytest.raises(SpecificationFault, match="rubric"):
        read_parts({"parts": [part("video", "100", rubric_key="")]})
    with pytest.raises(SpecificationFault, match="rubric"):
        read_parts({"parts": [part("video", "100", rubric_hash="short")]})


def test_a_blueprint_belongs_to_theory_alone() -> None:
    with pytest.raises(SpecificationFault, match="blueprint"):
        read_parts({"parts": [part("theory", "100", blueprint_hash="")]})
    with pytest.raises(SpecificationFault, match="only theory"):
        read_parts({"parts": [part("video", "100", blueprint_key="b", blueprint_hash=HASH)]})


@pytest.mark.parametrize(
    "parts",
    (
        [],
        [part("video", "50"), part("video", "50")],
        [part("video", "0"), part("operation", "100")],
        [part("video", "100", pass_mark="101")],
        [part("video", "100", resits=-1)],
        [part("dance", "100")],
        [{"part": "video"}],
    ),
)
def test_what_does_not_add_up_is_a_fault(parts: list[dict[str, Any]]) -> None:
    with pytest.raises(SpecificationFault):
        read_parts({"parts": parts})


def test_the_quorum_is_odd() -> None:
    assert read_quorum({}) == Quorum(3, True, Decimal(15))
    for said in ({"minimum": 4}, {"minimum": 0, "odd": False}, {"spread_limit": -1}, {"minimum": "three"}):
        with pytest.raises(SpecificationFault):
            read_quorum({"quorum": said})
    assert read_quorum({"quorum": {"minimum": 2, "odd": False}}).minimum == 2


def test_papers_are_three_kinds() -> None:
    assert read_papers({"papers": ["completion_certificate"]}) == (Paper.COMPLETION_CERTIFICATE,)
    with pytest.raises(SpecificationFault):
        read_papers({"papers": ["certificate"]})


def test_the_hash_does_not_depend_on_the_order_of_keys() -> None:
    assert hash_of({"a": 1, "b": [1]}) == hash_of({"b": [1], "a": 1}) != hash_of({"a": 2, "b": [1]})
