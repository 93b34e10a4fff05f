"""Self-checks of published lessons on their way into the bank's practice pool, which papers never draw from.

A lesson was approved with its questions by two people; what it says live is what the pool says.
"""

from datetime import datetime

from django.db import transaction

from assessment.api import Key, Option, Place, PracticeItem, QuestionDocument, QuestionType, Step, offer_practice
from courses.catalogue.logic import checks_of, from_json
from courses.catalogue.models import CoursePage, LessonPage, LessonVersion, LevelPage, LiveLesson
from courses.catalogue.types import CheckBlock, CheckKind
from lms.core import clock
from lms.core.types import Level

# Of modules without a code of their own.
_NO_CODE = "—"
_CODE_MAX = 10
_KINDS = {CheckKind.SINGLE: QuestionType.SINGLE, CheckKind.MULTIPLE: QuestionType.MULTIPLE}
_TRUE, _FALSE = frozenset({"对", "正确", "√", "是"}), frozenset({"错", "错误", "×", "不对", "否"})


def practise(page: LessonPage, version: LessonVersion, now: datetime) -> int:
    """Offer what a page shows live to the practice pool; how many questions changed there."""
    course = CoursePage.objects.ancestor_of(page).last()
    level = LevelPage.objects.ancestor_of(page).last()
    if course is None or level is None:
        return 0
    return _offer(version, Level(level.level), course.code, now)


def _offer(version: LessonVersion, level: Level, code: str, now: datetime) -> int:
    lesson = from_json(version.document)
    place = Place(
        level=level,
        topic=code[:_CODE_MAX] or _NO_CODE,
        step=Step.UNDERSTAND,
        source=f"课程《{lesson.title}》",
    )
    items = [PracticeItem(_document(check, place), version.by) for check in checks_of(lesson)]
    return offer_practice(lesson=lesson.uid, items=items, now=now)


def _document(check: CheckBlock, place: Place) -> QuestionDocument:
    right = tuple(option.key for option in check.options if option.correct)
    truth = _truth(check)
    return QuestionDocument(
        uid=check.uid,
        type=QuestionType.TRUE_FALSE if truth is not None else _KINDS.get(check.kind, QuestionType.SINGLE),
        place=Place(
            level=place.level,
            topic=place.topic,
            step=place.step,
            clause=check.clause or place.source,
            source=place.source,
        ),
        stem=check.stem,
        key=Key(truth=truth) if truth is not None else Key(choices=right),
        options=() if truth is not None else tuple(Option(option.key, option.text) for option in check.options),
        explanation=check.explanation,
    )


def _truth(check: CheckBlock) -> bool | None:
    """The answer of a true/false check whose two answers say so; any other pair of answers is a choice."""
    if check.kind is not CheckKind.TRUE_FALSE:
        return None
    said = {option.text.strip(): option.correct for option in check.options}
    true = [correct for text, correct in said.items() if text in _TRUE]
    false = [correct for text, correct in said.items() if text in _FALSE]
    return true[0] if len(true) == len(false) == 1 and true != false else None


@transaction.atomic
def load_practice() -> int:
    """The self-checks of lessons that were live before there was a practice pool; returns questions made or changed.

    Lessons already there say the same and change nothing.
    """
    live = LiveLesson.objects.filter(page__live=True).select_related("version", "page").order_by("page__path")
    courses = {row.path: row.code for row in CoursePage.objects.all()}
    levels = {row.path: row.level for row in LevelPage.objects.all()}
    step, now, changed = LessonPage.steplen, clock.now(), 0
    for row in live:
        path = row.page.path
        code, level = courses.get(path[:-step]), levels.get(path[: -2 * step])
        if code is not None and level is not None:
            changed += _offer(row.version, Level(level), code, now)
    return changed
