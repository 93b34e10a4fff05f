"""Answers marked by the machine: what a response is worth under a key, and what a change of key changes. Pure.

Responses are what delivery stores, as JSON gives it back:

| type | response |
|---|---|
| single, multiple | list of option keys, in any order |
| ordering | list of option keys, first to last |
| true_false | true or false |
| fill | list of texts, one a blank; null or "" for an empty one |
| matching | {left key: right key} |
| short | text |
| not answered | null |

What has another shape is worth nothing and says so; it never raises. The key comes from the bank's door for marking, never
from the candidate.
"""

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any
from uuid import UUID

from assessment.bank.exchange.checks import normalise, tidy
from assessment.bank.types import Key, QuestionType
from assessment.marking.credit import Credit, CreditPolicy

CENT = Decimal("0.01")
NOTHING, WHOLE = Fraction(0), Fraction(1)


class Outcome(StrEnum):
    """What became of an answer."""

    NOT_ANSWERED = "not_answered"  # 未作答
    MALFORMED = "malformed"  # 无法识别
    WRONG = "wrong"  # 错
    PARTLY = "partly"  # 部分对
    RIGHT = "right"  # 对
    FOR_PEOPLE = "for_people"  # 待人评


class Said(StrEnum):
    """One fact about an answer."""

    RIGHT = "right"
    WRONG = "wrong"
    MISSED = "missed"  # a right option that was not chosen
    EMPTY = "empty"  # a blank, a place or a left side without anything
    TOO_MANY = "too_many"  # more than one chosen, or more than there are places
    NOT_ANSWERED = "not_answered"
    MALFORMED = "malformed"
    FOR_PEOPLE = "for_people"
    STRUCK = "struck"  # the question was struck out: everybody has its marks


@dataclass(frozen=True)
class Fact:
    """where: an option key, a left key, or the number of a blank or place from 1; "" for the whole answer."""

    said: Said
    where: str = ""


@dataclass(frozen=True)
class Marked:
    """What an answer is worth. marks: 0 to the question's, in hundredths; share: the same before rounding, 0 to 1; both None
    while people have to mark. explained: fact by fact; it tells the key, so it is as secret as the key."""

    outcome: Outcome
    marks: Decimal | None
    share: Fraction | None
    explained: tuple[Fact, ...] = field(default=(), repr=False)


class KeyFault(ValueError):
    """The key does not fit the question's type, or the marks are no marks."""


class _Malformed(Exception):
    """The response has not the shape of its type."""


@dataclass(frozen=True)
class _Judged:
    share: Fraction
    facts: tuple[Fact, ...]


def mark(type_: QuestionType, key: Key, response: Any, marks: Decimal, policy: CreditPolicy) -> Marked:
    """What `response` is worth of `marks` (0 or more, in hundredths; half up to 0.01, once).

    Raises KeyFault when key or marks cannot be: that is ours to mend, and no candidate can cause it.
    """
    if marks < 0 or marks != marks.quantize(CENT):
        raise KeyFault("marks are counted from 0 in hundredths")
    _check(type_, key)
    if not_answered(response):
        return Marked(Outcome.NOT_ANSWERED, _rounded(marks, NOTHING), NOTHING, (Fact(Said.NOT_ANSWERED),))
    try:
        if type_ is QuestionType.SHORT:
            if not isinstance(response, str):
                raise _Malformed
            return Marked(Outcome.FOR_PEOPLE, None, None, (Fact(Said.FOR_PEOPLE),))
        judged = _JUDGES[type_](key, response, policy)
    except _Malformed:
        return Marked(Outcome.MALFORMED, _rounded(marks, NOTHING), NOTHING, (Fact(Said.MALFORMED),))
    outcome = {NOTHING: Outcome.WRONG, WHOLE: Outcome.RIGHT}.get(judged.share, Outcome.PARTLY)
    return Marked(outcome, _rounded(marks, judged.share), judged.share, judged.facts)


