"""The practice pool: the self-checks of lessons, apart from what papers draw. Two people let the lesson go live with them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from assessment.bank.exchange.checks import faults, tidied
from assessment.bank.models import Question
from assessment.bank.services.writing import keep, locked, note_move
from assessment.bank.types import Pool, PracticeItem, QuestionState
from lms.accounts.api import INSTALLATION
from lms.core import audit


@transaction.atomic
def offer_practice(*, lesson: UUID, items: Sequence[PracticeItem], now: datetime) -> int:
    """Make the practice pool say what a lesson says now: new checks come in, changed ones get a version, dropped ones retire.

    A topic may be any module's code: a school's own modules are none of the bank's topics. A check that is no sound question
    is left out; the lesson shows it all the same. Returns how many questions changed. The gate is the caller's: a lesson is
    published by its own review.
    """
    changed = 0
    kept: set[UUID] = set()
    for item in sorted(items, key=lambda item: item.document.uid):
        document = tidied(item.document)
        if faults(document) or not document.place.topic:
            continue
        row = locked(document.uid)
        if row is not None and row.pool != Pool.PRACTICE:
            continue  # a name that an exam question has: never moved from one pool to the other
        row, version, fresh = keep(
            row,
            document,
            by=INSTALLATION,
            author=item.author,
            pool=Pool.PRACTICE,
            lesson=lesson,
            now=now,
        )
        kept.add(row.uuid)
        moved = row.state != QuestionState.APPROVED
        if moved:
            before = QuestionState(row.state)
            row.move(QuestionState.APPROVED, now=now, approved=version, lesson=lesson)
            note_move(row, before, by=INSTALLATION, reason="", now=now)
        elif fresh or row.lesson != lesson:
            row.approved, row.lesson = version, lesson
            row.save(update_fields=["approved", "lesson"])
        changed += fresh or moved
    return changed + _retire(lesson, kept, now)


def _retire(lesson: UUID, kept: set[UUID], now: datetime) -> int:
    gone = Question.objects.select_for_update(of=("self",)).filter(
        pool=Pool.PRACTICE, lesson=lesson, state=QuestionState.APPROVED
    )
    count = 0
    for row in gone.exclude(uuid__in=kept).order_by("uuid"):
        row.move(QuestionState.RETIRED, now=now)
        note_move(row, QuestionState.APPROVED, by=INSTALLATION, reason="", now=now)
        audit.record(subject_kind="question", subject=row.uuid, action="retired", actor=None, fields={}, now=now)
        count += 1
    return count
