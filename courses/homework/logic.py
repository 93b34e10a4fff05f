"""Reading a rubric, from levels to a mark, from marks to the part. Pure."""

import json
from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from fractions import Fraction
from typing import Any
from uuid import UUID

from courses.homework.types import RubricCriterion, RubricData, RubricLevel, Standing

_TENTH = Decimal("0.1")
_HUNDRED = Decimal(100)


class RubricFault(ValueError):
    """A rubric's content cannot be read or does not add up."""


def read_rubric(content: Mapping[str, Any], *, uuid: UUID, content_hash: str) -> RubricData:
    """An entry of our file, checked: maxima sum to 100, codes are unique, shares lie in 0..100. Raises RubricFault."""
    try:
        levels = tuple(
            RubricLevel(
                code=str(entry["code"]),
                label=str(entry["label"]),
                label_en=str(entry["label_en"]),
                share=int(entry["share"]),
                descriptor=str(entry["descriptor"]),
                descriptor_en=str(entry["descriptor_en"]),
            )
            for entry in content["levels"]
        )
        criteria = tuple(
            RubricCriterion(
                code=str(entry["code"]),
                title=str(entry["title"]),
                title_en=str(entry["title_en"]),
                maximum=Decimal(str(entry["maximum"])),
                observed=str(entry["observed"]),
                observed_en=str(entry["observed_en"]),
            )
            for entry in content["criteria"]
        )
        missing = Decimal(str(content["missing"]))
        rubric = RubricData(
            uuid=uuid,
            key=str(content["key"]),
            version=int(content["version"]),
            content_hash=content_hash,
            title=str(content["title"]),
            title_en=str(content["title_en"]),
            levels=levels,
            criteria=criteria,
            missing=missing,
        )
    except (KeyError, TypeError, ValueError, InvalidOperation) as fault:
        raise RubricFault(f"a rubric cannot be read: {fault!r}") from fault
    _check(rubric)
    return rubric


def _check(rubric: RubricData) -> None:
    if not rubric.levels or not rubric.criteria:
        raise RubricFault("a rubric has levels and criteria")
    for codes in ([level.code for level in rubric.levels], [each.code for each in rubric.criteria]):
        if len(set(codes)) != len(codes):
            raise RubricFault("a code is used twice")
    if any(not 0 <= level.share <= 100 for level in rubric.levels):
        raise RubricFault("a level's share lies between 0 and 100")
    if any(each.maximum <= 0 for each in rubric.criteria) or sum(each.maximum for each in rubric.criteria) != _HUNDRED:
        raise RubricFault("the maxima of the criteria are above 0 and sum to 100")
    if not 0 <= rubric.missing <= _HUNDRED:
        raise RubricFault("what a missing task counts lies between 0 and 100")


def points_of(rubric: RubricData, levels: Mapping[str, str]) -> dict[str, Decimal]:
    """Criterion → points, exact. Raises ValueError unless every criterion has one of the rubric's levels."""
    shares = {level.code: level.share for level in rubric.levels}
    wanted = [each.code for each in rubric.criteria]
    if sorted(levels) != sorted(wanted) or not set(levels.values()) <= set(shares):
        raise ValueError("every criterion has one level of the rubric")
    return {each.code: each.maximum * shares[levels[each.code]] / _HUNDRED for each in rubric.criteria}


def mark_of(rubric: RubricData, levels: Mapping[str, str]) -> Decimal:
    """0 to 100, one decimal, half up. Raises ValueError as `points_of`."""
    return sum(points_of(rubric, levels).values(), Decimal(0)).quantize(_TENTH, rounding=ROUND_HALF_UP)


def mean_of(marks: Sequence[Decimal]) -> Decimal | None:
    """The mean to one decimal, half up, rounded once from the exact sum; None of nothing."""
    if not marks:
        return None
    tenths = sum((Fraction(mark) for mark in marks), Fraction(0)) / len(marks) * 10
    whole, rest = divmod(tenths.numerator, tenths.denominator)
    return Decimal(whole + (2 * rest >= tenths.denominator)).scaleb(-1)


def part_mark(standing: Standing, *, missing: Decimal | None) -> Decimal | None:
    """The mean over every task of the class; one without a mark counts `missing`. None while one is open (`missing` None),
    and for a class without tasks. A mark for a task the class no longer has does not count."""
    if not standing.tasks:
        return None
    found = [standing.marks.get(task, missing) for task in standing.tasks]
    counted = [mark for mark in found if mark is not None]
    return mean_of(counted) if len(counted) == len(found) else None


def canonical(content: Mapping[str, Any]) -> str:
    """One text for the same content, whatever the order of keys."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, default=str)
