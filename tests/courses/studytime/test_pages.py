"""Who sees whose time, how an hour was earned, and what goes out."""

import io
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from courses.enrolment.models import Enrolment
from courses.studytime.models import StudyTotal
from courses.studytime.services import receive_beats, refresh_days
from lms.core import audit
from tests.courses.studytime.desk import LESSON, MORNING, NEXT, in_training, leave_for, said, study
from tests.media_pipeline.cast import Cast

HOUR = timedelta(hours=1)


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lms.core.clock.now", lambda: MORNING + 8 * HOUR)


def place(row: Any, name: str, *more: Any) -> str:
    return reverse(f"courses:{name}", args=[row.uuid, *more])


@pytest.fixture
def studied(cast: Cast, at: None) -> tuple[Any, Enrolment]:
    """Ten minutes counted; on a second page five at the same time, two hidden, one reported an hour late."""
    row, [mine] = in_training(cast)
    study(mine, 10)
    second = leave_for(mine, lesson=NEXT, at=MORNING)
    receive_beats(leave=second, beats=said(1, 15), now=MORNING + timedelta(minutes=5))
    receive_beats(leave=second, beats=said(31, 6, flags=0), now=MORNING + timedelta(minutes=12))
    receive_beats(leave=second, beats=said(40, 3), now=MORNING + timedelta(minutes=74))
    refresh_days()
    return row, mine


def test_a_trainee_sees_her_own(cast: Cast, studied: tuple[Any, Enrolment]) -> None:
    row, mine = studied
    page = cast.client("owner").get(reverse("courses:study_time"))
    [one] = page.context["classes"]
    assert (one.class_name, one.seconds) == (row.name, 600)
    assert cast.client("owner").get(place(row, "study_time_person", mine.uuid)).status_code == 200
    assert cast.client("colleague").get(place(row, "study_time_person", mine.uuid)).status_code == 404
    assert cast.client("owner").get(place(row, "study_time_class")).status_code == 403


@pytest.mark.parametrize("who, status", (("school_admin", 200), ("bureau", 200), ("inspector", 404), ("examiner", 403)))
def test_who_reads_a_class(cast: Cast, studied: tuple[Any, Enrolment], who: str, status: int) -> None:
    row, mine = studied
    browser = cast.client(who)
    for url in (place(row, "study_time_class"), place(row, "study_time_person", mine.uuid)):
        assert browser.get(url).status_code == status


def test_another_school_sees_nothing(cast: Cast, studied: tuple[Any, Enrolment]) -> None:
    row, _mine = studied
    assert cast.client("other_admin").get(place(row, "study_time_class")).status_code == 404


def test_any_hour_shows_how_it_was_earned(cast: Cast, studied: tuple[Any, Enrolment]) -> None:
    row, mine = studied
    url = place(row, "study_time_person", mine.uuid)
    day = MORNING.date().isoformat()
    page = cast.client("bureau").get(f"{url}?day={day}&hour=10").context["page"]
    assert [(slot.label, slot.counted_s) for slot in page.days] == [(day, 600)]
    assert [slot.label for slot in page.slots] == ["10:00–11:00"]
    told: dict[str, float] = {}
    for row_ in page.stretches:
        told[row_.reason] = told.get(row_.reason, 0) + float(row_.seconds)
    assert told[""] == 600
    assert sorted(told.values()) == [60, 120, 300, 600]
    assert len(page.beats) == 30 + 15 + 6 + 3
    assert page.rules[0][0] == "1"
    assert page.name == "林*燕" or "*" in page.name
    # An hour without study, nonsense, a day before everything.
    for query in (f"day={day}&hour=3", "day=x&hour=99", "day=2020-01-01"):
        assert cast.client("bureau").get(f"{url}?{query}").status_code == 200


def test_the_auditors_view_and_the_sums_agree(cast: Cast, studied: tuple[Any, Enrolment]) -> None:
    row, mine = studied
    page = cast.client("bureau").get(place(row, "study_time_person", mine.uuid)).context["page"]
    whole = cast.client("bureau").get(place(row, "study_time_class")).context["page"]
    assert page.seconds == whole.rows[0].seconds == 600
    assert sum(total.ms for total in StudyTotal.objects.all()) == 600_000


@pytest.mark.parametrize("kind", ("xlsx", "csv"))
def test_the_export_is_marked_and_recorded(cast: Cast, studied: tuple[Any, Enrolment], kind: str) -> None:
    row, mine = studied
    study(mine, 5, at=MORNING + HOUR)  # not added up yet: the export does it
    answer = cast.client("bureau").get(place(row, "study_time_export", kind))
    assert answer.status_code == 200
    raw = answer.content
    if kind == "csv":
        text = raw.decode("utf-8-sig")
    else:
        book = load_workbook(io.BytesIO(raw))
        assert len(book.worksheets) == 3
        text = "\n".join(",".join(str(cell.value or "") for cell in line) for sheet in book for line in sheet)
    assert str(mine.uuid) in text
    assert ",900," in text
    assert (MORNING + 16 * HOUR).strftime("%Y-%m-%d %H:%M:%S") in text
    assert mine.person.name not in text
    [event] = [one for one in audit.events_of(row.uuid) if one.action == "study_time_exported"]
    assert str(event.actor) == str(cast.uuid("bureau"))
    assert cast.client("bureau").get(place(row, "study_time_export", "pdf")).status_code == 404


def test_query_budgets(cast: Cast, at: None) -> None:
    row, enrolled = in_training(cast, "owner", "colleague")
    study(enrolled[0], 3)
    refresh_days()
    asked = {
        "class": (cast.client("school_admin"), place(row, "study_time_class")),
        "person": (
            cast.client("school_admin"),
            place(row, "study_time_person", enrolled[0].uuid) + "?day=2026-04-15&hour=10",
        ),
        "mine": (cast.client("owner"), reverse("courses:study_time")),
        "classes": (cast.client("bureau"), reverse("courses:study_time")),
    }

    def count() -> dict[str, int]:
        numbers = {}
        for name, (browser, url) in asked.items():
            browser.get(url)
            with CaptureQueriesContext(connection) as queries:
                assert browser.get(url).status_code == 200
            numbers[name] = len(queries)
        return numbers

    few = count()
    for one in enrolled:
        study(one, 3, lesson=NEXT, at=MORNING + HOUR)
        study(one, 3, at=MORNING + 2 * HOUR)
    refresh_days()
    assert count() == few
    assert max(few.values()) <= 30
    assert LESSON != NEXT
