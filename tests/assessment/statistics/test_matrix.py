"""From sheets to a matrix."""

from decimal import Decimal
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessment.bank.types import Key, Option, Place, QuestionDocument, QuestionType
from assessment.statistics.matrix import asked_of, given_of, responses_of, seen_of
from assessment.statistics.types import Asked, Given, Responses, Seen, Sheet
from lms.core.types import Level

ITEMS = (
    Asked(UUID(int=1), UUID(int=11), QuestionType.SINGLE, 2.0, tuple("ABC"), frozenset("B")),
    Asked(UUID(int=2), UUID(int=12), QuestionType.MULTIPLE, 3.0, tuple("ABCD"), frozenset("AC")),
    Asked(UUID(int=3), UUID(int=13), QuestionType.SHORT, 5.0),
)
ONE, TWO, THREE = (item.version for item in ITEMS)


def seen_as(signs: str, *, timed_out: bool = True) -> str:
    """One candidate in her order: x answered, _ empty; what comes of it: a answered, o omitted, n not reached."""
    answered = np.array([[sign == "x" for sign in signs]])
    positions = np.arange(1, len(signs) + 1)[None, :]
    found = seen_of(np.ones_like(answered), answered, positions, np.array([timed_out]))
    return "".join({Seen.ANSWERED: "a", Seen.OMITTED: "o", Seen.NOT_REACHED: "n"}[Seen(code)] for code in found[0])


@pytest.mark.parametrize(
    "signs, found",
    (("xxxx", "aaaa"), ("x_x_", "aoao"), ("xx__", "aaon"), ("x____", "aonnn"), ("____", "onnn"), ("_xx_", "oaao")),
)
def test_the_first_left_at_the_end_was_seen_the_rest_not_reached(signs: str, found: str) -> None:
    assert seen_as(signs) == found


def test_who_hands_in_early_has_reached_everything() -> None:
    assert seen_as("x____", timed_out=False) == "aoooo"


@given(st.text("x_", min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_her_own_order_counts_not_the_columns(signs: str, chance) -> None:
    columns = chance.sample(range(len(signs)), len(signs))
    answered = np.array([[signs[place] == "x" for place in columns]])
    found = seen_of(np.ones_like(answered), answered, 10 * np.array([columns]), np.array([True]))[0]
    straight = dict(zip(columns, found, strict=True))
    assert "".join("?aon"[straight[place]] for place in range(len(signs))) == seen_as(signs)


def test_sheets_become_shares_codes_and_choices() -> None:
    found = responses_of(
        ITEMS,
        [
            Sheet(
                {
                    ONE: Given(2, answered=True, marks=2.0, chosen=frozenset("B")),
                    TWO: Given(1, answered=True, marks=1.5, chosen=frozenset("AD")),
                }
            ),
            Sheet({ONE: Given(1, answered=False, marks=0.0), TWO: Given(2, answered=False, marks=None)}),
        ],
    )
    np.testing.assert_equal(found.shares, [[1, 0.5, np.nan], [0, 0, np.nan]])
    assert found.seen.tolist() == [
        [Seen.ANSWERED, Seen.ANSWERED, Seen.NOT_ASKED],
        [Seen.OMITTED, Seen.NOT_REACHED, Seen.NOT_ASKED],
    ]
    assert found.chosen.tolist() == [[0b010, 0b1001, 0], [0, 0, 0]]


def test_what_waits_for_people_is_not_wrong() -> None:
    found = responses_of(ITEMS, [Sheet({THREE: Given(1, answered=True, marks=None)})])
    assert found.seen.tolist() == [[Seen.NOT_ASKED] * 3]


def document(type_: QuestionType, key: Key, options: str = "") -> QuestionDocument:
    shown = tuple(Option(letter, letter) for letter in options)
    return QuestionDocument(UUID(int=1), type_, Place(Level.ELEMENTARY), "题干", key, shown)


@pytest.mark.parametrize(
    "type_, key, options, response, found",
    (
        (QuestionType.SINGLE, Key(choices=("B",)), "ABC", ["B"], (("A", "B", "C"), {"B"}, {"B"})),
        (QuestionType.MULTIPLE, Key(choices=("A", "C")), "ABCD", ["D", "A"], (tuple("ABCD"), {"A", "C"}, {"A", "D"})),
        (QuestionType.TRUE_FALSE, Key(truth=False), "", True, (("true", "false"), {"false"}, {"true"})),
        (QuestionType.TRUE_FALSE, Key(truth=True), "", False, (("true", "false"), {"true"}, {"false"})),
        (QuestionType.ORDERING, Key(choices=("B", "A")), "AB", ["A", "B"], ((), set(), set())),
        (QuestionType.FILL, Key(blanks=(("七",),)), "", ["A"], ((), set(), set())),
        (QuestionType.SINGLE, Key(choices=("B",)), "ABC", {"B": [7]}, (("A", "B", "C"), {"B"}, set())),
    ),
)
def test_a_question_and_a_response_become_options_and_choices(type_, key, options, response, found) -> None:
    item = asked_of(ONE, document(type_, key, options), Decimal("1.5"))
    given_answer = given_of(type_, 4, response, Decimal(1))
    assert (item.options, set(item.key), set(given_answer.chosen)) == found
    assert (item.maximum, given_answer.position, given_answer.answered, given_answer.marks) == (1.5, 4, True, 1.0)


def test_nothing_said_is_no_answer() -> None:
    assert not given_of(QuestionType.FILL, 1, ["", None], Decimal(0)).answered


@pytest.mark.parametrize("share", (1.5, -0.1, np.nan))
def test_a_matrix_that_cannot_be_is_refused(share: float) -> None:
    codes = np.array([[Seen.ANSWERED]], dtype=np.uint8)
    with pytest.raises(ValueError, match="shares lie between"):
        Responses(ITEMS[:1], np.array([[share]]), codes, np.zeros((1, 1), dtype=np.uint32))
