"""Statements of study: pseudonymous, stable, in pages; only for a client of the institution whose classes they are."""

import base64
import json
import re
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db.models import QuerySet
from django.test import Client

from courses.catalogue.logic import checks_of
from courses.catalogue.selectors import lesson_version
from courses.learning.models import CheckAttempt, ProgressEvent
from courses.learning.services.progress import answer_check, tell
from courses.learning.types import Happening, Place
from courses.statements.logic import pack, unpack
from courses.statements.models import StatementClient
from courses.statements.services import add_client
from courses.statements.types import Cursor, NoPlace, Source
from lms.core import clock
from lms.core.audit.models import AuditEvent
from tests.courses.lessons import DAY, Taught, taught
from tests.media_pipeline.cast import Cast

ADDRESS = "/xapi/statements"


@pytest.fixture
def studied(cast: Cast) -> Taught:
    """She opened both lessons, read on, finished the first and answered a question."""
    held = taught(cast)
    for number in (0, 1):
        told(cast, held, number, Happening.OPENED, 0)
        told(cast, held, number, Happening.READ, number + 1)
    told(cast, held, 0, Happening.COMPLETED, 4)
    checks = checks_of(lesson_version(held.manifest.lessons[0].version).document)
    answer_check(
        by=cast.acting("owner"),
        training_class=held.row.uuid,
        lesson=held.lesson(),
        check=checks[0].uid,
        chosen=["A"],
        key=uuid4(),
        age_ms=0,
        now=DAY + timedelta(minutes=5),
    )
    return held


def told(cast: Cast, held: Taught, number: int, kind: Happening, minute: int) -> None:
    tell(
        by=cast.acting("owner"),
        training_class=held.row.uuid,
        lesson=held.lesson(number),
        key=uuid4(),
        kind=kind,
        place=Place(1, None),
        age_ms=0,
        now=DAY + timedelta(minutes=minute),
    )


def key_of(cast: Cast, who: str = "school_admin", name: str = "市学习记录库") -> dict[str, str]:
    row, secret = add_client(by=cast.acting(who), name=name, now=DAY)
    return headers(f"{row.uuid}:{secret}")


def headers(pair: str) -> dict[str, str]:
    return {
        "Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}",
        "X-Experience-API-Version": "1.0.3",
    }


def fetched(key: dict[str, str], query: str = "") -> Any:
    answer = Client().get(ADDRESS + query, headers=key)
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_a_client_fetches_what_was_studied_and_learns_no_name(cast: Cast, studied: Taught):
    key = key_of(cast)
    answer = Client().get(ADDRESS, headers=key)
    assert answer["X-Experience-API-Version"] == "1.0.3"
    behind = clock.now() - datetime.fromisoformat(answer["X-Experience-API-Consistent-Through"])
    assert timedelta(seconds=59) < behind < timedelta(seconds=120)  # rows are committed later than they are dated
    statements = answer.json()["statements"]
    verbs = [each["verb"]["id"].rpartition("/")[2] for each in statements]
    assert verbs == ["answered", "completed", "progressed", "progressed", "initialized", "initialized"]
    text = answer.content.decode()
    person = studied.enrolment.person
    for secret in (person.name, str(person.uuid), str(studied.enrolment.uuid), cast.users["owner"].username):
        assert secret not in text
    assert len({each["actor"]["account"]["name"] for each in statements}) == 1
    assert [each["stored"] for each in statements] == sorted((each["stored"] for each in statements), reverse=True)
    answered = statements[0]
    assert (answered["result"]["response"], answered["object"]["definition"]["interactionType"]) == ("A", "choice")
    assert answered["context"]["contextActivities"]["parent"][0]["id"].endswith(str(studied.lesson()))
    assert fetched(key)["statements"] == statements


def test_pages_join_without_gap_or_repeat_in_both_orders(cast: Cast, studied: Taught):
    # Everything stored at one moment: the order must hold all the same.
    for rows in (ProgressEvent, CheckAttempt):
        QuerySet(rows).update(at=DAY, received_at=DAY)
    key = key_of(cast)
    whole = [each["id"] for each in fetched(key)["statements"]]
    assert len(set(whole)) == 6
    for query, wanted in (("?limit=1", whole), ("?limit=4&ascending=true", whole[::-1])):
        found: list[str] = []
        page = fetched(key, query)
        while True:
            found += [each["id"] for each in page["statements"]]
            if not page["more"]:
                break
            page = fetched(key, page["more"].removeprefix(ADDRESS))
        assert found == wanted


