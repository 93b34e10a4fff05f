"""What `manage.py bench_study` measures of the study clock, the lesson page and the search; called in its scratch database."""

import io
import json
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from decimal import Decimal
from statistics import median, quantiles
from time import process_time
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.test.utils import CaptureQueriesContext, override_settings

from courses.catalogue.logic import content_hash, to_json
from courses.catalogue.models import LessonVersion, Manifest
from courses.catalogue.selectors import manifest, search_versions
from courses.catalogue.types import Delivery, LessonDocument, LessonKind, ManifestData, Method, TextBlock
from courses.classes.models import TrainingClass
from courses.classes.selectors import class_manifest
from courses.enrolment.models import Enrolment
from courses.studytime.models import Beat, StudyDay, StudyStream
from courses.studytime.pages import audit_page, class_page
from courses.studytime.selectors import day_interval, to_moment, to_ms
from courses.studytime.services import open_stream, refresh_days, study_ticket
from courses.studytime.tickets import Ticket, opened
from lms.accounts.api import INSTALLATION, Acting, Role, User, create_user, grant_membership
from lms.core import clock
from lms.core.ids import new_uuid
from lms.core.reference import content_hash as text_hash
from lms.policies.api import load_profiles, profile_in_force

AIM_MS = 3.0
_REQUESTS, _A_STREAM, _BATCH, _BURST = 300, 100, 60, 10_000
_HOUR_BEATS, _LONG_BEATS, _LESSONS = 180, 7_200, 5_000
_WITHOUT = [name for name in settings.MIDDLEWARE if not name.endswith(".StudyClock")]


def measures(classes: Sequence[TrainingClass], runs: int) -> Iterable[str]:
    """Lines to print. classes: a small and a large one in training, with lessons, from the same scratch database."""
    load_profiles()
    rules = profile_in_force("demonstration", clock.today())
    for row in classes:
        row.profile = rules.uuid
        row.save(update_fields=["profile"])
    small = classes[0]
    mine = Enrolment.objects.select_related("training_class__institution", "person").filter(training_class=small)[0]
    user = _trainee(mine)
    cookie = _cookie(user)
    yield from _heartbeats(mine, cookie)
    yield _lesson_page(mine, cookie, runs)
    for row in classes:
        yield from _sums(row)
    yield _audit(mine, runs)
    yield _search(runs)


def _trainee(mine: Enrolment) -> User:
    now = clock.now()
    place = mine.training_class.institution
    user = create_user(
        by=INSTALLATION,
        organisation=place,
        display_name="试验学员",
        password=str(new_uuid()),
        password_is_initial=False,
        is_demo=True,
        now=now,
    )
    grant_membership(by=INSTALLATION, user=user, organisation=place, role=Role.TRAINEE, now=now)
    mine.person.user = user
    mine.person.save(update_fields=["user"])
    return user


def _cookie(user: User) -> str:
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


class _Server:
    """The whole application as a web server calls it."""

    def __init__(self) -> None:
        self.application = get_wsgi_application()

    def ask(self, path: str, *, body: bytes = b"", leave: str = "", cookie: str = "") -> tuple[int, float]:
        """Status, CPU milliseconds."""
        environ: dict[str, Any] = {
            "REQUEST_METHOD": "POST" if leave else "GET",
            "PATH_INFO": path,
            "SCRIPT_NAME": "",
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": "localhost",
            "HTTP_COOKIE": cookie,
            "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": io.BytesIO(body),
            "wsgi.url_scheme": "http",
            "wsgi.errors": io.StringIO(),
        }
        if leave:
            environ["HTTP_X_KAIBO_STUDY"] = leave
        status = 0

        def start(line: str, headers: Any, info: Any = None, /) -> Callable[[bytes], object]:
            nonlocal status
            status = int(line.split(maxsplit=1)[0])
            return lambda _part: None

        began = process_time()
        answer = self.application(environ, start)
        for _part in answer:
            pass
        spent = (process_time() - began) * 1000
        answer.close()
        return status, spent


def _told(answer: tuple[int, float], wanted: int = 200) -> float:
    if answer[0] != wanted:
        raise RuntimeError(f"answered {answer[0]}, a refused request measures nothing")
    return answer[1]


