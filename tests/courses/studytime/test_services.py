"""Opening, taking in and summing: what a page sends, what a cheat sends, and that the sums are the ledger's."""

import json
import random
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from courses.classes.models import TrainingClass
from courses.enrolment.models import Enrolment
from courses.enrolment.services import let_leave
from courses.studytime.logic import counted
from courses.studytime.models import Beat, StudyDay, StudyStream, StudyTotal
from courses.studytime.selectors import counted_seconds, humans, ledgers, lesson_sums
from courses.studytime.services import counted_online_hours, open_stream, receive_beats, refresh_days, study_ticket
from courses.studytime.tickets import Pass, Ticket, opened, sealed
from courses.studytime.types import StudyRefused
from lms.accounts.api import Person
from lms.accounts.corrections.events import PersonsMerged
from lms.core import events
from tests.courses.studytime.desk import LESSON, MORNING, NEXT, in_training, leave_for, said, send, study
from tests.media_pipeline.cast import Cast

HOUR = timedelta(hours=1)


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """The clock of the site: its last entry."""
    moments = [MORNING]
    monkeypatch.setattr("lms.core.clock.now", lambda: moments[-1])
    return moments


def test_a_page_opens_reports_and_is_told(cast: Cast, at: list[datetime]) -> None:
    _row, [mine] = in_training(cast)
    clock = study_ticket(enrolment=mine, lesson=LESSON, online_minutes=20, now=MORNING)
    assert (clock.required_s, clock.counted_s, clock.note) == (1200, 0, "")
    browser = Client()  # nobody signed in: the header alone counts
    answer = send(browser, "/study-time/open", clock.ticket, {"nonce": str(uuid4()), "device": str(uuid4())})
    leave = answer.json()["pass"]
    at.append(MORNING + timedelta(minutes=2))
    assert send(browser, "/study-time/beat", leave, said(1, 6)).json()["taken"] == 6
    assert send(browser, "/study-time/count", leave, {}).json() == {"counted_s": 120}
    assert "sessionid" not in answer.cookies
    assert answer["Cache-Control"] == "no-store"


