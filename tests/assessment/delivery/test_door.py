"""The door in front of Django: who may knock, what is said, and that nothing else is asked for."""

import io
import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from assessment.delivery import door
from assessment.delivery.door import ExamDoor
from assessment.delivery.models import Answer
from assessment.delivery.selectors import leave_to_save
from assessment.delivery.services import change_device, pause_attempt
from assessment.delivery.tokens import Leave, sealed
from lms.core import clock, keys
from tests.assessment.delivery.world import CLOSES, OPENS, World, again, ms, opened, running

AT = OPENS + timedelta(minutes=5)


@pytest.fixture(autouse=True)
def _at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: AT)


def site(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    start_response("200 OK", [])
    return [b"the site"]


class Stalls(io.BytesIO):
    """A body nobody should have read."""

    def read(self, size: int | None = -1) -> bytes:
        raise AssertionError("the body was read")


def knock(
    body: Any = None, *, token: str = "", method: str = "POST", path: str = "/x/save", **environ: Any
) -> tuple[int, dict[str, Any]]:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    status = ""

    def start(line: str, headers: list[tuple[str, str]]) -> None:
        nonlocal status
        status = line

    words = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "CONTENT_LENGTH": str(len(raw)),
        "HTTP_KAIBO_ATTEMPT": token,
        "wsgi.input": io.BytesIO(raw),
    }
    said = b"".join(ExamDoor(site)(words | environ, start))
    return int(status.split()[0]), json.loads(said) if path == "/x/save" else {"said": said}


def one(previous: str, sequence: int = 1, position: int = 1, response: Any = ("A",)) -> dict[str, Any]:
    answer = {"sequence": sequence, "position": position, "response": response}
    return {"previous": previous, "answers": [answer]}


def test_a_save_through_the_door(world: World) -> None:
    opened(world)
    row = running(world)
    token = leave_to_save(row)
    status, said = knock(one(row.hash), token=token)
    assert status == 200
    kept = Answer.objects.get()
    receipt = {"sequence": 1, "hash": kept.hash, "at": ms(AT), "standing": "counted"}
    assert said == {
        "receipts": [receipt],
        "state": "running",
        "deadline": row.deadline_ms,
        "now": ms(AT),
        "stream": {"epoch": 1, "sequence": 1, "hash": kept.hash},
    }
    assert knock(one(row.hash), token=token) == (200, said)
    status, said = knock(one(row.hash, response=["B"]), token=token)
    assert (status, said["code"], said["stream"]["sequence"]) == (409, "conflict", 1)
    # A heartbeat: nothing but the clock.
    status, said = knock({}, token=token)
    assert (status, said["receipts"], said["deadline"]) == (200, [], row.deadline_ms)


def test_no_session_no_user_is_asked(world: World) -> None:
    opened(world)
    row = running(world)
    token = leave_to_save(row)
    with CaptureQueriesContext(connection) as asked:
        knock(one(row.hash), token=token)
    sql = [query["sql"] for query in asked.captured_queries if "SAVEPOINT" not in query["sql"]]
    assert len(sql) == (2 if connection.vendor == "postgresql" else 3)
    assert all("assessment_a" in said for said in sql)


def test_everything_else_is_the_sites(world: World) -> None:
    assert knock(b"", path="/x/save/", method="GET") == (200, {"said": b"the site"})
    assert knock(b"", path="/", method="GET") == (200, {"said": b"the site"})


def test_a_stranger_is_turned_away_before_the_body(world: World, settings: Any) -> None:
    opened(world)
    row = running(world)
    token = leave_to_save(row)
    body: dict[str, Any] = {"wsgi.input": Stalls(), "CONTENT_LENGTH": "10"}
    body_, mac = token.rsplit(".", 1)
    wrong = [
        "", "x", "a.b.c.d.e", "....", token[:-1], token + "A", f"{body_}.{mac[::-1]}", token.replace(".1.", ".2.", 1),
        "文." + token, sealed(Leave(row.pk, 1, ms(AT) - 1)),
    ]  # fmt: skip
    assert {knock(b"", token=one, **body) for one in wrong if knock(b"", token=one, **body)[0] != 401} == set()
    assert knock(b"", token=token, method="GET", **body)[0] == 405
    assert knock(b"", token=token, method="OPTIONS", **body)[0] == 405
    assert knock(b"", token=token, **(body | {"CONTENT_LENGTH": ""}))[0] == 411
    assert knock(b"", token=token, **(body | {"CONTENT_LENGTH": "65537"}))[0] == 413
    # A new key in front: old tokens still open; the key gone: they do not.
    ring = settings.KEYRING
    settings.KEYRING = keys.Keyring(ring.secret_key, {"t2": b"u" * 32, **ring.field_keys}, ring.index_key)
    assert knock({}, token=token)[0] == 200
    assert leave_to_save(row).startswith("t2.")
    settings.KEYRING = keys.Keyring(ring.secret_key, {"t2": b"u" * 32}, ring.index_key)
    assert knock({}, token=token)[0] == 401