def not_answered(response: Any) -> bool:
    """Nothing said: null, an empty list or mapping, nothing but empty texts."""
    if isinstance(response, dict):
        response = list(response.values())
    if isinstance(response, list):
        return all(part is None or (isinstance(part, str) and not tidy(part)) for part in response)
    return response is None or (isinstance(response, str) and not tidy(response))


def same_text(given: str, accepted: str) -> bool:
    """Whether a text typed into a blank is an accepted one: widths, cases, spaces and a mark at the end play no part.

    The same comparison as the bank's when it looks for the same text twice. An accepted text of marks alone ("%", "，") is
    compared as it stands.
    """
    plain = normalise(tidy(given))
    return plain == normalise(tidy(accepted)) if plain else tidy(given) == tidy(accepted)


def _rounded(marks: Decimal, share: Fraction) -> Decimal:
    return Decimal(int(Fraction(marks) * share * 100 + Fraction(1, 2))).scaleb(-2)


def _check(type_: QuestionType, key: Key) -> None:
    fits = {
        QuestionType.TRUE_FALSE: key.truth is not None,
        QuestionType.FILL: bool(key.blanks) and all(key.blanks),
        QuestionType.MATCHING: bool(key.pairs),
        QuestionType.SHORT: True,
    }.get(type_, bool(key.choices))
    if not fits:
        raise KeyFault(f"the key of a {type_} question is missing")


def _letter(given: Any) -> str:
    """An option key as a form or a person keying in a paper gives it: ａ is A."""
    if not isinstance(given, str):
        raise _Malformed
    letter = unicodedata.normalize("NFKC", given).strip().upper()
    if not letter:
        raise _Malformed
    return letter


def _letters(response: Any) -> list[str]:
    if not isinstance(response, list):
        raise _Malformed
    letters = [_letter(given) for given in response]
    if len(set(letters)) < len(letters):
        raise _Malformed
    return letters


def _single(key: Key, response: Any, policy: CreditPolicy) -> _Judged:
    """Where a regrade lets several options stand, each of them alone is right."""
    del policy
    chosen = _letters(response)
    if len(chosen) > 1:
        return _Judged(NOTHING, (Fact(Said.TOO_MANY),))
    right = chosen[0] in key.choices
    return _Judged(Fraction(right), (Fact(Said.RIGHT if right else Said.WRONG, chosen[0]),))


def _multiple(key: Key, response: Any, policy: CreditPolicy) -> _Judged:
    chosen, right = set(_letters(response)), set(key.choices)
    hits, wrong = len(chosen & right), len(chosen - right)
    way = policy.way(QuestionType.MULTIPLE)
    if chosen == right:
        share = WHOLE
    elif way is Credit.RIGHT_MINUS_WRONG:
        share = Fraction(max(0, hits - wrong), len(right))
    elif wrong or not hits or way is Credit.ALL_OR_NOTHING:
        share = NOTHING
    else:
        share = policy.share if way is Credit.FIXED_SHARE else Fraction(hits, len(right))
    facts = [Fact(Said.RIGHT if letter in right else Said.WRONG, letter) for letter in sorted(chosen)]
    return _Judged(share, (*facts, *(Fact(Said.MISSED, letter) for letter in sorted(right - chosen))))


def _true_false(key: Key, response: Any, policy: CreditPolicy) -> _Judged:
    del policy
    if not isinstance(response, bool):
        raise _Malformed
    right = response is key.truth
    return _Judged(Fraction(right), (Fact(Said.RIGHT if right else Said.WRONG),))


def _fill(key: Key, response: Any, policy: CreditPolicy) -> _Judged:
    if not isinstance(response, list) or len(response) != len(key.blanks):
        raise _Malformed
    said = []
    for given, accepted in zip(response, key.blanks, strict=True):
        if given is not None and not isinstance(given, str):
            raise _Malformed
        if given is None or not tidy(given):
            said.append(Said.EMPTY)
        else:
            said.append(Said.RIGHT if any(same_text(given, text) for text in accepted) else Said.WRONG)
    return _by_parts(said, [str(number) for number in range(1, len(said) + 1)], policy.way(QuestionType.FILL))


