"""A trainee in training and a lesson to study, with beats as a page sends them."""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.test import Client

from courses.classes.models import TrainingClass
from courses.enrolment.models import Enrolment
from courses.enrolment.services import start_training
from courses.studytime.models import StudyStream
from courses.studytime.services import open_stream, receive_beats, study_ticket
from courses.studytime.tickets import Pass, Ticket, opened
from tests.courses.school import FIRST_DAY, admitted
from tests.courses.school import opened as opened_class
from tests.media_pipeline.cast import NOW, Cast

LESSON = UUID("6f0e0c1e-0000-4000-8000-000000000001")
NEXT = UUID("6f0e0c1e-0000-4000-8000-000000000002")
# 10:00 in Shanghai on the first day.
MORNING = NOW.replace(year=FIRST_DAY.year, month=FIRST_DAY.month, day=FIRST_DAY.day, hour=2, minute=0)


def in_training(
    cast: Cast, *who: str, key: str = "demonstration", **changes: Any
) -> tuple[TrainingClass, list[Enrolment]]:
    """A class in training with these trainees."""
    row = opened_class(cast, key, **changes)
    rows = [admitted(cast, row, one) for one in who or ("owner",)]
    start_training(by=cast.acting("school_admin"), training_class=row, now=NOW)
    row.refresh_from_db()
    for one in rows:
        one.refresh_from_db()
    return row, rows


def leave_for(enrolment: Enrolment, *, lesson: UUID = LESSON, minutes: int = 60, at: datetime = MORNING) -> Pass:
    """A stream opened at a moment."""
    clock = study_ticket(enrolment=enrolment, lesson=lesson, online_minutes=minutes, now=at)
    ticket = opened(Ticket, clock.ticket, now_ms=0)
    assert ticket
    text, _row = open_stream(ticket=ticket, nonce=uuid4(), device=uuid4(), now=at)
    leave = opened(Pass, text, now_ms=0)
    assert leave
    return leave


def said(first: int, number: int, *, flags: int = 1) -> list[list[Any]]:
    """Beats every 20 s, of which every 45th answers the question."""
    return [
        [i, i * 20_000, 20_000, 0, flags | (4 if i % 45 == 0 else 0), None, 100] for i in range(first, first + number)
    ]


def study(enrolment: Enrolment, minutes: int, *, lesson: UUID = LESSON, cap: int = 60, at: datetime = MORNING) -> Pass:
    """Honest study: three beats a minute, each minute in one request."""
    leave = leave_for(enrolment, lesson=lesson, minutes=cap, at=at)
    for minute in range(minutes):
        receive_beats(leave=leave, beats=said(minute * 3 + 1, 3), now=at + timedelta(minutes=minute + 1))
    return leave


def send(client: Client, url: str, leave: str, body: Any) -> Any:
    return client.post(url, json.dumps(body), content_type="application/json", headers={"X-Kaibo-Study": leave})


def stream_of(leave: Pass) -> StudyStream:
    return StudyStream.objects.get(pk=leave.stream)


def ids(rows: Iterable[Enrolment]) -> list[int]:
    return [row.pk for row in rows]
