"""Who studies, who looks on, who answers."""

from functools import cache
from pathlib import Path

import yaml

from courses.classes.models import TrainingClass
from courses.classes.types import ClassState
from courses.learning.logic.path import PathRules, rules_of
from lms.accounts.api import Acting, Role, may, records_of

# A teacher answers within so many days (S5-19 asks for timely answers and names no number: the platform's proposal).
ANSWER_WITHIN_DAYS = 3
# Longest texts, in characters.
NOTE_MAX, QUESTION_MAX, ANSWER_MAX = 10000, 1000, 3000
# Reminders go out this many days before a deadline, and on its day.
REMIND_DAYS = (3, 0)

_PATH_FILE = Path(__file__).with_name("data") / "path_rules.yaml"


@cache
def path_rules() -> PathRules:
    """The rules of recommended paths in force."""
    return rules_of(yaml.safe_load(_PATH_FILE.read_text(encoding="utf-8")))


def teaches(acting: Acting, row: TrainingClass) -> bool:
    """Whether she is one of its instructors."""
    if acting.role is not Role.INSTRUCTOR or acting.person is None:
        return False
    return row.instructors.filter(person__uuid__in=records_of([acting.person])[acting.person]).exists()


def may_answer(acting: Acting, row: TrainingClass) -> bool:
    """Whether she answers the questions of a class: its teacher alone."""
    return acting.role is Role.INSTRUCTOR and may(acting, "lesson_question", "update", own=teaches(acting, row))


def may_set_deadlines(acting: Acting, row: TrainingClass) -> bool:
    """Whether she sets until when a class studies: its teacher or its institution, while it is not over."""
    if row.state in {ClassState.CLOSED, ClassState.CANCELLED}:
        return False
    if acting.role is Role.INSTITUTION_ADMIN:
        return acting.organisation == row.institution.uuid and may(
            acting, "study", "update", place=row.institution.path
        )
    return acting.role is Role.INSTRUCTOR and may(acting, "study", "update", own=teaches(acting, row))
