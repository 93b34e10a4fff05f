"""Answers marked by the machine: what holds for every answer, and what a change of key changes. Worked cases: cases/*.csv."""

import json
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessment.bank.types import Key, QuestionType
from assessment.marking.credit import STRICT, WAYS, Credit, CreditPolicy, PolicyFault, policies, read_policy
from assessment.marking.objective import Fact, KeyFault, Outcome, Said, mark, regrade, same_text, struck

T = QuestionType
LETTERS = "ABCDEF"
KEYS = {
    T.SINGLE: Key(choices=("B",)),
    T.MULTIPLE: Key(choices=("A", "C", "D")),
    T.TRUE_FALSE: Key(truth=False),
    T.FILL: Key(blanks=(("七", "7"), ("广告法",), ("GMV",))),
    T.ORDERING: Key(choices=("C", "A", "D", "B")),
    T.MATCHING: Key(pairs=(("1", "B"), ("2", "A"), ("3", "C"))),
    T.SHORT: Key(model="公示证照"),
}
RIGHT: dict[QuestionType, Any] = {
    T.SINGLE: ["B"],
    T.MULTIPLE: ["D", "A", "C"],
    T.TRUE_FALSE: False,
    T.FILL: ["７", " 广告法。", "gmv"],
    T.ORDERING: ["C", "A", "D", "B"],
    T.MATCHING: {"3": "C", "1": "B", "2": "A"},
}

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=6)
    | st.sampled_from(LETTERS),
    lambda inner: (
        st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=3) | st.sampled_from("123"), inner, max_size=4)
    ),
    max_leaves=12,
)
letters = st.lists(st.sampled_from(LETTERS), unique=True, max_size=6)
plausible = st.one_of(
    letters,
    st.booleans(),
    st.lists(st.sampled_from(["七", "７", "广告法", "gmv", "", "x", None]), min_size=3, max_size=3),
    st.dictionaries(st.sampled_from("123"), st.sampled_from(LETTERS), max_size=3),
    st.text(max_size=8),
)
some_marks = st.integers(0, 10_000).map(lambda cents: Decimal(cents).scaleb(-2))
some_policy = st.builds(
    CreditPolicy,
    **{type_.value: st.sampled_from(sorted(ways)) for type_, ways in WAYS.items()},
    share=st.fractions(Fraction(1, 10), Fraction(9, 10)),
)


@given(st.sampled_from(T), json_values | plausible, some_marks, some_policy)
def test_no_answer_breaks_it_and_none_earns_more_than_there_is(
    type_: QuestionType, response: Any, marks: Decimal, policy: CreditPolicy
) -> None:
    found = mark(type_, KEYS[type_], response, marks, policy)
    if found.marks is None or found.share is None:
        assert (type_, found.outcome) == (T.SHORT, Outcome.FOR_PEOPLE)
        return
    assert Decimal(0) <= found.marks <= marks
    assert 0 <= found.share <= 1
    assert found.marks == found.marks.quantize(Decimal("0.01"))
    assert abs(Fraction(found.marks) - Fraction(marks) * found.share) <= Fraction(1, 200)
    assert (found.outcome is Outcome.RIGHT) == (found.share == 1)
    assert found.explained
    assert mark(type_, KEYS[type_], json.loads(json.dumps(response)), marks, policy) == found


@given(st.sampled_from(sorted(RIGHT)), some_marks, some_policy)
def test_a_right_answer_earns_everything_under_every_policy(
    type_: QuestionType, marks: Decimal, policy: CreditPolicy
) -> None:
    found = mark(type_, KEYS[type_], RIGHT[type_], marks, policy)
    assert (found.outcome, found.marks) == (Outcome.RIGHT, marks)


@given(letters, st.randoms(use_true_random=False), some_policy)
def test_the_order_of_chosen_options_plays_no_part(chosen: list[str], chance: Any, policy: CreditPolicy) -> None:
    shuffled = chance.sample(chosen, len(chosen))
    one = mark(T.MULTIPLE, KEYS[T.MULTIPLE], chosen, Decimal(3), policy)
    assert mark(T.MULTIPLE, KEYS[T.MULTIPLE], shuffled, Decimal(3), policy) == one


@given(letters)
def test_strict_is_all_or_nothing_and_no_policy_gives_less(chosen: list[str]) -> None:
    strict = mark(T.MULTIPLE, KEYS[T.MULTIPLE], chosen, Decimal(3), STRICT)
    assert strict.marks == (Decimal(3) if set(chosen) == set("ACD") else Decimal(0))
    for policy in policies().values():
        kinder = mark(T.MULTIPLE, KEYS[T.MULTIPLE], chosen, Decimal(3), policy)
        assert kinder.marks is not None
        assert kinder.marks >= strict.marks


@given(letters)
def test_one_more_right_option_never_costs_and_one_more_wrong_one_never_earns(chosen: list[str]) -> None:
    for policy in policies().values():
        before = mark(T.MULTIPLE, KEYS[T.MULTIPLE], chosen, Decimal(3), policy).share or 0
        for letter in set(LETTERS) - set(chosen):
            after = mark(T.MULTIPLE, KEYS[T.MULTIPLE], [*chosen, letter], Decimal(3), policy).share or 0
            assert after >= before if letter in "ACD" else after <= before


FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)} | {0x20: 0x3000}


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=12))
def test_full_width_is_half_width_and_large_is_small(text: str) -> None:
    assert same_text(text.translate(FULL_WIDTH), text)
    assert same_text(text, text.translate(FULL_WIDTH))
    assert same_text(text.upper(), text.lower())