def test_a_day_opens_three_hundred_pages_and_the_lesson_is_read_on(
    cast: Cast, at: list[datetime], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("courses.studytime.services.STREAMS_A_DAY", 2)
    _row, [mine, hers] = in_training(cast, "owner", "colleague")

    def opening(enrolment: Enrolment, nonce: UUID | None = None) -> Any:
        ticket = study_ticket(enrolment=enrolment, lesson=LESSON, online_minutes=20, now=at[-1]).ticket
        return send(Client(), "/study-time/open", ticket, {"nonce": str(nonce or uuid4()), "device": str(uuid4())})

    first = uuid4()
    assert [opening(mine, first).status_code, opening(mine).status_code] == [200, 200]
    refused = opening(mine)
    assert (refused.status_code, refused.json()["refused"], bool(refused.json()["message"])) == (409, "many", True)
    # What was opened goes on, also after a lost answer; others and tomorrow are not touched.
    assert [opening(mine, first).status_code, opening(hers).status_code] == [200, 200]
    at.append(MORNING + timedelta(days=1))
    assert opening(mine).status_code == 200


def test_what_cannot_be_read_is_refused(cast: Cast, at: list[datetime]) -> None:
    _row, [mine] = in_training(cast)
    ticket = study_ticket(enrolment=mine, lesson=LESSON, online_minutes=20, now=MORNING).ticket
    for url, leave in (("/study-time/open", ticket), ("/study-time/beat", sealed(leave_for(mine)))):
        answer = Client().post(url, "[" * 16_000, content_type="application/json", headers={"X-Kaibo-Study": leave})
        assert answer.status_code == 400


def test_what_no_leave_covers_is_refused(cast: Cast, at: list[datetime]) -> None:
    _row, [mine] = in_training(cast)
    browser = Client(enforce_csrf_checks=True)
    ticket = study_ticket(enrolment=mine, lesson=LESSON, online_minutes=20, now=MORNING).ticket
    leave = leave_for(mine)
    opening = {"nonce": str(uuid4()), "device": str(uuid4())}
    for url, text in (
        ("/study-time/open", ""),
        ("/study-time/open", sealed(leave)),  # a pass is no ticket
        ("/study-time/open", ticket[:-2] + "AA"),
        ("/study-time/beat", ticket),
        ("/study-time/beat", "x.y"),
        ("/study-time/count", "漢"),
    ):
        answer = browser.post(
            url,
            json.dumps(opening),
            content_type="application/json",
            headers={"X-Kaibo-Study": text.encode().decode("latin-1")},
        )
        assert answer.status_code == 403
    changed = sealed(leave).partition(".")
    other = sealed(Pass(leave.stream + 1, leave.person, leave.enrolment, leave.lesson, 0, leave.until_ms)).partition(
        "."
    )
    assert send(browser, "/study-time/beat", f"{other[0]}.{changed[2]}", said(1, 1)).status_code == 403
    assert send(browser, "/study-time/beat", sealed(leave), said(1, 61)).status_code == 400
    assert send(browser, "/study-time/beat", sealed(leave), "x" * 20_000).status_code == 400
    at.append(MORNING + timedelta(hours=13))
    assert send(browser, "/study-time/beat", sealed(leave), said(1, 1)).status_code == 403
    assert Beat.objects.count() == 0


def test_malformed_beats_are_left_out_and_good_ones_kept(cast: Cast) -> None:
    _row, [mine] = in_training(cast)
    leave = leave_for(mine)
    bad = [
        None,
        [],
        [1] * 8,
        [0, 0, 0, 0, 0, None, 100],
        [1, -1, 0, 0, 0, None, 100],
        [1, 1.5, 0, 0, 0, None, 100],
        [1, True, 0, 0, 0, None, 100],
        [1, 10**12, 0, 0, 0, None, 100],
        [1, 1, 1, 1, 9, None, 100],
        ["1", 1, 1, 1, 1, None, 100],
    ]
    assert receive_beats(leave=leave, beats=[*bad, *said(1, 1)], now=MORNING + timedelta(minutes=1)) == 1
    assert Beat.objects.count() == 1


def test_replayed_requests_leave_the_ledger_as_it_was(cast: Cast) -> None:
    _row, [mine] = in_training(cast)
    leave = leave_for(mine)
    for _again in range(3):
        receive_beats(leave=leave, beats=said(1, 6), now=MORNING + timedelta(minutes=2))
    # The same numbers with better flags and later moments: the first word stands.
    forged = [[seq, at_ms + 60_000, *rest] for seq, at_ms, *rest in said(1, 6)]
    receive_beats(leave=leave, beats=forged, now=MORNING + timedelta(minutes=4))
    assert Beat.objects.count() == 6
    refresh_days()
    assert counted_seconds(mine.pk, LESSON) == 120


def test_ten_thousand_beats_in_a_burst_cost_little_and_earn_nothing(cast: Cast) -> None:
    _row, [mine] = in_training(cast)
    leave = leave_for(mine)
    now = MORNING + timedelta(minutes=2)
    taken = sum(receive_beats(leave=leave, beats=said(i, 60), now=now) for i in range(1, 10_001, 60))
    # 120 at first and one in two seconds: what a page can send in that time, the rest is never stored.
    assert taken == Beat.objects.count() == 180
    refresh_days()
    assert counted_seconds(mine.pk, LESSON) == 120


def test_a_stream_opens_once_however_often_its_answer_was_lost(cast: Cast) -> None:
    _row, [mine] = in_training(cast)
    text = study_ticket(enrolment=mine, lesson=LESSON, online_minutes=20, now=MORNING).ticket
    ticket = opened(Ticket, text, now_ms=0)
    assert ticket
    nonce, device = uuid4(), uuid4()
    first, row = open_stream(ticket=ticket, nonce=nonce, device=device, now=MORNING)
    second, again = open_stream(ticket=ticket, nonce=nonce, device=device, now=MORNING + HOUR)
    assert (first, row) == (second, again)
    assert StudyStream.objects.count() == 1


def test_nothing_runs_outside_the_training(cast: Cast) -> None:
    row, [mine] = in_training(cast)
    early = study_ticket(enrolment=mine, lesson=LESSON, online_minutes=20, now=MORNING - timedelta(days=1))
    late = study_ticket(enrolment=mine, lesson=LESSON, online_minutes=20, now=MORNING + timedelta(days=6))
    on_site = study_ticket(enrolment=mine, lesson=LESSON, online_minutes=0, now=MORNING)
    assert [bool(clock.note) and not clock.ticket for clock in (early, late, on_site)] == [True] * 3
    ticket = opened(
        Ticket, study_ticket(enrolment=mine, lesson=LESSON, online_minutes=20, now=MORNING).ticket, now_ms=0
    )
    assert ticket
    let_leave(by=cast.acting("school_admin"), enrolment=mine, reason="她不学了", now=MORNING)
    with pytest.raises(StudyRefused):
        open_stream(ticket=ticket, nonce=uuid4(), device=uuid4(), now=MORNING)
    assert row.ends_on == (MORNING + timedelta(days=5)).date()


def whole(cast_person: int) -> dict[tuple[int, object], int]:
    """A full recount of one human being from the ledger alone: enrolment and lesson → seconds."""
    roots = humans([cast_person])
    [ledger] = ledgers(roots, None).values()
    made = counted(ledger.streams, ledger.beats, ledger.logged, capped=True)
    return {key: ms // 1000 for key, ms in made.ms.items()}


def test_the_sums_are_a_full_recount_whatever_the_order(cast: Cast) -> None:
    """Three days, two lessons, midnight crossed, beats shuffled over requests, sums made in between."""
    _row, [mine] = in_training(cast)
    rng = random.Random(4)
    sent: list[tuple[datetime, Pass, list[object]]] = []
    for opened_at in (
        MORNING,
        MORNING + timedelta(minutes=7),
        MORNING.replace(hour=15, minute=50),
        MORNING + timedelta(days=2),
    ):
        lesson = LESSON if len(sent) % 2 else NEXT
        leave = leave_for(mine, lesson=lesson, minutes=25, at=opened_at)
        sent += [
            (opened_at + timedelta(milliseconds=beat[1], minutes=rng.randrange(20)), leave, beat)
            for beat in said(1, 60)
        ]
    sent.sort(key=lambda one: one[0])
    for i, (now, leave, beat) in enumerate(sent):
        receive_beats(leave=leave, beats=[beat], now=now)
        if i % 50 == 0:
            refresh_days()
    refresh_days()
    sums = lesson_sums([mine.pk])
    assert sums == whole(mine.person_id)
    assert set(sums.values()) == {25 * 60}  # the caps bite
    assert StudyTotal.objects.values("day").distinct().count() == 3
    # Made from nothing, they are the same.
    StudyTotal.objects.all().delete()
    StudyDay.objects.update(stale=True)
    refresh_days()
    assert lesson_sums([mine.pk]) == sums


@pytest.mark.req("S3-16")
def test_the_counted_online_hours_of_a_class(cast: Cast) -> None:
    row, [mine, hers] = in_training(cast, "owner", "colleague")
    study(mine, 45)
    study(mine, 44, lesson=NEXT, at=MORNING + 2 * HOUR)
    hours = counted_online_hours(row)
    assert hours[mine.uuid].seconds == 89 * 60
    assert (hours[mine.uuid].hours, hours[mine.uuid].hour_minutes) == (Decimal("1.9"), 45)
    assert hours[hers.uuid].seconds == 0
    # Where the class was planned with longer hours, an hour is longer.
    TrainingClass.objects.filter(pk=row.pk).update(hour_minutes=60)
    row.refresh_from_db()
    assert counted_online_hours(row)[mine.uuid].hours == Decimal("1.4")


def test_a_class_is_counted_in_few_queries(cast: Cast) -> None:
    row, enrolled = in_training(cast, "owner", "colleague")
    study(enrolled[0], 3)
    with CaptureQueriesContext(
        connection,
    ) as one:
        counted_online_hours(row)
    for enrolment in enrolled:
        study(enrolment, 3, at=MORNING + HOUR)
    with CaptureQueriesContext(connection) as both:
        counted_online_hours(row)
    assert len(one) == len(both)


def test_merged_records_are_one_human_being(cast: Cast) -> None:
    _row, [mine, hers] = in_training(cast, "owner", "colleague")
    study(mine, 10)
    study(hers, 10)
    refresh_days()
    assert lesson_sums([mine.pk, hers.pk]) == {(mine.pk, LESSON): 600, (hers.pk, LESSON): 600}
    Person.objects.filter(pk=hers.person_id).update(merged_into=mine.person_id)
    events.publish(PersonsMerged(kept=mine.person.uuid, merged=hers.person.uuid, merge=uuid4(), at=MORNING))
    refresh_days()
    assert lesson_sums([mine.pk, hers.pk]) == {(mine.pk, LESSON): 600}


def test_a_beat_is_two_statements_and_no_session(cast: Cast, at: list[datetime]) -> None:
    _row, [mine] = in_training(cast)
    leave = sealed(leave_for(mine))
    at.append(MORNING + timedelta(minutes=1))
    browser = cast.client("owner")
    with CaptureQueriesContext(connection) as asked:
        send(browser, "/study-time/beat", leave, said(1, 3))
    statements = [query["sql"] for query in asked if not query["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    assert len(statements) == 2
