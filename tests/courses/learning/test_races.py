"""Two devices, two tabs at once: one lesson ends once, no note is lost, one question is asked once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connections

from courses.learning.models import LessonNote, LessonProgress, LessonQuestion, ProgressEvent
from courses.learning.services.notes import save_note
from courses.learning.services.progress import tell
from courses.learning.services.questions import ask
from courses.learning.types import Happening, NoteStale, Place
from lms.core.audit.models import AuditEvent
from tests.courses.lessons import DAY, Taught, taught
from tests.courses.school import lay_rules
from tests.media_pipeline.cast import Cast, build_cast

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
THREADS = 4


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    cast = build_cast()
    lay_rules(cast)
    return cast


@pytest.fixture
def class_(cast: Cast) -> Taught:
    return taught(cast)


def at_once(work: Callable[[int], Any]) -> list[Any]:
    """Results or refusals of `work(0…)`, all begun at one moment, each thread with its own connection."""
    barrier = Barrier(THREADS, timeout=20)

    def run(number: int) -> Any:
        try:
            barrier.wait()
            return work(number)
        except NoteStale as stale:
            return stale
        finally:
            connections.close_all()

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(run, range(THREADS)))


def at(cast: Cast, class_: Taught) -> dict[str, Any]:
    return {"by": cast.acting("owner"), "training_class": class_.row.uuid, "lesson": class_.lesson()}


def test_whatever_arrives_at_once_is_joined_and_the_end_is_told_once(cast: Cast, class_: Taught) -> None:
    fields = at(cast, class_)

    def work(number: int) -> Any:
        kind = Happening.COMPLETED if number % 2 else Happening.READ
        now = DAY + timedelta(seconds=1)
        return tell(**fields, key=uuid4(), kind=kind, place=Place(number + 1), age_ms=1000 - number, now=now)

    at_once(work)
    row = LessonProgress.objects.get()
    assert (ProgressEvent.objects.count(), row.block, row.percent) == (THREADS, THREADS, THREADS * 100 // 8)
    assert AuditEvent.objects.filter(action="lesson_completed").count() == 1


def test_the_same_thing_told_four_times_at_once_is_once(cast: Cast, class_: Taught) -> None:
    fields, key = at(cast, class_), UUID(int=5)
    at_once(lambda _n: tell(**fields, key=key, kind=Happening.READ, place=Place(2), age_ms=0, now=DAY))
    assert ProgressEvent.objects.count() == 1
    at_once(lambda _n: ask(**fields, text="能说吗？", key=key, now=DAY))
    assert LessonQuestion.objects.count() == 1


def test_of_four_notes_at_once_one_is_saved_and_three_are_told(cast: Cast, class_: Taught) -> None:
    fields = at(cast, class_)
    outcome = at_once(lambda number: save_note(**fields, text=f"笔记{number}", revision=0, now=DAY))
    stale = [each for each in outcome if isinstance(each, NoteStale)]
    note = LessonNote.objects.get()
    assert (len(stale), note.revision) == (THREADS - 1, 1)
    assert {each.text for each in stale} == {note.text}
