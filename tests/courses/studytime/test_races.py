"""Beats that arrive while the day is being added up are never lost from the sums."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from courses.studytime.models import StudyDay
from courses.studytime.selectors import lesson_sums
from courses.studytime.services import receive_beats, refresh_days
from tests.courses.school import lay_rules
from tests.courses.studytime.desk import LESSON, MORNING, in_training, leave_for, said
from tests.media_pipeline.cast import build_cast

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

MINUTES = 30


def test_sums_made_while_beats_arrive() -> None:
    cast = build_cast()
    lay_rules(cast)
    _row, [mine] = in_training(cast)
    leave = leave_for(mine)
    over = threading.Event()

    def send(first: int) -> None:
        try:
            for minute in range(first, MINUTES, 2):
                receive_beats(leave=leave, beats=said(minute * 3 + 1, 3), now=MORNING + timedelta(minutes=MINUTES))
        finally:
            connection.close()

    def add_up() -> None:
        try:
            while not over.is_set():
                refresh_days()
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        adding = pool.submit(add_up)
        sending = [pool.submit(send, first) for first in (0, 1)]
        for each in sending:
            each.exception()
        over.set()
    for each in (adding, *sending):
        each.result()
    refresh_days()
    assert lesson_sums([mine.pk]) == {(mine.pk, LESSON): MINUTES * 60}
    assert not StudyDay.objects.filter(stale=True).exists()