_ANSWER = {"sequence": 1, "position": 1, "response": ["A"]}
BROKEN = {
    "not json": b"{",
    "not utf-8": b'{"previous": "\xff"}',
    "a list": b"[]",
    "deep": b"[" * 20_000,
    "a big number": b'{"answers": [{"sequence": ' + b"9" * 5000 + b"}]}",
    "not a number": json.dumps({"previous": "0" * 64, "answers": [_ANSWER | {"sequence": True}]}).encode(),
    "a fraction": json.dumps({"previous": "0" * 64, "answers": [_ANSWER | {"position": 1.5}]}).encode(),
    "infinite": b'{"previous": "'
    + b"0" * 64
    + b'", "answers": [{"sequence": 1, "position": 1, "response": Infinity}]}',
    "no receipt before": json.dumps({"answers": [_ANSWER]}).encode(),
    "a gap inside": json.dumps({"previous": "0" * 64, "answers": [_ANSWER, _ANSWER | {"sequence": 3}]}).encode(),
    "too many": json.dumps(
        {"previous": "0" * 64, "answers": [_ANSWER | {"sequence": n + 1} for n in range(51)]}
    ).encode(),
    "too long": json.dumps({"previous": "0" * 64, "answers": [_ANSWER | {"response": "长" * 5000}]}).encode(),
    "the server's word": json.dumps({"seen": [{"number": 1, "kind": "second_device", "ago_ms": 0}]}).encode(),
}


@pytest.mark.parametrize("name", sorted(BROKEN))
def test_broken_bodies_are_refused_and_store_nothing(world: World, name: str) -> None:
    opened(world)
    row = running(world)
    status, said = knock(BROKEN[name], token=leave_to_save(row))
    assert (status, said["code"]) == (400, "malformed")
    assert Answer.objects.count() == 0


def test_a_body_cut_short_stores_nothing(world: World) -> None:
    opened(world)
    row = running(world)
    raw = json.dumps(one(row.hash)).encode()
    status, _said = knock(raw[:-9], token=leave_to_save(row), CONTENT_LENGTH=str(len(raw)))
    assert (status, Answer.objects.count()) == (400, 0)


def test_every_character_a_keyboard_makes_is_kept(world: World) -> None:
    opened(world)
    row = running(world)
    odd = '茶𠮷\u0000\ud800\u202e‘“\\"\n'
    assert knock(one(row.hash, response=odd), token=leave_to_save(row))[0] == 200
    assert json.loads(Answer.objects.get().response) == odd


def test_an_old_device_is_told_and_a_pause_is_a_lock(world: World) -> None:
    opened(world)
    row = running(world)
    token = leave_to_save(row)
    change_device(by=world.cast.acting("owner"), attempt=row.uuid, device=row.uuid, now=AT)
    status, said = knock(one(row.hash), token=token)
    assert (status, said["code"], said["receipts"][0]["standing"]) == (409, "device", "beside")
    fresh = again(row)
    fresh.entry.sitting  # noqa: B018  # read for the token
    pause_attempt(by=world.invigilator, attempt=row.uuid, reason="停电", now=AT)
    status, said = knock(one(fresh.hash), token=leave_to_save(fresh))
    assert (status, said["code"], said["stream"]) == (423, "paused", {"epoch": 2, "sequence": 0, "hash": fresh.hash})


def test_a_database_that_is_away_is_said_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    opened(world)
    row = running(world)

    def away(*words: Any, **more: Any) -> None:
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(door, "save", away)
    assert knock(one(row.hash), token=leave_to_save(row)) == (503, {"code": "busy"})


def test_behind_django_the_same_door_answers(world: World) -> None:
    opened(world)
    row = running(world)
    client = Client(enforce_csrf_checks=True)
    answer = client.post(
        "/x/save",
        json.dumps(one(row.hash)),
        content_type="application/json",
        headers={"Kaibo-Attempt": leave_to_save(row)},
    )
    assert (answer.status_code, answer.json()["receipts"][0]["sequence"]) == (200, 1)
    assert client.post("/x/save", "{}", content_type="application/json").status_code == 401


def test_a_token_lasts_a_week_past_the_last_deadline(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    opened(world)
    row = running(world)
    token = leave_to_save(row)
    for days, status in ((6, 200), (8, 401)):
        later = CLOSES + timedelta(days=days)
        monkeypatch.setattr(clock, "now", lambda later=later: later)
        assert knock({}, token=token)[0] == status


def test_the_site_is_behind_the_door() -> None:
    from lms.wsgi import application

    assert isinstance(application, ExamDoor)
    assert not isinstance(application.site, ExamDoor)
