"""Rubrics in the reader's language, and the rules they carry."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import get_language

from assessment.marking.logic import band_ranges
from assessment.marking.models import Rubric
from assessment.marking.types import BandView, MarkingRules


def rubric_of(key: str, content_hash: str) -> Rubric | None:
    """The very version a specification names; None when it is not installed."""
    return Rubric.objects.filter(key=key, content_hash=content_hash).first()


def said(entry: dict[str, Any], name: str) -> str:
    """A text of our data in the reader's language."""
    chinese = (get_language() or "zh").startswith("zh")
    return str(entry[name] if chinese else entry[f"{name}_en"])


def rules_of(rubric: Rubric) -> MarkingRules:
    """Its bands, deductions and the criterion that a breach of severity B empties."""
    content = rubric.content
    points = content["deductions"]
    return MarkingRules(
        bands=tuple((band["code"], band["share"]) for band in content["bands"]),
        compliance=content["compliance"],
        trim_from=content["trim_from"],
        high=points["H"],
        high_cap=points["H_cap"],
        medium=points["M"],
        medium_cap=points["M_cap"],
    )


@dataclass(frozen=True)
class Criterion:
    """One criterion of a rubric that carries marks at its level."""

    code: str
    title: str
    observed: str
    maximum: Decimal
    step: Decimal
    bands: list[BandView]
    checks: tuple[str, ...]


def criteria_of(rubric: Rubric) -> list[Criterion]:
    """In the rubric's order; a criterion without marks at this level is left out."""
    content = rubric.content
    step = Decimal(content["step"])
    return [_criterion(entry, content["bands"], step) for entry in content["criteria"] if entry["maximum"]]


def _criterion(entry: dict[str, Any], bands: list[dict[str, Any]], step: Decimal) -> Criterion:
    maximum = Decimal(entry["maximum"])
    ranges = band_ranges(maximum, step, [band["share"] for band in bands])
    views = [
        BandView(band["code"], said(band, "label"), reach[0], reach[1], said(band, "descriptor"))
        for band, reach in zip(bands, ranges, strict=True)
        if reach is not None
    ]
    return Criterion(
        entry["code"], said(entry, "title"), said(entry, "observed"), maximum, step, views, tuple(entry["checks"])
    )


def band_label(rubric: Rubric, code: str) -> str:
    """优秀, 良好, 合格, 不合格."""
    return next(said(band, "label") for band in rubric.content["bands"] if band["code"] == code)


def maximum_of(rubric: Rubric) -> Decimal:
    """The marks of all criteria together: 100."""
    return Decimal(sum(entry["maximum"] for entry in rubric.content["criteria"]))
