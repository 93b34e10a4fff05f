"""Pages of studying by role, what devices send, and what it all costs."""

import gzip
import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from courses.catalogue.documents import Files
from courses.catalogue.types import Chapter, VideoBlock
from courses.learning.models import Bookmark, CheckAttempt, LessonNote, LessonProgress, LessonQuestion
from courses.learning.services.questions import ask
from lms.accounts.api import Role
from tests.assessment.people import member
from tests.courses.catalogue.writing import document, named
from tests.courses.lessons import DAY, TITLES, Taught, taught
from tests.courses.school import opened
from tests.courses.videos.test_pages import ready
from tests.media_pipeline.cast import Cast

EVERYBODY = (
    "owner", "colleague", "stranger", "examiner", "chief", "school_admin", "other_admin", "body_admin", "bureau",
    "city_bureau", "inspector", "instructor", "administrator",
)  # fmt: skip


@pytest.fixture
def class_(cast: Cast) -> Taught:
    return taught(cast)


def seen(cast: Cast, url: str) -> set[str]:
    found = {who: cast.client(who).get(url).status_code for who in EVERYBODY}
    assert set(found.values()) <= {200, 403, 404}
    return {who for who, status in found.items() if status == 200}


def test_who_opens_what(cast: Cast, class_: Taught) -> None:
    lookers = {"school_admin", "bureau", "city_bureau", "instructor"}
    assert seen(cast, class_.url()) == {"owner"} | lookers
    assert seen(cast, f"/study/{class_.row.uuid}/") == {"owner"} | lookers
    assert seen(cast, f"/study/{class_.row.uuid}/path/") == {"owner"}
    everybody_who_studies = {"owner", "colleague", "stranger"}
    staff = lookers | {"other_admin", "body_admin", "inspector"}
    assert seen(cast, "/study/") == everybody_who_studies | staff
    assert seen(cast, "/study/questions/") == everybody_who_studies | staff
    assert seen(cast, "/study/search/?q=鱼丸") == everybody_who_studies
    question = ask(
        by=cast.acting("owner"),
        training_class=class_.row.uuid,
        lesson=class_.lesson(),
        text="能说吗？",
        key=uuid4(),
        now=DAY,
    )
    assert seen(cast, f"/study/questions/{question.uuid}/") == {"owner"} | lookers


def test_visitors_sign_in_and_the_worker_holds_nothing_of_anybody(db: None) -> None:
    client = Client()
    assert client.get("/study/").status_code == 302
    worker = client.get("/study/sw.js")
    assert (worker.status_code, worker["Content-Type"]) == (200, "text/javascript; charset=utf-8")
    assert client.get("/study/offline/").status_code == 200


def test_whoever_looks_on_leaves_no_trace_and_gets_no_form(cast: Cast, class_: Taught) -> None:
    page = cast.client("instructor").get(class_.url()).content.decode()
    assert "kb-lesson" not in page
    assert "kb-study" not in page
    assert not LessonProgress.objects.exists()
    for path, data in (
        ("progress", {"key": str(uuid4()), "kind": "opened"}),
        ("note", {"text": "x", "revision": 0}),
        ("bookmark", {"block": 1, "marked": True}),
        ("question", {"key": str(uuid4()), "text": "x"}),
    ):
        for who, status in (("instructor", 403), ("school_admin", 403), ("colleague", 404), ("stranger", 404)):
            assert told(cast, class_, path, data, who).status_code == status, (path, who)


def told(cast: Cast, class_: Taught, path: str, data: Any, who: str = "owner") -> Any:
    return cast.client(who).post(f"{class_.url()}{path}", json.dumps(data), content_type="application/json")