def _leave(mine: Enrolment) -> str:
    now = clock.now()
    view = study_ticket(enrolment=mine, lesson=_lessons(mine)[0], online_minutes=20, now=now)
    ticket = opened(Ticket, view.ticket, now_ms=to_ms(now))
    if ticket is None:
        raise RuntimeError("the class is not in training")
    return open_stream(ticket=ticket, nonce=new_uuid(), device=new_uuid(), now=now)[0]


def _lessons(mine: Enrolment) -> tuple[UUID, ...]:
    pinned = class_manifest(mine.training_class)
    return tuple(lesson.uid for lesson in manifest(pinned).lessons) if pinned else ()


def _beats(first: int, number: int) -> bytes:
    return json.dumps([[i, i * 20, 20, 0, 1, None, 100] for i in range(first, first + number)]).encode()


def _heartbeats(mine: Enrolment, cookie: str) -> Iterable[str]:
    taken = _heartbeat_run(_Server(), mine, cookie)
    with override_settings(MIDDLEWARE=_WITHOUT):
        slow = _heartbeat_run(_Server(), mine, cookie)
    worst = quantiles(taken, n=20)[-1]
    yield (
        f"heartbeat, one beat, whole application: {median(taken):.2f} ms CPU (95 %: {worst:.2f}), aim {AIM_MS:.0f}: "
        f"{'met' if median(taken) <= AIM_MS else 'MISSED'}; behind sessions and users it would be {median(slow):.2f} ms, "
        f"{median(slow) / median(taken):.1f} times as much"
    )
    server, leave = _Server(), _leave(mine)
    before = Beat.objects.count()
    burst = [
        _told(server.ask("/study-time/beat", body=_beats(first, _BATCH), leave=leave, cookie=cookie))
        for first in range(1, _BURST + 1, _BATCH)
    ]
    yield (
        f"burst of {_BURST} beats in {len(burst)} requests: {sum(burst):.0f} ms CPU, {median(burst):.2f} ms a request, "
        f"{Beat.objects.count() - before} beats stored"
    )


def _heartbeat_run(server: _Server, mine: Enrolment, cookie: str) -> list[float]:
    taken = []
    for number in range(_REQUESTS):
        if number % _A_STREAM == 0:
            leave = _leave(mine)
            server.ask("/study-time/beat", body=_beats(1, 1), leave=leave, cookie=cookie)
        body = _beats(number % _A_STREAM + 2, 1)
        taken.append(_told(server.ask("/study-time/beat", body=body, leave=leave, cookie=cookie)))
    return taken


def _lesson_page(mine: Enrolment, cookie: str, runs: int) -> str:
    server = _Server()
    path = f"/study/{mine.training_class.uuid}/{_lessons(mine)[0]}/"
    server.ask(path, cookie=cookie)
    # The log of queries is emptied when a request begins.
    queries = 0

    def count(execute: Callable[..., Any], *said: Any) -> Any:
        nonlocal queries
        queries += 1
        return execute(*said)

    with connection.execute_wrapper(count):
        _told(server.ask(path, cookie=cookie))
    taken = [_told(server.ask(path, cookie=cookie)) for _run in range(runs)]
    return f"lesson page, whole application: {median(taken):.0f} ms CPU, {queries} queries"


def _sums(row: TrainingClass) -> Iterable[str]:
    """Everybody studied for an hour yesterday: the day added up from the ledger, then the class's page."""
    enrolled = list(Enrolment.objects.filter(training_class=row).order_by("pk"))
    day = clock.today() - timedelta(days=1)
    start = day_interval(day)[0] + 9 * 3_600_000
    lessons = _lessons(enrolled[0])
    streams = StudyStream.objects.bulk_create(_stream(one, lessons[0], start) for one in enrolled)
    for stream in streams:
        _write(stream, start, _HOUR_BEATS)
    StudyDay.objects.bulk_create(StudyDay(person_id=one.person_id, day=day) for one in enrolled)
    began = process_time()
    refresh_days(persons=[one.person_id for one in enrolled])
    made = (process_time() - began) * 1000
    taken, queries = _timed(lambda: class_page(_overseer(row), row), 5)
    yield (
        f"study time, {len(enrolled)} trainees: a day of {len(enrolled) * _HOUR_BEATS} beats added up in {made:.0f} ms CPU "
        f"({made / len(enrolled):.1f} a trainee); the class's figures {taken:.0f} ms CPU, {queries} queries"
    )


