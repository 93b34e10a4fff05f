"""Words for parts, grades and states, in the reader's language."""

from decimal import Decimal

from django.utils.translation import pgettext

from assessment.results.types import GradeState, PartGrade
from assessment.specification.types import Part
from lms.core.types import Level
from lms.policies.types import Grade


def part_label(part: Part) -> str:
    """理论考试, 视频作品 …"""
    return {
        Part.THEORY: pgettext("part", "Theory"),
        Part.VIDEO: pgettext("part", "Selling video"),
        Part.HOMEWORK: pgettext("part", "Homework"),
        Part.OPERATION: pgettext("part", "Practical operation"),
        Part.CLASS_PERFORMANCE: pgettext("part", "Class performance"),
    }[part]


def grade_label(grade: Grade) -> str:
    """优秀, 良好, 合格, 不合格."""
    return {
        Grade.EXCELLENT: pgettext("grade", "Excellent"),
        Grade.GOOD: pgettext("grade", "Good"),
        Grade.PASS: pgettext("grade", "Pass"),
        Grade.FAIL: pgettext("grade", "Fail"),
    }[grade]


def grade_tone(grade: str) -> str:
    """The tone of a grade's tag; "" is a grade that is still missing a part."""
    if not grade:
        return "notrun"
    return "bad" if grade == Grade.FAIL else "ok"


def state_label(state: GradeState, *, pending: bool) -> tuple[str, str]:
    """The tag of a state: its words and its tone."""
    if pending and state is GradeState.COMPUTED:
        return pgettext("grade decision", "A part is missing"), "notrun"
    return {
        GradeState.COMPUTED: (pgettext("grade decision", "To be confirmed"), "now"),
        GradeState.CHIEF_CONFIRMED: (pgettext("grade decision", "To be released"), "now"),
        GradeState.PUBLISHED: (pgettext("grade decision", "Released"), "ok"),
        GradeState.SUPERSEDED: (pgettext("grade decision", "Replaced"), "mute"),
    }[state]


def level_label(level: int) -> str:
    """五级/初级工 in Chinese, its name in English."""
    return {
        Level.ELEMENTARY: pgettext("level", "Elementary"),
        Level.INTERMEDIATE: pgettext("level", "Intermediate"),
        Level.ADVANCED: pgettext("level", "Advanced"),
        Level.TECHNICIAN: pgettext("level", "Technician"),
        Level.SENIOR_TECHNICIAN: pgettext("level", "Senior technician"),
    }[Level(level)]


def score(mark: Decimal) -> str:
    """One decimal: 82.0."""
    return f"{mark:.1f}"


def whole(mark: Decimal) -> str:
    """A pass mark as people say it: 60, or 60.5 where it is no whole number."""
    return f"{mark:.1f}".removesuffix(".0")


def verdict(part: PartGrade) -> str:
    """合格, 不合格, or — while it is missing."""
    if part.passed is None:
        return pgettext("part", "not there yet")
    return grade_label(Grade.PASS) if part.passed else grade_label(Grade.FAIL)
