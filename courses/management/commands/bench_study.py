"""`manage.py bench_study`: CPU milliseconds of studying and its reports, in a scratch database of its own."""

import tempfile
from argparse import ArgumentParser
from collections.abc import Callable
from datetime import datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand
from django.db import connection, reset_queries, transaction
from django.http import HttpResponse
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from courses.catalogue.logic import content_hash, to_json
from courses.catalogue.models import LessonVersion, Manifest
from courses.catalogue.types import (
    Accepts,
    CheckBlock,
    CheckKind,
    Delivery,
    LessonDocument,
    LessonKind,
    Method,
    Option,
    TaskBlock,
    TextBlock,
)
from courses.classes.models import ManifestPin, TrainingClass
from courses.classes.types import ClassState
from courses.enrolment.models import Enrolment
from courses.enrolment.types import EnrolmentState
from courses.homework.models import HomeworkItem
from courses.homework.types import ItemState
from courses.learning.models import CheckAttempt, LessonProgress, StudyDeadline
from courses.management.bench_clock import measures
from courses.reports.views import progress_class
from courses.studytime.models import StudyTotal
from lms.accounts.api import (
    INSTALLATION,
    Organisation,
    OrganisationKind,
    PersonData,
    Role,
    User,
    acting_for,
    create_organisation,
    create_person,
    create_user,
    grant_membership,
)
from lms.core import clock
from lms.core.clock import SHANGHAI
from lms.core.ids import new_uuid
from lms.core.reference import content_hash as text_hash

_LESSONS, _CHECKS = 24, 3
_SIZES = (60, 600)


class Command(BaseCommand):
    help = "Measure studying on a scratch database; prints CPU milliseconds."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--runs", type=int, default=9, help="how often each page is asked; the median is told")

    def handle(self, *args: Any, **options: Any) -> None:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            if connection.vendor == "sqlite":
                connection.settings_dict["TEST"]["NAME"] = str(Path(folder) / "bench.sqlite3")
            used = connection.settings_dict["NAME"]
            connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
            try:
                for line in class_reports(options["runs"]):
                    self.stdout.write(line)
                classes = TrainingClass.objects.select_related("institution").order_by("capacity")
                for line in measures(list(classes), options["runs"]):
                    self.stdout.write(line)
            finally:
                connection.creation.destroy_test_db(used, verbosity=0)


def cpu_ms(ask: Callable[[], HttpResponse], runs: int) -> tuple[float, int]:
    """Median CPU milliseconds of a page after a warm-up, and its number of queries."""
    reset_queries()
    with CaptureQueriesContext(connection) as seen:
        assert ask().status_code == 200  # noqa: S101  # a page that was refused measures nothing
    taken = []
    for _run in range(runs):
        begun = process_time()
        ask()
        taken.append((process_time() - begun) * 1000)
    # The clock's row is read once a second, whatever is asked.
    return median(taken), sum("clockoffset" not in query["sql"] for query in seen.captured_queries)


# ---- reports of classes ----


def class_reports(runs: int) -> list[str]:
    """The report of a class of 60 and one of 600, in full: gate, figures, drawings, the first fifty rows."""
    place, user = _institution()
    lines, found = [], []
    for size in _SIZES:
        ms, queries = cpu_ms(_asking(_class(place, size), user), runs)
        found.append(ms)
        lines.append(
            f"class report, {size} trainees, {_LESSONS} lessons: {ms:.0f} ms CPU, {queries} queries, "
            f"{ms / size:.2f} ms a trainee"
        )
    return [*lines, f"class report, {_SIZES[1]} to {_SIZES[0]} trainees: {found[1] / found[0]:.1f} times the CPU"]


def _asking(row: TrainingClass, user: User) -> Callable[[], HttpResponse]:
    def ask() -> HttpResponse:
        request: Any = RequestFactory().get(f"/progress/{row.uuid}/")
        request.user, request.acting, request.session = user, acting_for(user, None), {}
        return progress_class(request, training_class=row.uuid)

    return ask


def _institution() -> tuple[Organisation, User]:
    now = clock.now()
    city = create_organisation(by=INSTALLATION, parent=None, name="试验市", kind=OrganisationKind.CITY, now=now)
    place = create_organisation(
        by=INSTALLATION, parent=city, name="试验职业中学", kind=OrganisationKind.INSTITUTION, now=now
    )
    user = create_user(
        by=INSTALLATION,
        organisation=place,
        display_name="试验",
        password=str(new_uuid()),
        password_is_initial=False,
        is_demo=True,
        now=now,
    )
    grant_membership(by=INSTALLATION, user=user, organisation=place, role=Role.INSTITUTION_ADMIN, now=now)
    return place, user