def test_since_is_exclusive_until_inclusive(cast: Cast, studied: Taught):
    key = key_of(cast)
    edge = (DAY + timedelta(minutes=4)).isoformat().replace("+00:00", "Z")
    assert [each["verb"]["display"]["en"] for each in fetched(key, f"?since={edge}")["statements"]] == ["answered"]
    assert len(fetched(key, f"?until={edge}")["statements"]) == 5


def test_another_institution_sees_nothing_and_another_pseudonym(cast: Cast, studied: Taught):
    assert fetched(key_of(cast, "other_admin"))["statements"] == []


@pytest.mark.parametrize(
    "query,status",
    (
        ("?agent={}", 400),
        ("?limit=-1", 400),
        ("?since=yesterday", 400),
        ("?since=2026-01-01T00:00:00", 400),
        ("?cursor=x", 400),
        ("?ascending=maybe", 400),
        ("?format=ids", 400),
    ),
)
def test_what_is_not_spoken_is_refused_with_a_reason(cast: Cast, query: str, status: int):
    answer = Client().get(ADDRESS + query, headers=key_of(cast))
    assert (answer.status_code, bool(answer.json()["error"])) == (status, True)


def test_without_key_version_or_by_other_methods_nothing_is_given(cast: Cast):
    key = key_of(cast)
    for wrong in (
        {},
        headers("x:y"),
        headers(f"{uuid4()}:y"),
        {"Authorization": "Basic !!!"},
        {"Authorization": "Bearer x"},
    ):
        answer = Client().get(ADDRESS, headers=wrong)
        assert (answer.status_code, answer["WWW-Authenticate"][:5]) == (401, "Basic")
    assert Client().get(ADDRESS, headers={"Authorization": key["Authorization"]}).status_code == 400
    assert Client().post(ADDRESS, "{}", content_type="application/json", headers=key).status_code == 405
    assert Client().get("/xapi/about").json() == {"version": ["1.0.3"]}


def test_a_page_asks_the_same_however_many_there_are(cast: Cast, studied: Taught, django_assert_max_num_queries: Any):
    key = key_of(cast)
    fetched(key)
    with django_assert_max_num_queries(3):
        fetched(key, "?limit=1")
    with django_assert_max_num_queries(3):
        fetched(key, "?limit=6")


def test_the_institution_makes_ends_and_takes_a_file(cast: Cast, studied: Taught):
    desk = cast.client("school_admin")
    made = desk.post("/xapi/", {"name": "市学习记录库"})
    html = made.content.decode()
    row = StatementClient.objects.get()
    codes = re.findall(r"<code>(.*?)</code>", html)
    assert codes[0] == str(row.uuid)
    key = headers(f"{codes[0]}:{codes[1]}")
    assert len(fetched(key)["statements"]) == 6
    assert codes[1] not in desk.get("/xapi/").content.decode()
    assert desk.post("/xapi/", {"name": "市学习记录库"}).status_code == 422
    file = desk.get("/xapi/export/")
    assert len(json.loads(b"".join(file.streaming_content))) == 6  # type: ignore[attr-defined]
    assert json.loads(b"".join(desk.get("/xapi/export/?until=2020-01-01").streaming_content)) == []  # type: ignore[attr-defined]
    desk.post(f"/xapi/clients/{row.uuid}/revoke/")
    assert Client().get(ADDRESS, headers=key).status_code == 401
    actions = AuditEvent.objects.filter(subject=row.uuid).order_by("sequence").values_list("action", flat=True)
    assert list(actions) == ["added", "revoked"]


def test_others_read_the_list_or_nothing(cast: Cast):
    key_of(cast)
    row = StatementClient.objects.get()
    for who, status in (("city_bureau", 200), ("owner", 403), ("instructor", 403)):
        client = cast.client(who)
        assert client.get("/xapi/").status_code == status
        assert client.get("/xapi/export/").status_code == 403
        assert client.post(f"/xapi/clients/{row.uuid}/revoke/").status_code == 403
        assert client.post("/xapi/", {"name": "x"}).status_code == 403
    assert cast.client("other_admin").post(f"/xapi/clients/{row.uuid}/revoke/").status_code == 404


def test_a_place_in_the_order_survives_its_address():
    cursor = Cursor(DAY, Source.ANSWER, 7)
    assert unpack(pack(cursor, {"limit": 3})) == (cursor, {"limit": 3})
    for text in ("", "x", "e30", base64.urlsafe_b64encode(b"[1]").decode()):
        with pytest.raises(NoPlace):
            unpack(text)


def test_every_event_has_one_statement(cast: Cast, studied: Taught):
    assert ProgressEvent.objects.count() == 5
    ids = [UUID(each["id"]) for each in fetched(key_of(cast))["statements"]]
    assert len(set(ids)) == 6
