"""Reports as each role may see them; their numbers by hand; the Excel file; one number of queries."""

import io
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from courses.classes.models import TrainingClass
from courses.classes.types import ClassState
from courses.enrolment.models import Enrolment
from courses.enrolment.types import EnrolmentState
from courses.reports.selectors import class_list, person_page, report_page
from courses.studytime.services import counted_online_hours
from lms.core import clock
from lms.core.audit.selectors import events_of
from tests.courses.reports.world import TODAY, Reported, answered, handed, placed, reported, stood, timed
from tests.media_pipeline.cast import Cast

EVERYBODY = (
    "owner", "colleague", "stranger", "examiner", "chief", "school_admin", "other_admin", "body_admin", "bureau",
    "city_bureau", "inspector", "instructor", "administrator",
)  # fmt: skip


@pytest.fixture
def world(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Reported:
    monkeypatch.setattr(clock, "now", lambda: TODAY)
    return reported(cast)


def page_of(cast: Cast, world: Reported, **asked: Any) -> Any:
    return report_page(cast.acting("school_admin"), world.row, now=TODAY, **asked)


def answers(cast: Cast, url: str) -> dict[str, int]:
    return {who: cast.client(who).get(url).status_code for who in EVERYBODY}


# ---- gates ----


def test_who_reads_a_report(cast: Cast, world: Reported) -> None:
    for url in (world.url(), world.url(world.owner.uuid), world.url("table.xlsx")[:-1]):
        found = answers(cast, url)
        readers = ("school_admin", "bureau", "city_bureau", "instructor")
        assert [who for who, status in found.items() if status == 200] == list(readers)
        # Another school, the evaluation body and another county's inspector find nothing; the others may not ask.
        assert {found[who] for who in ("other_admin", "body_admin", "inspector")} == {404}
        assert {found[who] for who in ("owner", "colleague", "examiner", "chief", "administrator")} == {403}
    assert answers(cast, "/progress/")["owner"] == 403


def test_the_list_holds_ones_own_classes(cast: Cast, world: Reported) -> None:
    [row] = class_list(cast.acting("instructor")).rows
    assert (row.trainees, row.begun) == (3, 2)
    assert row.seen_at == TODAY - timedelta(days=1)
    assert class_list(cast.acting("other_admin")).rows == ()
    TrainingClass.objects.update(state=ClassState.CANCELLED)
    assert class_list(cast.acting("instructor")).rows == ()
    assert cast.client("school_admin").get(world.url()).status_code == 404


def test_whoever_left_is_not_in_it(cast: Cast, world: Reported) -> None:
    Enrolment.objects.filter(pk=world.quiet.pk).update(state=EnrolmentState.WITHDRAWN)
    assert page_of(cast, world).placed == 2
    assert cast.client("school_admin").get(world.url(world.quiet.uuid)).status_code == 404
    assert cast.client("school_admin").get(world.url(uuid4())).status_code == 404


def test_names_are_masked(cast: Cast, world: Reported) -> None:
    for who in ("school_admin", "bureau", "instructor"):
        for url in (world.url(), world.url(world.owner.uuid)):
            body = cast.client(who).get(url).content.decode()
            assert "林*燕" in body
            assert "林晓燕" not in body
    file = cast.client("bureau").get(world.url("table.xlsx")[:-1]).content
    assert "林晓燕" not in str(rows_of(file))


# ---- numbers ----


def test_the_class_in_figures(cast: Cast, world: Reported) -> None:
    page = page_of(cast, world)
    # 2 lessons over 3 trainees; of the last answers to four questions two are right.
    assert [each.figure for each in page.figures] == ["1/3", "0.7/2", "2", "50%"]
    owner, colleague, quiet = page.rows
    # 20 of 30 minutes, 14, and 5 on another platform.
    assert (owner.completed, owner.counted_min, owner.planned_min) == (2, 39, 40)
    assert (owner.right, owner.answered, owner.share) == (2, 3, 67)
    assert (owner.handed, owner.tasks, str(owner.mean)) == (2, 2, "85.5")
    assert (colleague.completed, colleague.counted_min, colleague.handed, colleague.mean) == (0, 6, 1, None)
    assert [row.overdue for row in page.rows] == [0, 1, 1]
    assert (quiet.seen_at, quiet.share) == (None, None)
    assert [shelf.count for shelf in page.shelves] == [3, 2, 0, 0, 1]
    [due] = page.dues
    assert (due.in_time, due.later, due.missing) == (1, 0, 2)


def test_the_minutes_are_those_attendance_reads(cast: Cast, world: Reported) -> None:
    hours = counted_online_hours(world.row)
    lines = page_of(cast, world).rows
    for row, enrolment in zip(lines, (world.owner, world.colleague, world.quiet), strict=True):
        assert row.counted_min == hours[enrolment.uuid].seconds // 60


def test_the_drawings_and_their_findings(cast: Cast, world: Reported) -> None:
    page = page_of(cast, world)
    first, second = page.lessons
    assert (first.opened, first.half, first.finished, first.spent_min, first.timed) == (2, 2, 1, 30, 1)
    assert (second.opened, second.half, second.finished, second.spent_min) == (1, 1, 1, 14)
    # Of three places: a third finished, another third came half way.
    assert [(part.x, part.width) for part in page.drop.rows[0].parts] == [(0, 33.33), (33.33, 33.33)]
    assert [row.hot for row in page.drop.rows] == [True, False]
    assert "2" in page.drop_finding
    assert "第1课" in page.drop_finding
    # 30 of 20 minutes, drawn on a scale to 30.
    assert (page.time.rows[0].parts[0].width, page.time.rows[0].mark) == (100, 66.67)
    assert "第1课" in page.time_finding
    body = cast.client("school_admin").get(world.url()).content.decode()
    for words in (page.drop_finding, page.time_finding):
        assert words in body


def test_one_person(cast: Cast, world: Reported) -> None:
    page = person_page(cast.acting("school_admin"), world.owner, now=TODAY)
    assert [each.figure for each in page.figures] == ["2/2", "39/40", "67%", "2/2"]
    one, two = page.lessons
    assert (one.counted_min, one.planned_min, one.right, one.answered) == (20, 20, 1, 2)
    assert (two.counted_min, two.right, two.answered, two.due) == (14, 1, 1, "")
    quiet = person_page(cast.acting("school_admin"), world.quiet, now=TODAY)
    assert quiet.time is None
    assert quiet.lessons[0].due_tone == "bad"


def test_a_class_without_lessons_or_people_says_so(cast: Cast, world: Reported) -> None:
    Enrolment.objects.update(state=EnrolmentState.WITHDRAWN)
    page = page_of(cast, world)
    assert (page.placed, page.drop, page.time) == (0, None, None)
    assert "这个班还没有学员" in cast.client("school_admin").get(world.url()).content.decode()


# ---- lists and file ----


def rows_of(file: bytes, sheet: int = 0) -> list[tuple[Any, ...]]:
    book = load_workbook(io.BytesIO(file))
    return [tuple(row) for row in book.worksheets[sheet].iter_rows(values_only=True)]


def test_the_file_holds_the_rows_of_the_page(cast: Cast, world: Reported) -> None:
    client = cast.client("school_admin")
    for show, number in (("", 3), ("late", 2), ("done", 1), ("idle", 0)):
        page = page_of(cast, world, show=show)
        answer = client.get(page.export_url)
        assert answer["Content-Type"].endswith("sheet")
        heads, *rows = rows_of(answer.content)
        assert len(heads) == 14
        # The mark stands after an empty line.
        *rows, _empty, mark = rows
        assert [(row[0], row[1], row[3], row[10]) for row in rows] == [
            (row.name, row.completed, row.counted_min, float(row.mean) if row.mean is not None else None)
            for row in page.rows
        ]
        assert len(rows) == number
        assert "张老师" in mark[0]
        assert "2026-04-17 14:30:00" in mark[0]
    lessons = rows_of(answer.content, 1)
    assert lessons[1] == (1, "广告法里的红线", 2, 2, 1, 20, 30, 1, 33)
    assert rows_of(answer.content, 2)[1][2:5] == (1, 0, 2)
    taken = [event for event in events_of(world.row.uuid) if event.action == "progress_exported"]
    assert [event.fields["rows"] for event in taken] == [3, 2, 1, 0]
    assert {event.actor for event in taken} == {cast.uuid("school_admin")}


def test_an_unknown_list_is_everybody(cast: Cast, world: Reported) -> None:
    assert len(page_of(cast, world, show="<script>").rows) == 3
    assert cast.client("school_admin").get(f"{world.url()}?show=x&page=zz").status_code == 200


def test_many_trainees_come_page_by_page(cast: Cast, world: Reported) -> None:
    for serial in range(300, 349):
        placed(world.row, serial)
    page = page_of(cast, world, page=2)
    assert (page.placed, len(page.rows), page.pages.count, page.pages.number) == (52, 2, 2, 2)
    body = cast.client("school_admin").get(f"{world.url()}?show=late&page=2").content.decode()
    assert "?show=late&amp;page=1#people" in body


# ---- queries ----


def queries(cast: Cast, url: str) -> int:
    client = cast.client("school_admin")
    client.get(url)  # manifests are kept in memory once read
    with CaptureQueriesContext(
        connection,
    ) as seen:
        assert client.get(url).status_code == 200
    return len(seen)


def test_one_number_of_queries(cast: Cast, world: Reported) -> None:
    urls = ("/progress/", world.url(), world.url(world.colleague.uuid))
    before = [queries(cast, url) for url in urls]
    for serial in range(300, 312):
        more = placed(world.row, serial)
        for number in (0, 1):
            lesson = world.taught.lesson(number)
            stood(more, lesson, 100, at=TODAY, done=TODAY)
            answered(more, lesson, True)
            timed(more, lesson, 9)
            handed(more, world.taught.manifest.lessons[number].tasks[0].uid, mark="70")
    assert [queries(cast, url) for url in urls] == before
    assert max(before) <= 24
