"""A whole year's class begins at one moment, through the waiting room, while others hand in videos: nobody is turned away and
every mark is the one her answers are worth. SOAK=full makes it 300 candidates and 20 uploads, on granian and PostgreSQL.
"""

import http.client
import os
import random
import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest

from lms.core import clock
from scripts.exam_site import Site
from scripts.exam_sitter import Sitter, Unexpected, expected_mark, plan_of
from scripts.postgres import cluster, free_port
from tests.conftest import SOAK_FULL
from tests.soak.test_exam_crashes import _has_postgres

pytestmark = pytest.mark.soak

CANDIDATES, UPLOADS = (300, 20) if SOAK_FULL else (40, 6)
# A minute for all of them, the last one let in some seconds before it ends.
STARTS_PER_MINUTE = 360
AIM_S = 60
THINKS_S = 1.5 if SOAK_FULL else 0.3
OPENS_IN_S = 1500
# Two seconds of film a second, as over a phone: a body of 1.5 MB takes 12 seconds.
UPLOAD_BYTES, UPLOAD_RATE, UPLOAD_PIECE = (1_500_000, 125_000, 62_500) if SOAK_FULL else (400_000, 200_000, 50_000)


def now_s() -> float:
    """Seconds since 1970, real time."""
    return clock.real_now().timestamp()


@dataclass
class Tally:
    """Seconds by what was asked for, from many threads."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, name: str, act: Callable[[], Any]) -> Any:
        """What `act` gives; how long it took is kept."""
        began = time.monotonic()
        given = act()
        self.note(name, time.monotonic() - began)
        return given

    def note(self, name: str, seconds: float) -> None:
        with self._lock:
            self.seconds.setdefault(name, []).append(seconds)

    def lines(self) -> Iterator[str]:
        for name, held in self.seconds.items():
            held.sort()
            p50, p95, p99 = (held[min(len(held) - 1, int(len(held) * share))] for share in (0.5, 0.95, 0.99))
            yield f"{name}: {len(held)}, p50 {p50:.3f} s, p95 {p95:.3f} s, p99 {p99:.3f} s, longest {held[-1]:.3f} s"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    if not _has_postgres():
        pytest.skip("needs PostgreSQL 15 or newer on the machine")
    with cluster(durable=True) as place:
        made = Site(tmp_path_factory.mktemp("start"), free_port(), place.environment)
        try:
            yield made
        finally:
            made.kill()


def test_a_class_starts_within_a_minute_while_videos_come_in(site: Site) -> None:
    told = site.gather(CANDIDATES + UPLOADS, opens_in_s=OPENS_IN_S, starts_per_minute=STARTS_PER_MINUTE)
    everybody = [Sitter(*names, site.port) for names in zip(told["logins"], told["entries"], strict=True)]
    sitting, uploading = everybody[:CANDIDATES], everybody[CANDIDATES:]
    site.start()
    with ExitStack() as stack:
        for one in everybody:
            stack.callback(one.close)
        judge_all(site, told, sitting, uploading, stack)


def judge_all(
    site: Site, told: dict[str, Any], sitting: list[Sitter], uploading: list[Sitter], stack: ExitStack
) -> None:
    everybody = [*sitting, *uploading]
    tally, plans = Tally(), {one.login: plan_of(told["items"], int(one.login)) for one in sitting}
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda one: tally.take("log in", lambda: log_in(one, told["password"], tally)), everybody))
        turns = list(pool.map(lambda one: come_in(one, tally), sitting))
    # The clock of the server is set forward to shortly before the opening, which leaves a command time to start.
    began = time.monotonic()
    site.run("print(0)")
    ahead_s = int(told["opens_ms"] / 1000 - now_s() - 2 * (time.monotonic() - began)) - 4
    stack.callback(site.manage, "set_clock", "real")
    site.manage("set_clock", f"+{ahead_s}s")
    opening = told["opens_ms"] / 1000 - ahead_s
    load = os.getloadavg()
    with ThreadPoolExecutor(len(everybody)) as pool:
        coming = [pool.submit(upload, one, number, opening) for number, one in enumerate(uploading)]
        sits = [
            pool.submit(sit, one, turn - ahead_s, plans[one.login], tally)
            for one, turn in zip(sitting, turns, strict=True)
        ]
        last = max(one.result() for one in sits) - opening
        turned_away = sum(one.result() for one in coming)
    site.mark(told["sitting"])
    judged = site.release(told["sitting"])
    wrong = {
        one.attempt: (judged["marks"].get(one.attempt), expected)
        for one in sitting
        if judged["marks"].get(one.attempt) != (expected := str(expected_mark(told["items"], plans[one.login])))
    }
    assert wrong == {}
    assert len(judged["marks"]) == CANDIDATES
    told_at = site.recount()
    assert told_at["wrong"] == []
    assert [lost for one in sitting if one.candidate for lost in one.candidate.lost(told_at["rows"][one.attempt])] == []
    print(
        f"{CANDIDATES} candidates, {len(uploading)} uploads: the last one had her paper {last:.1f} s after the opening (aim"
        f" {AIM_S} s: {'met' if last <= AIM_S else 'MISSED'}); {len(told['items'])} answers each, no error, every mark as"
        f" expected; uploads told to come back {turned_away} times; load average before {load[0]:.1f}, after"
        f" {os.getloadavg()[0]:.1f}"
    )
    print("\n".join(tally.lines()))


def log_in(one: Sitter, password: str, tally: Tally) -> None:
    """Many at once from one address wait for each other at the count of wrong tries; who waited too long tries again."""
    for _again in range(4):
        try:
            one.sign_in(password)
            # The server hangs up on lines that are silent for long; a browser then takes another one.
            one.close()
        except Unexpected:
            tally.note("log in refused, tried again after", 1.0)
            time.sleep(1)
        else:
            return
    one.sign_in(password)


def come_in(one: Sitter, tally: Tally) -> float:
    """When it is her turn, in seconds since 1970 on the server's clock before it was set."""
    wait_ms = tally.take("come in", one.come_in)
    turn = now_s() + wait_ms / 1000
    one.close()
    return turn


