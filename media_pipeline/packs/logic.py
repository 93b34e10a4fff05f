"""Allowed moves of a pack, and edits of its document. Pure."""

import copy
import math
from collections.abc import Mapping
from typing import Any, Final

from media_pipeline.packs.types import PackState
from media_pipeline.rulepacks.document import Document

MOVES: Final[Mapping[PackState, frozenset[PackState]]] = {
    PackState.DRAFT: frozenset({PackState.REVIEW, PackState.PUBLISHED, PackState.GIVEN_UP}),
    PackState.REVIEW: frozenset({PackState.DRAFT, PackState.PUBLISHED}),
    PackState.PUBLISHED: frozenset({PackState.WITHDRAWN}),
    PackState.WITHDRAWN: frozenset(),
    PackState.GIVEN_UP: frozenset(),
}
# The set of test sentences that people edit; the shipped ones stay as they are.
OWN = "own"
PARTS: Final = ("words", "exceptions", "statements", "categories")


def with_rule(document: Document, rule: Mapping[str, Any]) -> dict[str, Any]:
    """The document with one rule replaced or, where its id is new, added behind the last of its category."""
    rules = [dict(row) for row in document["rules"]]
    places = [place for place, row in enumerate(rules) if row["id"] == rule["id"]]
    if places:
        rules[places[0]] = dict(rule)
    else:
        behind = [place for place, row in enumerate(rules) if row["category"] == rule["category"]]
        rules.insert(behind[-1] + 1 if behind else len(rules), dict(rule))
    return {**copy.deepcopy(dict(document)), "rules": rules}


def with_part(document: Document, name: str, content: Any) -> dict[str, Any]:
    """The document with one of its other parts replaced."""
    return {**copy.deepcopy(dict(document)), name: content}


def with_sentences(document: Document, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The document with people's own test sentences replaced."""
    return with_part(document, "sentences", {**document["sentences"], OWN: rows})


def wilson(part: int, whole: int, z: float = 1.96) -> tuple[float, float]:
    """(low, high) of a share: the score interval of Wilson (1927), 95 % at the given z. Raises ValueError for no counts."""
    if whole <= 0 or not 0 <= part <= whole:
        raise ValueError(f"{part} of {whole}")
    share, square = part / whole, z * z
    middle = share + square / (2 * whole)
    half = z * math.sqrt(share * (1 - share) / whole + square / (4 * whole * whole))
    below = 1 + square / whole
    # The share lies inside; at 0 and 1 rounding would put it a hair outside.
    return max(0.0, min(share, (middle - half) / below)), min(1.0, max(share, (middle + half) / below))
