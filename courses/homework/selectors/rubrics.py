"""Rubrics of practice tasks, and marks in words."""

from decimal import Decimal

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from assessment.api import PartRule
from courses.homework.logic import points_of, read_rubric
from courses.homework.models import HomeworkMark, HomeworkRubric
from courses.homework.types import CriterionMark, HomeworkRefused, MarkView, RubricCriterion, RubricData, RubricLevel

# Where no specification names one.
DEFAULT_KEY = "practice_task"


def data_of(row: HomeworkRubric) -> RubricData:
    """One row as typed data."""
    return read_rubric(row.content, uuid=row.uuid, content_hash=row.content_hash)


def rubric_for(rule: PartRule | None) -> RubricData:
    """The very version the specification names, or the newest of ours. Raises HomeworkRefused ("rubric")."""
    rows = HomeworkRubric.objects.all()
    if rule is None:
        row = rows.filter(key=DEFAULT_KEY).order_by("-version").first()
    else:
        row = rows.filter(key=rule.rubric_key, content_hash=rule.rubric_hash).first()
    if row is None:
        raise HomeworkRefused(
            _("The rubric that the class is marked by is not installed here. Ask the administrator."), code="rubric"
        )
    return data_of(row)


def chinese() -> bool:
    """Whether the reader reads Chinese."""
    return (get_language() or "zh").startswith("zh")


def title_of(rubric: RubricData) -> str:
    """Its title and version."""
    said = {"title": rubric.title if chinese() else rubric.title_en, "version": rubric.version}
    return _("%(title)s, version %(version)d") % said


def criterion_title(criterion: RubricCriterion) -> str:
    """In the reader's language."""
    return criterion.title if chinese() else criterion.title_en


def level_label(level: RubricLevel) -> str:
    """In the reader's language."""
    return level.label if chinese() else level.label_en


def mark_view(row: HomeworkMark) -> MarkView:
    """A mark with its lines; `row` with its rubric."""
    rubric = data_of(row.rubric)
    points = points_of(rubric, row.levels)
    levels = {level.code: level for level in rubric.levels}
    return MarkView(
        mark=row.mark,
        lines=tuple(
            CriterionMark(
                title=criterion_title(each),
                level_label=level_label(levels[row.levels[each.code]]),
                points=points[each.code].quantize(Decimal("0.1")),
                maximum=each.maximum,
            )
            for each in rubric.criteria
        ),
        words=row.words,
        number=row.version,
        at=row.created_at,
        rubric=title_of(rubric),
    )