def sit(one: Sitter, turn: float, plan: Sequence[tuple[int, Any]], tally: Tally) -> float:
    """Start at her turn, answer at her pace, hand in; when she had her paper (seconds since 1970)."""
    dice = random.Random(one.login)
    # As the page does: a moment of its own, so that not everybody comes at the same one.
    time.sleep(max(0.3, turn - now_s()) + dice.random() * 0.2)
    tally.take("start", lambda: start(one))
    tally.take("page", one.open_paper)
    there = now_s()
    tally.note("from her turn to her paper", there - turn)
    for position, response in plan:
        time.sleep(dice.uniform(0, 2 * THINKS_S))
        tally.take("save", partial(one.save, position, response))
    tally.take("finish", one.finish)
    return there


def start(one: Sitter) -> None:
    """The clocks of page and server may differ by what the network took: the room then says how long she still has to wait."""
    for _again in range(4):
        try:
            one.start()
        except Unexpected:
            time.sleep(0.3)
        else:
            return
    one.start()


# ---- videos ----


def upload(one: Sitter, number: int, opening: float) -> int:
    """Hand in a video slowly, again and again while the gate says that others are first; how often it said so."""
    time.sleep(max(0.0, opening - now_s()))
    token = re.search(r'name="token" value="([^"]+)"', one.page("/works/upload/"))
    assert token
    body, kind = form_data(one, token[1], number)
    for turned_away in range(200):
        status, wait_s, said = slowly(one, body, kind)
        if status == 302:
            return turned_away
        assert status == 429, said
        time.sleep(min(wait_s, 3) * random.uniform(0.5, 1.5))
    raise AssertionError("never let in")


def form_data(one: Sitter, token: str, number: int) -> tuple[bytes, str]:
    edge = f"kaibo{number}"
    fields = {
        "csrfmiddlewaretoken": one.form_token,
        "token": token,
        "title": f"作品{number}",
        "product": "tea",
        "product_name": "岩茶",
        "brand": "",
        "level": "5",
        "declared_ai": "no",
    }
    parts = [
        f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{said}\r\n' for name, said in fields.items()
    ]
    head = (
        f'--{edge}\r\nContent-Disposition: form-data; name="video"; filename="a.mp4"\r\nContent-Type: video/mp4\r\n\r\n'
    )
    film = b"\x00\x00\x00\x18ftypmp42" + random.Random(number).randbytes(UPLOAD_BYTES)
    return "".join(
        parts
    ).encode() + head.encode() + film + f"\r\n--{edge}--\r\n".encode(), f"multipart/form-data; boundary={edge}"


def slowly(one: Sitter, body: bytes, kind: str) -> tuple[int, float, str]:
    """Status; for 429 after how many seconds to come back; what is said."""
    line = http.client.HTTPConnection("127.0.0.1", one.port, timeout=120)
    try:
        line.putrequest("POST", "/works/upload/")
        headers = {"Content-Type": kind, "Content-Length": str(len(body)), "Cookie": one.cookie}
        for name, said in headers.items():
            line.putheader(name, said)
        line.endheaders()
        # A refusal comes before the body is read; what the server has closed can still be heard.
        with suppress(BrokenPipeError, ConnectionResetError):
            for place in range(0, len(body), UPLOAD_PIECE):
                line.send(body[place : place + UPLOAD_PIECE])
                time.sleep(UPLOAD_PIECE / UPLOAD_RATE)
        answer = line.getresponse()
        return answer.status, float(answer.headers.get("Retry-After", "0")), answer.read().decode()
    finally:
        line.close()
