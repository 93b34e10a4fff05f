"""A closed sitting is marked by the worker; what is missing comes later; what changes makes another mark."""

from decimal import Decimal
from uuid import uuid4

import pytest

from assessment.theory.models import PaperMark
from assessment.theory.selectors import marked_sitting
from tests.assessment.theory.world import MULTIPLE, SINGLE, TRUTH, Room, drawn, marked, right
from tests.assessment.theory.world import opened_on, sat, closed, released

D = Decimal


def newest(attempt) -> PaperMark:
    return PaperMark.objects.filter(attempt=attempt).latest("number")


def test_a_paper_of_objective_questions_is_marked_when_the_sitting_closes(room: Room) -> None:
    paper = drawn(room, SINGLE, MULTIPLE, TRUTH)
    sitting = opened_on(room, paper)
    said = right(paper)
    mine = sat(room, said)
    wrong = sat(room, {**said, 3: ["A"], 4: None}, "colleague")
    sitting = closed(room, sitting)
    assert (sitting.state, newest(mine).mark, newest(wrong).mark) == ("marked", D("100.0"), D("40.0"))
    assert [item.outcome for item in marked_sitting(sitting.uuid)[1].items] == ["right", "right", "wrong", "not_answered"]
    sitting = released(room, sitting)
    assert sitting.state == "released"