@given(st.text(max_size=10))
def test_a_text_is_itself_with_space_around_it(text: str) -> None:
    assert same_text(f" \u3000{text}\u00a0", text)


def test_different_numbers_and_an_empty_blank_are_not_the_same() -> None:
    assert not same_text("1 2", "12")
    assert not same_text("1.2", "12")
    assert not same_text("", "%")
    assert not same_text("。", "，")
    assert same_text("％", "%")


def test_what_was_right_and_wrong_is_told() -> None:
    found = mark(T.MULTIPLE, KEYS[T.MULTIPLE], ["B", "A"], Decimal(3), STRICT)
    assert found.explained == (
        Fact(Said.RIGHT, "A"),
        Fact(Said.WRONG, "B"),
        Fact(Said.MISSED, "C"),
        Fact(Said.MISSED, "D"),
    )
    assert "MISSED" not in repr(found)
    blanks = mark(T.FILL, KEYS[T.FILL], ["7", None, "x"], Decimal(3), STRICT)
    assert blanks.explained == (Fact(Said.RIGHT, "1"), Fact(Said.EMPTY, "2"), Fact(Said.WRONG, "3"))


def test_rounding_is_half_up_and_once() -> None:
    thirds = CreditPolicy(multiple=Credit.RIGHT_SHARE)
    assert mark(T.MULTIPLE, KEYS[T.MULTIPLE], ["A"], Decimal("0.5"), thirds).marks == Decimal("0.17")
    half = CreditPolicy(multiple=Credit.FIXED_SHARE)
    assert mark(T.MULTIPLE, KEYS[T.MULTIPLE], ["A"], Decimal("0.05"), half).marks == Decimal("0.03")


@pytest.mark.parametrize("marks", ("-1", "0.333"))
def test_marks_that_are_none_are_ours_to_mend(marks: str) -> None:
    with pytest.raises(KeyFault):
        mark(T.SINGLE, KEYS[T.SINGLE], ["B"], Decimal(marks), STRICT)


@pytest.mark.parametrize("type_", sorted(set(T) - {T.SHORT}))
def test_a_key_of_another_type_is_ours_to_mend(type_: QuestionType) -> None:
    with pytest.raises(KeyFault):
        mark(type_, Key(model="x"), None, Decimal(1), STRICT)


# A change of key.


def answered(*responses: Any) -> list[tuple[UUID, Any]]:
    return [(UUID(int=number), response) for number, response in enumerate(responses)]


def test_a_new_key_raises_some_lowers_others_and_leaves_the_rest() -> None:
    found = regrade(
        T.SINGLE, Key(choices=("B",)), Key(choices=("C",)), answered(["B"], ["C"], ["A"], None), Decimal(2), STRICT
    )
    assert [(change.answer.int, change.difference) for change in found.changed] == [(0, Decimal(-2)), (1, Decimal(2))]
    assert (found.raised, found.lowered, found.unchanged, found.difference) == (1, 1, 2, Decimal(0))


def test_letting_a_second_option_stand_lowers_nobody() -> None:
    found = regrade(
        T.SINGLE, Key(choices=("B",)), Key(choices=("B", "C")), answered(["B"], ["C"], ["B", "C"]), Decimal(2), STRICT
    )
    assert (found.raised, found.lowered, found.unchanged) == (1, 0, 2)


def test_striking_a_question_out_gives_everybody_its_marks() -> None:
    found = regrade(T.TRUE_FALSE, Key(truth=True), None, answered(True, False, None, "?"), Decimal("1.5"), STRICT)
    assert (found.raised, found.unchanged, found.difference) == (3, 1, Decimal("4.5"))
    assert {change.after for change in found.changed} == {struck(Decimal("1.5"))}


def test_what_people_mark_no_key_changes() -> None:
    found = regrade(T.SHORT, Key(model="一"), Key(model="二"), answered("答", None), Decimal(5), STRICT)
    assert (found.changed, found.for_people, found.unchanged) == ((), 1, 1)
    out = regrade(T.SHORT, Key(model="一"), None, answered("答"), Decimal(5), STRICT)
    assert (out.changed, out.for_people) == ((), 1)


@given(st.lists(letters, max_size=6), some_policy)
def test_the_same_key_again_changes_nothing_and_back_again_undoes(
    responses: list[list[str]], policy: CreditPolicy
) -> None:
    given_answers, old, new = answered(*responses), KEYS[T.MULTIPLE], Key(choices=("A", "B"))
    assert regrade(T.MULTIPLE, old, old, given_answers, Decimal(3), policy).changed == ()
    there = regrade(T.MULTIPLE, old, new, given_answers, Decimal(3), policy)
    back = regrade(T.MULTIPLE, new, old, given_answers, Decimal(3), policy)
    assert {one.answer: one.difference for one in there.changed} == {
        one.answer: -one.difference for one in back.changed
    }


# Policies as data.


def test_the_default_we_ship_is_all_or_nothing() -> None:
    assert policies()["strict"] == STRICT == CreditPolicy()


@pytest.mark.parametrize(
    "content",
    (
        {"multiple": "per_part"},
        {"fill": "right_share"},
        {"single": "per_part"},
        {"multiple": "kind"},
        {"essay": "per_part"},
        {"share": "1/0"},
        {"share": "1"},
    ),
    ids=str,
)
def test_a_policy_that_makes_no_sense_is_refused(content: dict[str, str]) -> None:
    with pytest.raises(PolicyFault):
        read_policy(content)
