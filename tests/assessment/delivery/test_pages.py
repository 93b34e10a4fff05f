"""A candidate's pages: what she is told at each step, what is kept of a question, and that no answer key ever leaves."""

import json
import re
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from assessment.delivery.models import Attempt, RenderedQuestion
from assessment.delivery.selectors import current_answers
from assessment.delivery.services import check_identity, pause_attempt, void_attempt
from lms.core import clock
from tests.assessment.delivery.sat import BLANK, CASE, MODEL, WHY, opened_on, real_paper
from tests.assessment.delivery.world import CLOSES, OPENS, World, again, fixed

ITEMS = 8


@pytest.fixture
def hour(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Sets the clock; a minute after the opening at first."""

    def at(moment: datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment)

    at(OPENS + timedelta(minutes=1))
    return at


@pytest.fixture
def sitting(world: World, hour: Any) -> Any:
    return opened_on(world, real_paper(world))


def seat_url(world: World, who: str = "owner") -> str:
    return f"/exam/seat/{world.entry(who).uuid}/"


def come_in(world: World, client: Client, who: str = "owner") -> str:
    """Through the waiting room's door; the attempt's address."""
    check_identity(by=world.invigilator, entry=world.entry(who).uuid, now=clock.now())
    answer = client.post(f"{seat_url(world, who)}enter/")
    assert answer.status_code == 302, answer.content.decode()
    return str(answer["Location"])


def begin(world: World, client: Client) -> str:
    url = come_in(world, client)
    assert client.post(f"{url}start/")["Location"] == url
    return url


def given(page: str) -> dict[str, Any]:
    found = re.search(r'<script id="exam-given" type="application/json">(.*?)</script>', page)
    assert found
    return dict(json.loads(found[1]))


def save(client: Client, facts: dict[str, Any], *responses: tuple[int, Any]) -> Any:
    first = facts["stream"]["sequence"] + 1
    answers = [
        {"sequence": first + place, "position": position, "response": response}
        for place, (position, response) in enumerate(responses)
    ]
    return client.post(
        "/x/save",
        {"previous": facts["stream"]["hash"], "answers": answers},
        content_type="application/json",
        headers={"Kaibo-Attempt": facts["token"]},
    )


def test_from_the_list_to_the_end(world: World, sitting: Any) -> None:
    client = world.cast.client("owner")
    listed = client.get("/exam/").content.decode()
    assert [words in listed for words in ("理论考试（初级）", seat_url(world), "待考")] == [True] * 3
    assert "请把身份证交给监考核验" in client.get(seat_url(world)).content.decode()
    assert client.post(f"{seat_url(world)}enter/").status_code == 422
    url = come_in(world, client)
    waiting = client.get(url)
    assert (b"<kb-wait" in waiting.content, "Kaibo-Keep" in waiting) == (True, False)
    assert client.post(f"{url}start/")["Location"] == url
    page = client.get(url)
    row = Attempt.objects.get()
    assert (page["Kaibo-Keep"], row.state) == (str(row.uuid), "running")
    facts = given(page.content.decode())
    assert (facts["answers"], facts["deadline"]) == ({}, row.deadline_ms)
    receipts = save(client, facts, (1, ["B"]), (3, True), (4, ["真实"])).json()["receipts"]
    back = given(client.get(url).content.decode())
    assert back["answers"] == {"1": ["B"], "3": True, "4": ["真实"]}
    assert back["stream"] == {"sequence": 3, "hash": receipts[-1]["hash"]}
    early = client.post(f"{url}hand-in/", {"sequence": 2, "head": receipts[1]["hash"]})
    assert (early["Location"], again(row).state) == (url, "running")
    assert "还有答案" in client.get(url).content.decode()
    client.post(f"{url}hand-in/", {"sequence": 3, "head": receipts[-1]["hash"]})
    over = client.get(url).content.decode()
    assert again(row).state == "handed_in"
    assert [words in over for words in ("已交卷", f"3/{ITEMS}", receipts[-1]["hash"][:12])] == [True] * 3
    assert "已交卷" in client.get("/exam/").content.decode()


SECRETS = (
    WHY,
    BLANK,
    MODEL,
    '"choices"',
    '"truth"',
    '"blanks"',
    '"pairs"',
    '"model"',
    "explanation",
    "is_correct",
    "data-correct",
    '"mark"',
    '"score"',
    '"right"',
)


def test_no_answer_of_an_attempt_holds_key_or_mark(world: World, sitting: Any) -> None:
    """Every page and call from the list to the end, refusals among them."""
    client, said = world.cast.client("owner"), []

    def ask(answer: Any) -> Any:
        said.append((answer.request["PATH_INFO"], answer.content.decode(), str(answer.headers)))
        return answer

    for path in ("/exam/", seat_url(world)):
        ask(client.get(path))
    ask(client.post(f"{seat_url(world)}enter/"))
    url = come_in(world, client)
    ask(client.get(url))
    ask(client.post(f"{url}start/"))
    page = ask(client.get(url))
    facts = given(page.content.decode())
    every = (
        (1, ["B"]),
        (2, ["A", "C"]),
        (3, True),
        (4, ["x"]),
        (5, list("BADC")),
        (6, {"1": "B"}),
        (7, "话"),
        (8, ["D"]),
    )
    answers = ask(save(client, facts, *every)).json()
    ask(save(client, facts, *every))
    ask(save(client, facts, (1, ["C"])))
    ask(save(client, facts | {"token": "no"}, (1, ["C"])))
    ask(client.get(url))
    ask(client.post(f"{url}hand-in/", {"sequence": 1, "head": "0" * 64}))
    ask(client.get(url))
    ask(client.post(f"{url}hand-in/", {"sequence": len(every), "head": answers["stream"]["hash"]}))
    for path in (url, "/exam/", seat_url(world), "/exam/sw.js"):
        ask(client.get(path))
    found = [(path, secret) for path, body, heads in said for secret in SECRETS if secret in body + heads]
    assert found == []
    kept = json.dumps(list(RenderedQuestion.objects.values_list("parts", flat=True)), ensure_ascii=False)
    assert [secret for secret in (WHY, BLANK, MODEL) if secret in kept] == []
    # What is grepped is the paper itself.
    assert [words in page.content.decode() for words in ("做法B", CASE)] == [True] * 2


def test_right_and_wrong_answers_are_told_the_same(world: World, sitting: Any) -> None:
    """A receipt depends on nothing that the key says."""
    client = world.cast.client("owner")
    url = begin(world, client)
    facts = given(client.get(url).content.decode())
    right, wrong = save(client, facts, (1, ["B"])).json(), None
    facts = given(client.get(url).content.decode())
    wrong = save(client, facts, (1, ["A"])).json()
    assert {key for one in right["receipts"] for key in one} == {key for one in wrong["receipts"] for key in one}
    assert set(right) == set(wrong) == {"receipts", "state", "deadline", "now", "stream"}


def test_options_stand_in_her_own_order_for_good(world: World, sitting: Any) -> None:
    client = world.cast.client("owner")
    url = begin(world, client)

    def orders(page: str) -> list[list[str]]:
        return [re.findall(rf'name="q{position}" value="(\w)"', page) for position in (1, 2, 8)]

    first = orders(client.get(url).content.decode())
    assert first == orders(client.get(url).content.decode())
    assert [sorted(one) for one in first] == [list("ABCD")] * 3
    other = world.cast.client("colleague")
    theirs = come_in(world, other, "colleague")
    Attempt.objects.filter(entry=world.entry("colleague")).update(seed="0" * 32)
    other.post(f"{theirs}start/")
    Attempt.objects.filter(entry=world.entry("owner")).update(seed="1" * 32)
    assert orders(other.get(theirs).content.decode()) != orders(client.get(url).content.decode())


def test_a_version_is_rendered_once_and_a_page_asks_the_same_number_of_queries(world: World, sitting: Any) -> None:
    client = world.cast.client("owner")
    url = begin(world, client)
    assert save(client, given(client.get(url).content.decode()), (1, ["B"])).status_code == 200
    assert RenderedQuestion.objects.count() == ITEMS
    with CaptureQueriesContext(connection) as few:
        page = client.get(url).content.decode()
    save(client, given(page), *((position, ["A"]) for position in range(1, ITEMS + 1)))
    with CaptureQueriesContext(connection) as many:
        client.get(url)
    assert (RenderedQuestion.objects.count(), len(many)) == (ITEMS, len(few))
    assert not [query for query in many if "renderedquestion" in query["sql"] or "questionversion" in query["sql"]]


def test_another_device_is_asked_before_it_takes_over(world: World, sitting: Any) -> None:
    first, second = world.cast.client("owner"), world.cast.client("owner")
    url = begin(world, first)
    facts = given(first.get(url).content.decode())
    assert second.get(url)["Location"] == seat_url(world)
    assert b"device/" in second.get(seat_url(world)).content
    assert second.post(f"{seat_url(world)}enter/").status_code == 422
    assert second.post(f"{url}device/")["Location"] == url
    assert given(second.get(url).content.decode())["epoch"] == 2
    beside = save(first, facts, (1, ["A"]))
    assert (beside.status_code, beside.json()["code"]) == (409, "device")
    assert current_answers(Attempt.objects.get().uuid) == {}
    assert first.get(url)["Location"] == seat_url(world)


def test_paused_and_void_are_told(world: World, sitting: Any) -> None:
    client = world.cast.client("owner")
    url = begin(world, client)
    row = Attempt.objects.get()
    pause_attempt(by=world.invigilator, attempt=row.uuid, reason="断电", now=clock.now())
    assert given(client.get(url).content.decode())["state"] == "paused"
    void_attempt(by=world.cast.acting("bureau"), attempt=row.uuid, reason="走错考场", now=clock.now())
    assert "作废" in client.get(url).content.decode()


@pytest.mark.parametrize("path", ("", "start/", "hand-in/", "device/"), ids=["page", "start", "hand-in", "device"])
def test_anothers_attempt_is_not_there(world: World, sitting: Any, path: str) -> None:
    url = begin(world, world.cast.client("owner"))
    other = world.cast.client("colleague")
    assert (other.post(url + path) if path else other.get(url)).status_code == 404
    assert other.get(seat_url(world)).status_code == 404


def test_staff_have_no_such_pages(world: World, sitting: Any) -> None:
    assert world.cast.client("school_admin").get("/exam/").status_code == 403


def test_before_the_doors_open(world: World, hour: Any) -> None:
    paper = real_paper(world)
    fixed(world, papers=((paper.form, paper.uuid),))
    client = world.cast.client("owner")
    hour(OPENS - timedelta(hours=5))
    assert "enter/" not in client.get(seat_url(world)).content.decode()
    hour(CLOSES + timedelta(hours=1))
    assert "enter/" not in client.get(seat_url(world)).content.decode()


def test_the_paper_opens_at_its_turn(world: World, sitting: Any, hour: Any) -> None:
    client = world.cast.client("owner")
    hour(OPENS - timedelta(minutes=5))
    url = come_in(world, client)
    assert client.post(f"{url}start/").status_code == 422
    hour(OPENS)
    assert client.post(f"{url}start/").status_code == 302


def test_safe_exam_browser_is_asked_for(world: World, hour: Any) -> None:
    paper = real_paper(world)
    opened_on(world, paper, browser_keys=("0" * 64,))
    check_identity(by=world.invigilator, entry=world.entry().uuid, now=clock.now())
    client, seat = world.cast.client("owner"), seat_url(world)
    assert "Safe Exam Browser" in client.get(seat).content.decode()
    assert client.post(f"{seat}enter/").status_code == 403

    def shown(url: str) -> dict[str, str]:
        digest = sha256(f"http://testserver{url}{'0' * 64}".encode()).hexdigest()
        return {"X-SafeExamBrowser-RequestHash": digest}

    assert client.post(f"{seat}enter/", headers=shown(seat)).status_code == 403  # another page's
    assert client.post(f"{seat}enter/", headers=shown(f"{seat}enter/")).status_code == 302
    url = f"/exam/{Attempt.objects.get().uuid}/"
    for step in ("start/", "hand-in/", "device/"):
        assert client.post(f"{url}{step}").status_code == 403
    assert client.get(url).status_code == 403
    assert client.post(f"{url}start/", headers=shown(f"{url}start/")).status_code == 302
    paper_page = client.get(url, headers=shown(url)).content.decode()
    assert 'data-worker=""' in paper_page  # a worker's own requests carry no key


def test_files_are_for_who_has_opened_the_paper(world: World, sitting: Any) -> None:
    client, version = world.cast.client("owner"), world.papers.held[next(iter(world.papers.held))].sections[0].items[0]
    url = f"/exam/files/{version.version}/{'0' * 64}/"
    assert client.get(url).status_code == 404
    assert client.get(f"/exam/files/{uuid4()}/{'0' * 64}/").status_code == 404