def _ordering(key: Key, response: Any, policy: CreditPolicy) -> _Judged:
    chosen = _letters(response)
    if len(chosen) > len(key.choices):
        return _Judged(NOTHING, (Fact(Said.TOO_MANY),))
    said = [
        Said.EMPTY if place >= len(chosen) else Said.RIGHT if chosen[place] == right else Said.WRONG
        for place, right in enumerate(key.choices)
    ]
    return _by_parts(said, [str(number) for number in range(1, len(said) + 1)], policy.way(QuestionType.ORDERING))


def _matching(key: Key, response: Any, policy: CreditPolicy) -> _Judged:
    if not isinstance(response, dict):
        raise _Malformed
    chosen = {_letter(left): right for left, right in response.items()}
    lefts = [left for left, _right in key.pairs]
    if len(chosen) < len(response) or not set(chosen) <= set(lefts):
        raise _Malformed
    said = []
    for left, right in key.pairs:
        given = chosen.get(left)
        if not_answered(given):
            said.append(Said.EMPTY)
        else:
            said.append(Said.RIGHT if _letter(given) == right else Said.WRONG)
    return _by_parts(said, lefts, policy.way(QuestionType.MATCHING))


def _by_parts(said: Sequence[Said], where: Sequence[str], way: Credit) -> _Judged:
    right = said.count(Said.RIGHT)
    share = Fraction(right, len(said)) if way is Credit.PER_PART else Fraction(right == len(said))
    return _Judged(share, tuple(Fact(fact, place) for fact, place in zip(said, where, strict=True)))


_JUDGES: dict[QuestionType, Callable[[Key, Any, CreditPolicy], _Judged]] = {
    QuestionType.SINGLE: _single,
    QuestionType.MULTIPLE: _multiple,
    QuestionType.TRUE_FALSE: _true_false,
    QuestionType.FILL: _fill,
    QuestionType.ORDERING: _ordering,
    QuestionType.MATCHING: _matching,
}


# A change of key -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Changed:
    """One answer that a new key is worth another mark. difference: after less before."""

    answer: UUID
    before: Marked
    after: Marked
    difference: Decimal


@dataclass(frozen=True)
class Regraded:
    """The difference a change of key would make, before anybody decides it. changed: in the order of the answers given.

    for_people: answers that people mark or have marked: no key changes them, and striking out is told to people.
    """

    changed: tuple[Changed, ...]
    unchanged: int
    for_people: int

    @property
    def raised(self) -> int:
        """How many gain."""
        return sum(change.difference > 0 for change in self.changed)

    @property
    def lowered(self) -> int:
        """How many lose: the number a decision has to look at first."""
        return sum(change.difference < 0 for change in self.changed)

    @property
    def difference(self) -> Decimal:
        """Over all answers."""
        return sum((change.difference for change in self.changed), Decimal("0.00"))


def struck(marks: Decimal) -> Marked:
    """A question that was struck out: whoever was asked has its marks, answered or not."""
    return Marked(Outcome.RIGHT, _rounded(marks, WHOLE), WHOLE, (Fact(Said.STRUCK),))


def regrade(
    type_: QuestionType,
    old: Key,
    new: Key | None,
    responses: Iterable[tuple[UUID, Any]],
    marks: Decimal,
    policy: CreditPolicy,
) -> Regraded:
    """What changes when `new` takes the place of `old`, over (answer, response); None strikes the question out.

    A single-choice question may be given several right options by it. Nothing is written: the same call is the dry run and
    the source of what is written. Raises KeyFault.
    """
    changed: list[Changed] = []
    unchanged = for_people = 0
    for answer, response in responses:
        before = mark(type_, old, response, marks, policy)
        after = struck(marks) if new is None else mark(type_, new, response, marks, policy)
        if before.marks is None or after.marks is None:
            for_people += 1
        elif before.marks == after.marks:
            unchanged += 1
        else:
            changed.append(Changed(answer, before, after, after.marks - before.marks))
    return Regraded(tuple(changed), unchanged, for_people)