def _overseer(row: TrainingClass) -> Acting:
    held = row.institution
    return Acting(None, None, Role.INSTITUTION_ADMIN, held.uuid, held.path, held.name, None)


def _stream(mine: Enrolment, lesson: UUID, start: int) -> StudyStream:
    return StudyStream(
        person_id=mine.person_id,
        enrolment=mine,
        lesson=lesson,
        nonce=new_uuid(),
        device=new_uuid(),
        profile="demonstration",
        rules_version=1,
        online_minutes=20,
        opened_at=to_moment(start),
    )


def _write(stream: StudyStream, start: int, number: int) -> None:
    Beat.objects.bulk_create(
        Beat(
            stream=stream,
            seq=i,
            received_at=to_moment(start + i * 20_000),
            at_ms=i * 20_000,
            span_ms=20_000,
            idle_ms=0,
            flags=5 if i % 40 == 0 else 1,
        )
        for i in range(1, number + 1)
    )


def _audit(mine: Enrolment, runs: int) -> str:
    """Forty hours of one trainee, counted anew from the ledger for the page that explains them."""
    start = day_interval(clock.today() - timedelta(days=5))[0] + 8 * 3_600_000
    lessons = _lessons(mine)
    for number in range(_LONG_BEATS // _HOUR_BEATS):
        began = start + number % 8 * 3_700_000 + number // 8 * 86_400_000
        [stream] = StudyStream.objects.bulk_create([_stream(mine, lessons[number % len(lessons)], began)])
        _write(stream, began, _HOUR_BEATS)
    day = clock.today() - timedelta(days=5)
    acting = _overseer(mine.training_class)
    taken, queries = _timed(lambda: audit_page(acting, mine, day=day, hour=9), max(3, runs // 3))
    return f"auditor's view of 40 hours ({_LONG_BEATS} beats), one hour opened: {taken:.0f} ms CPU, {queries} queries"


def _timed(act: Callable[[], Any], runs: int) -> tuple[float, int]:
    with CaptureQueriesContext(connection) as seen:
        act()
    taken = []
    for _run in range(runs):
        began = process_time()
        act()
        taken.append((process_time() - began) * 1000)
    return median(taken), len(seen)


def _search(runs: int) -> str:
    held = _many_lessons()
    taken, _queries = _timed(lambda: search_versions("鱼丸 试验", held), runs)
    rare, _queries = _timed(lambda: search_versions("白茶", held), runs)
    return f"search over {_LESSONS} lessons: two words in many {taken:.0f} ms CPU, one word in ten {rare:.0f} ms CPU"


def _many_lessons() -> ManifestData:
    now = clock.now()
    filler = "直播间里把话说清楚，把证据摆出来。" * 50
    rows = []
    for number in range(_LESSONS):
        words = filler + ("连江鱼丸。" if number % 2 else "") + ("福鼎白茶。" if number % 500 == 0 else "")
        document = LessonDocument(
            uid=new_uuid(),
            title=f"试验课{number}",
            summary="",
            kind=LessonKind.THEORY,
            delivery=Delivery.ONLINE,
            methods=(Method.LECTURE,),
            hours=Decimal(1),
            online_minutes=20,
            tags=(),
            audiences=(),
            blocks=(TextBlock(words),),
        )
        rows.append(
            LessonVersion(
                lesson=document.uid,
                title=document.title,
                content_hash=content_hash(document),
                document=to_json(document),
                words=f"{document.title}\n\n{words}",
                published_at=now,
            )
        )
    LessonVersion.objects.bulk_create(rows, batch_size=500)
    entries = [
        {"uid": str(new_uuid()), "title": "全部", "code": "", "summary": "", "lessons": [str(r.uuid) for r in rows]}
    ]
    made = Manifest.objects.create(
        level=4, edition=1, content_hash=text_hash(str(entries)), entries=entries, created_at=now
    )
    return manifest(made.uuid)