def _document(number: int) -> LessonDocument:
    checks = tuple(
        CheckBlock(
            new_uuid(), CheckKind.SINGLE, f"问题{i}？", (Option("A", "甲", True), Option("B", "乙", False)), "因为甲。"
        )
        for i in range(_CHECKS)
    )
    return LessonDocument(
        uid=new_uuid(),
        title=f"第{number}课的题目有十来个字",
        summary="",
        kind=LessonKind.THEORY,
        delivery=Delivery.ONLINE,
        methods=(Method.LECTURE,),
        hours=Decimal(1),
        online_minutes=20,
        tags=(),
        audiences=(),
        blocks=(
            TextBlock("正文。" * 300),
            TaskBlock(new_uuid(), "练一练", "写下来。", (Accepts.TEXT,), 20),
            *checks,
        ),
    )


def _manifest(now: datetime) -> tuple[Manifest, list[LessonDocument]]:
    documents = [_document(number + 1) for number in range(_LESSONS)]
    versions = [
        LessonVersion.objects.create(
            lesson=each.uid,
            title=each.title,
            content_hash=content_hash(each),
            document=to_json(each),
            words=each.title,
            published_at=now,
        )
        for each in documents
    ]
    entries = [
        {
            "uid": str(new_uuid()),
            "title": "试验模块",
            "code": "",
            "summary": "",
            "lessons": [str(each.uuid) for each in versions],
        }
    ]
    made = Manifest.objects.create(
        level=5, edition=1, content_hash=text_hash(str(entries)), entries=entries, created_at=now
    )
    return made, documents


@transaction.atomic
def _class(place: Organisation, size: int) -> TrainingClass:
    """A class half through its lessons: every trainee finished half of them and began one more."""
    now = clock.now()
    today = clock.day_of(now)
    row = TrainingClass.objects.create(
        name=f"试验班{size}",
        institution=place,
        profile=new_uuid(),
        specification=new_uuid(),
        level=5,
        occupation="互联网营销师",
        job="直播销售员",
        starts_on=today - timedelta(days=5),
        ends_on=today + timedelta(days=5),
        planned_hours=40,
        capacity=size,
        state=ClassState.TEACHING,
        created_at=now,
        moved_at=now,
    )
    made, documents = _manifest(now)
    ManifestPin.objects.create(training_class=row, manifest=made.uuid, created_at=now)
    for lesson in (None, documents[0].uid):
        StudyDeadline.objects.create(training_class=row, lesson=lesson, due=today - timedelta(days=1), set_at=now)
    enrolments = [
        Enrolment(
            person=create_person(
                by=INSTALLATION, organisation=place, data=PersonData(name=f"试验{number}"), is_demo=True, now=now
            ),
            training_class=row,
            state=EnrolmentState.IN_TRAINING,
            created_at=now,
            moved_at=now,
        )
        for number in range(size)
    ]
    Enrolment.objects.bulk_create(enrolments)
    begun = datetime.combine(row.starts_on, time(9), SHANGHAI)
    for number, enrolment in enumerate(enrolments):
        _studied(enrolment, documents[: _LESSONS // 2 + 1], begun, number)
    return row


def _studied(enrolment: Enrolment, documents: list[LessonDocument], begun: datetime, number: int) -> None:
    progress, attempts, totals, items = [], [], [], []
    held: dict[str, Any]
    for index, document in enumerate(documents):
        at = begun + timedelta(hours=index)
        held = {"enrolment": enrolment, "lesson": document.uid}
        version, finished = new_uuid(), index < len(documents) - 1
        progress.append(
            LessonProgress(
                **held,
                version=version,
                percent=100 if finished else 40,
                place_at=at,
                place_key=new_uuid(),
                opened_at=begun,
                completed_at=at if finished else None,
            )
        )
        totals.append(
            StudyTotal(**held, day=enrolment.training_class.starts_on, ms=60_000 * (10 + number % 20), cap_s=1200)
        )
        for block in document.blocks:
            if isinstance(block, CheckBlock):
                fields = {"check_uid": block.uid, "key": new_uuid(), "chosen": ["A"], "correct": number % 3 > 0}
                attempts.append(CheckAttempt(**held, version=version, at=at, received_at=at, **fields))
            elif isinstance(block, TaskBlock) and finished:
                items.append(_handed(enrolment, document.uid, block.uid, at))
    LessonProgress.objects.bulk_create(progress)
    StudyTotal.objects.bulk_create(totals)
    CheckAttempt.objects.bulk_create(attempts)
    HomeworkItem.objects.bulk_create(items)


def _handed(enrolment: Enrolment, lesson: UUID, task: UUID, at: datetime) -> HomeworkItem:
    return HomeworkItem(
        enrolment=enrolment,
        task=task,
        lesson=lesson,
        lesson_version=new_uuid(),
        task_title="练一练",
        attempt_no=1,
        state=ItemState.HANDED_IN,
        created_at=at,
        saved_at=at,
        handed_in_at=at,
        moved_at=at,
    )
