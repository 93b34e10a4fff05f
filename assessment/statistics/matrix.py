"""From candidates' answers to a matrix. Pure."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from assessment.bank.types import QuestionDocument, QuestionType
from assessment.marking.objective import not_answered
from assessment.statistics.types import Asked, Bools, Floats, Given, Responses, Seen, Sheet

_TRUE_FALSE = ("true", "false")
_CHOICES = frozenset({QuestionType.SINGLE, QuestionType.MULTIPLE})


def asked_of(version: UUID, document: QuestionDocument, marks: Decimal) -> Asked:
    """An item of a paper, with its key: documents come from the bank's door for marking."""
    options: tuple[str, ...] = ()
    key: frozenset[str] = frozenset()
    if document.type in _CHOICES:
        options, key = tuple(option.key for option in document.options), frozenset(document.key.choices)
    elif document.type is QuestionType.TRUE_FALSE:
        options, key = _TRUE_FALSE, frozenset({_TRUE_FALSE[not document.key.truth]})
    return Asked(document.uid, version, document.type, float(marks), options, key)


def given_of(type_: QuestionType, position: int, response: Any, marks: Decimal | None) -> Given:
    """An answer out of a stored response and its mark; a malformed one is an answer that chose nothing."""
    chosen: frozenset[str] = frozenset()
    if type_ in _CHOICES and isinstance(response, list):
        chosen = frozenset(option for option in response if isinstance(option, str))
    elif type_ is QuestionType.TRUE_FALSE and isinstance(response, bool):
        chosen = frozenset({_TRUE_FALSE[not response]})
    return Given(position, not not_answered(response), None if marks is None else float(marks), chosen)


def seen_of(asked: Bools, answered: Bools, positions: NDArray[np.integer], timed_out: Bools) -> NDArray[np.uint8]:
    """Codes of `Seen`, candidates × items. positions: where each item stood for each candidate, any increasing numbers.

    Left empty at the end of a paper whose time ran out: the first such item was seen and left, those behind it were never
    reached (the convention of TIMSS and PISA).
    """
    order = np.where(asked, positions, np.iinfo(np.int64).max)
    rank = np.argsort(np.argsort(order, axis=1, kind="stable"), axis=1, kind="stable")
    last = np.where(answered & asked, rank, -1).max(axis=1, initial=-1)
    beyond = (rank > last[:, None] + 1) & timed_out[:, None]
    seen = np.where(answered, Seen.ANSWERED, np.where(beyond, Seen.NOT_REACHED, Seen.OMITTED))
    return np.where(asked, seen, Seen.NOT_ASKED).astype(np.uint8)


def responses_of(items: Sequence[Asked], sheets: Iterable[Sheet]) -> Responses:
    """The matrix of these sheets. An answer that nobody has marked yet (marks None) counts as not asked."""
    place = {item.version: column for column, item in enumerate(items)}
    bits = [{option: 1 << number for number, option in enumerate(item.options)} for item in items]
    rows = list(sheets)
    shape = (len(rows), len(items))
    shares: Floats = np.full(shape, np.nan)
    asked, answered = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool)
    positions = np.zeros(shape, dtype=np.int64)
    chosen = np.zeros(shape, dtype=np.uint32)
    for row, sheet in enumerate(rows):
        for version, given in sheet.answers.items():
            column = place.get(version)
            if column is None or (given.answered and given.marks is None):
                continue
            shares[row, column] = (given.marks or 0.0) / items[column].maximum
            asked[row, column], answered[row, column] = True, given.answered
            positions[row, column] = given.position
            chosen[row, column] = sum(bits[column].get(option, 0) for option in given.chosen)
    timed_out = np.fromiter((sheet.timed_out for sheet in rows), dtype=bool, count=len(rows))
    return Responses(tuple(items), shares, seen_of(asked, answered, positions, timed_out), chosen)
