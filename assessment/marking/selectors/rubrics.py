"""Rubrics in the reader's language, and the rules they carry."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import get_language, pgettext

from assessment.marking.logic import band_ranges, offered_scores, quantum_of, step_of
from assessment.marking.models import Panel, Rubric
from assessment.marking.types import BandView, MarkingRules, PanelKind


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
    """One criterion of a rubric that carries marks at its level; of short answers a question, whose bands are the scores a
    desk offers. position, version: of such a question, else 0 and None."""

    code: str
    title: str
    observed: str
    maximum: Decimal
    step: Decimal
    bands: list[BandView]
    checks: tuple[str, ...]
    position: int = 0
    version: UUID | None = None

    @property
    def quantum(self) -> Decimal:
        """The decimals of its scores."""
        return quantum_of(self.maximum, self.step)


def criterion_code(position: int) -> str:
    """What the criterion of a short answer is called: Q31."""
    return f"Q{position}"


def criteria_for(panel: Panel) -> list[Criterion]:
    """What the panel's examiners score: of a booklet what was answered."""
    criteria = criteria_of(panel.rubric)
    return criteria if panel.asked is None else [each for each in criteria if each.code in panel.asked]


def waived_in(panel: Panel) -> list[Criterion]:
    """The criteria of a video that a decision waives: nobody scores them."""
    if panel.asked is None or panel.kind != PanelKind.VIDEO:
        return []
    return [each for each in criteria_of(panel.rubric) if each.code not in panel.asked]


def whole_of(panel: Panel) -> Decimal:
    """The marks of what the panel's examiners score."""
    return sum((each.maximum for each in criteria_for(panel)), Decimal(0))


def criteria_of(rubric: Rubric) -> list[Criterion]:
    """In the rubric's order; a criterion without marks at this level is left out."""
    content = rubric.content
    if is_of_answers(rubric):
        return [_question(entry) for entry in content["criteria"]]
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


def _question(entry: dict[str, Any]) -> Criterion:
    maximum = Decimal(entry["maximum"])
    return Criterion(
        code=entry["code"],
        title=pgettext("booklet", "Question %(position)d") % {"position": entry["position"]},
        observed="",
        maximum=maximum,
        step=step_of(maximum),
        bands=[BandView(score_code(score), "", score, score, "") for score in offered_scores(maximum)],
        checks=(),
        position=entry["position"],
        version=UUID(entry["version"]),
    )


def score_code(score: Decimal) -> str:
    """What the key of a score is called: 1.5."""
    return f"{score.normalize():f}"


def is_of_answers(rubric: Rubric) -> bool:
    """Made from a paper's short-answer questions; it has criteria and marks, no bands and no deductions."""
    return rubric.content.get("kind") == PanelKind.ANSWERS


def rubric_title(rubric: Rubric) -> str:
    """What pages call it."""
    return pgettext("panel", "Short answers") if is_of_answers(rubric) else said(rubric.content, "title")


def band_label(rubric: Rubric, code: str) -> str:
    """优秀, 良好, 合格, 不合格."""
    return next(said(band, "label") for band in rubric.content["bands"] if band["code"] == code)


def places_of(criteria: Iterable[Criterion]) -> int:
    """How many decimals their scores and totals have: 1, or 2 where a question needs them."""
    return max((-int(each.quantum.as_tuple().exponent) for each in criteria), default=1)


def maximum_of(rubric: Rubric) -> Decimal:
    """The marks of all criteria together: 100 for a video; for a booklet those of all its questions, answered or not."""
    return sum((Decimal(entry["maximum"]) for entry in rubric.content["criteria"]), Decimal(0))