def test_what_a_device_sends_is_answered_by_a_receipt(cast: Cast, class_: Taught) -> None:
    place = told(cast, class_, "progress", {"key": str(uuid4()), "kind": "read", "block": 4, "second": 9, "age_ms": 5})
    assert place.json()["percent"] == 50
    assert len(place.json()["saved_at"]) == 8
    note = told(cast, class_, "note", {"text": "记住", "revision": 0, "age_ms": 1})
    assert note.json()["revision"] == 1
    stale = told(cast, class_, "note", {"text": "别的", "revision": 0})
    assert (stale.status_code, stale.json()["text"], stale.json()["revision"]) == (409, "记住", 1)
    check = f"check/{named(TITLES[0] + '测')}"
    right = told(cast, class_, check, {"key": str(uuid4()), "chosen": ["B"]})
    assert (right.json()["correct"], right.json()["right"]) == (True, ["B"])
    assert told(cast, class_, check, {"key": str(uuid4()), "chosen": []}).status_code == 422
    assert told(cast, class_, "bookmark", {"block": 2, "marked": True}).json()["marked"] is True
    assert told(cast, class_, "bookmark", {"block": 99, "marked": True}).status_code == 422
    assert told(cast, class_, "question", {"key": str(uuid4()), "text": "能说吗？"}).status_code == 200
    assert [model.objects.count() for model in (LessonNote, CheckAttempt, Bookmark, LessonQuestion)] == [1, 1, 1, 1]


@pytest.mark.parametrize(
    "sent",
    (
        "",
        "[]",
        "{}",
        '{"key": "x", "kind": "read"}',
        '{"key": "6f0e0c1e-0000-4000-8000-000000000000", "kind": "flown"}',
        '{"key": "6f0e0c1e-0000-4000-8000-000000000000", "kind": "read", "block": "4"}',
        '{"key": "6f0e0c1e-0000-4000-8000-000000000000", "kind": "read", "block": NaN}',
        '{"key": "6f0e0c1e-0000-4000-8000-000000000000", "kind": "read", "age_ms": true}',
        '{"key": "6f0e0c1e-0000-4000-8000-000000000000", "kind": "read", "block": 1e999}',
        "[" * 20_000,
    ),
)
def test_what_no_page_of_ours_sends_is_refused(cast: Cast, class_: Taught, sent: str) -> None:
    answer = cast.client("owner").post(f"{class_.url()}progress", sent, content_type="application/json")
    assert (answer.status_code, bool(answer.json()["error"])) == (400, True)


def test_absurd_numbers_are_brought_to_the_lesson(cast: Cast, class_: Taught) -> None:
    sent = {"key": str(uuid4()), "kind": "read", "block": 10**9, "second": 10**12, "age_ms": -(10**15)}
    assert told(cast, class_, "progress", sent).status_code == 200
    assert LessonProgress.objects.get().percent == 100


def test_a_device_is_told_whose_page_it_is_and_whether_to_keep_it(cast: Cast, class_: Taught) -> None:
    client = cast.client("owner")
    session = client.session
    session.set_expiry(14 * 86400)
    session.save()
    own = client.get(class_.url())
    assert own["X-Kaibo-Keep"] == "1"
    assert own["Cache-Control"].count("no-store") == 1
    session.set_expiry(0)
    session.save()
    shared = client.get(class_.url())
    assert "X-Kaibo-Keep" not in shared
    assert shared["X-Kaibo-Owner"] == own["X-Kaibo-Owner"]
    assert str(cast.uuid("owner")) not in own["X-Kaibo-Owner"]
    assert "X-Kaibo-Owner" not in cast.client("instructor").get(class_.url())


def test_she_resumes_on_any_device_where_she_stopped_on_the_other(cast: Cast, tmp_path: Path) -> None:
    with_film = document(TITLES[0])
    author = member(cast.city, Role.COMMITTEE, "吴委员")
    film = ready(author, tmp_path)
    block = VideoBlock(film.uuid, "怎样介绍鱼丸", (Chapter(0, "开场"), Chapter(60, "讲产品")))
    class_ = taught(
        cast,
        documents=(replace(with_film, blocks=(*with_film.blocks, block)),),
        files=Files({}, {}, {film.uuid: film}),
    )
    first = cast.client("owner").get(class_.url()).content.decode()
    assert 'data-block="0"' in first
    told(cast, class_, "progress", {"key": str(uuid4()), "kind": "read", "block": 4, "second": 90})
    page = cast.client("owner").get(class_.url()).content.decode()
    for words in ('data-block="4"', 'data-second="90"', 'data-start="90"', 'href="#b4"', "讲产品"):
        assert words in page
    assert page.count("<video") == 1
    assert page.index("<video") < page.index('id="b1"')  # it stands above the text


