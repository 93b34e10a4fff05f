"""Matrices of answers for the tests."""

from collections.abc import Iterable
from uuid import UUID

import numpy as np
from numpy.typing import ArrayLike

from assessment.bank.types import QuestionType
from assessment.statistics.types import Asked, Responses, Seen


def column(figures: Iterable[float | None]) -> np.ndarray:
    """Figures of a report as numbers, NaN where nothing is said."""
    return np.array([np.nan if figure is None else figure for figure in figures])


def items(maxima: ArrayLike, options: str = "", key: str = "") -> tuple[Asked, ...]:
    """Items 1, 2, 3… with these marks."""
    return tuple(
        Asked(UUID(int=number), UUID(int=100 + number), QuestionType.SINGLE, maximum, tuple(options), frozenset(key))
        for number, maximum in enumerate(np.asarray(maxima, dtype=np.float64).tolist(), start=1)
    )


def answers(marks: ArrayLike, *, maximum: float = 1.0, seen: ArrayLike | None = None) -> Responses:
    """Candidates × items; NaN was not asked, -1 not reached, everything else answered."""
    given = np.asarray(marks, dtype=np.float64)
    if seen is None:
        seen = np.where(np.isnan(given), Seen.NOT_ASKED, np.where(given < 0, Seen.NOT_REACHED, Seen.ANSWERED))
    return Responses(
        items(np.full(given.shape[1], maximum)),
        np.maximum(given, 0) / maximum,
        np.asarray(seen, dtype=np.uint8),
        np.zeros(given.shape, dtype=np.uint32),
    )


def choices(rows: list[str], key: str, options: str = "ABCD") -> Responses:
    """Single-choice items of one mark, a letter an answer: "A", … or "." for left empty and "-" for not reached; key: a letter an item."""
    seen = np.array([[{".": Seen.OMITTED, "-": Seen.NOT_REACHED}.get(c, Seen.ANSWERED) for c in row] for row in rows])
    asked = tuple(
        Asked(UUID(int=number), UUID(int=100 + number), QuestionType.SINGLE, 1.0, tuple(options), frozenset(letter))
        for number, letter in enumerate(key, start=1)
    )
    right = np.array([[float(c == letter) for c, letter in zip(row, key, strict=True)] for row in rows])
    chosen = np.array([[1 << options.index(c) if c in options else 0 for c in row] for row in rows])
    return Responses(asked, right, seen.astype(np.uint8), chosen.astype(np.uint32))


def rasch_answers(draw: np.random.Generator, difficulty: np.ndarray, candidates: int, mean: float = 0.3) -> np.ndarray:
    """0 and 1, candidates × items, of the Rasch model."""
    ability = draw.normal(mean, 1.0, candidates)
    chance = 1 / (1 + np.exp(difficulty - ability[:, None]))
    return (draw.random(chance.shape) < chance).astype(np.float64)