def test_a_refused_form_loses_nothing_that_was_typed(cast: Cast, class_: Taught) -> None:
    client = cast.client("owner")
    client.post(f"{class_.url()}note", {"text": "平板上写的", "revision": "0"})
    stale = client.post(f"{class_.url()}note", {"text": "手机上写的", "revision": "0"})
    assert stale.status_code == 409
    assert "平板上写的" in stale.content.decode()
    assert "手机上写的" in stale.content.decode()
    long = client.post(f"{class_.url()}question", {"text": "长" * 1001})
    assert long.status_code == 422
    assert "长" * 1001 in long.content.decode()


# ---- what it costs ----


def queries(client: Client, url: str) -> int:
    client.get(url)  # written once, read once
    with CaptureQueriesContext(connection) as asked:
        assert client.get(url).status_code == 200
    # The clock is read once a second, whoever asks.
    return sum("core_clockoffset" not in query["sql"] for query in asked.captured_queries)


def test_a_trainee_s_pages_ask_the_same_whatever_the_class_holds(cast: Cast) -> None:
    small = taught(cast)
    client = cast.client("owner")
    urls = ("/study/", small.url(), f"/study/{small.row.uuid}/path/", "/study/questions/")

    def grow(number: int) -> None:
        for lesson in (0, 1)[: number - 1]:
            told(cast, small, "progress", {"key": str(uuid4()), "kind": "read", "block": 2})
            ask(
                by=cast.acting("owner"),
                training_class=small.row.uuid,
                lesson=small.lesson(lesson),
                text="能说吗？",
                key=uuid4(),
                now=DAY,
            )
            ask(
                by=cast.acting("owner"),
                training_class=small.row.uuid,
                lesson=small.lesson(0),
                text="再问一句",
                key=uuid4(),
                now=DAY,
            )
            told(cast, small, f"check/{named(TITLES[0] + '测')}", {"key": str(uuid4()), "chosen": ["A"]})

    grow(2)
    one = [queries(client, url) for url in urls]
    grow(3)
    assert [queries(client, url) for url in urls] == one
    assert max(one) <= 32, one


def test_lists_of_staff_ask_the_same_for_one_class_and_three(cast: Cast) -> None:
    first = taught(cast)
    client = cast.client("school_admin")
    urls = ("/study/", "/study/questions/?show=all", f"/study/{first.row.uuid}/", first.url())
    ask(by=cast.acting("owner"), training_class=first.row.uuid, lesson=first.lesson(), text="一", key=uuid4(), now=DAY)
    one = [queries(client, url) for url in urls]
    second = taught(
        cast,
        documents=(document("另一课"),),
        teach=False,
        instructor=False,
        who="colleague",
        name="连江县初级班第4期",
    )
    at = {"training_class": second.row.uuid, "lesson": second.manifest.lessons[-1].uid}
    ask(by=cast.acting("colleague"), **at, text="二", key=uuid4(), now=DAY)
    opened(cast, name="连江县初级班第5期")
    assert [queries(client, url) for url in urls] == one
    assert max(one) <= 24, one


def test_a_lesson_is_small_enough_for_a_slow_network(cast: Cast, class_: Taught) -> None:
    page = cast.client("owner").get(class_.url()).content
    assert len(gzip.compress(page)) <= 8 * 1024


def test_nobody_reads_a_full_name(cast: Cast, class_: Taught) -> None:
    admitted_name = class_.enrolment.person.name
    ask(
        by=cast.acting("owner"), training_class=class_.row.uuid, lesson=class_.lesson(), text="一", key=uuid4(), now=DAY
    )
    for who in ("instructor", "school_admin", "bureau"):
        for url in ("/study/questions/?show=all", f"/study/{class_.row.uuid}/", class_.url()):
            assert admitted_name not in cast.client(who).get(url).content.decode()
