"""An examination on a real web server that is killed, on a database that is stopped, over a line that is cut anywhere: every
answer that was acknowledged is found afterwards, unchanged and once. SOAK=full makes it 10,000 answers a database."""

import random
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from scripts.exam_site import Candidate, Site
from scripts.postgres import cluster, find_binaries, free_port
from tests.conftest import SOAK_FULL

pytestmark = pytest.mark.soak

CANDIDATES, ANSWERS, KILLS, SECONDS = (50, 200, 25, 1800) if SOAK_FULL else (8, 40, 3, 300)
DATABASES = ["sqlite", "postgres"]
_ALL = 10**6
RESPONSES = [["A"], ["B", "D"], True, None, {"1": "C", "2": "A"}, ["连江鱼丸"], "简答：先说特点，再说好处。"]


def _has_postgres() -> bool:
    try:
        find_binaries()
    except SystemExit:
        return False
    return True


@contextmanager
def sites(database: str, folder: Path) -> Iterator[tuple[Site, Any]]:
    """An installation on one of the databases, and a way to stop that database as a power cut does (None for SQLite)."""
    if database == "sqlite":
        site = Site(folder, free_port())
        try:
            yield site, None
        finally:
            site.kill()
        return
    if not _has_postgres():
        pytest.skip("needs PostgreSQL 15 or newer on the machine")
    with cluster(durable=True) as place:
        site = Site(folder, free_port(), place.environment)
        try:
            yield site, place.crash
        finally:
            site.kill()


@pytest.fixture(scope="module", params=DATABASES)
def exam(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, Any]]:
    """One installation a database; every test seats candidates of its own."""
    with sites(request.param, tmp_path_factory.mktemp(request.param)) as found:
        yield found


def seated(site: Site, count: int, dice: random.Random) -> list[Candidate]:
    return [
        Candidate(one["attempt"], one["token"], one["first"], site.port, random.Random(dice.random()))
        for one in site.seat(count)
    ]


def found_wrong(site: Site, candidates: list[Candidate]) -> list[str]:
    told = site.recount()
    wrong = list(told["wrong"])
    for one in candidates:
        wrong += one.lost(told["rows"].get(one.attempt, []))
    return wrong


def test_kills_of_server_and_database_lose_no_acknowledged_answer(exam: tuple[Site, Any]) -> None:
    site, crash = exam
    dice = random.Random(20261121)
    candidates = seated(site, CANDIDATES, dice)
    site.start()
    until, killed = time.monotonic() + SECONDS, {"server": 0, "database": 0}
    ended = threading.Event()

    def sits(one: Candidate) -> None:
        own = random.Random(one.attempt)
        for number in range(ANSWERS):
            one.write(number % 40 + 1, own.choice(RESPONSES))
            # Some save each answer, some write on while the line is down.
            if own.random() < 0.7:
                one.flush(until, most=own.choice([1, 3, 50]))
        one.flush(until)
        one.close()

    def kills() -> None:
        """Spread over the whole hour: each when the next share of answers has its receipts."""
        for number in range(KILLS):
            while sum(len(one.receipts) for one in candidates) < (number + 0.5) * CANDIDATES * ANSWERS / KILLS:
                if ended.wait(dice.uniform(0.001, 0.02)):
                    return
            if crash is not None and number % 3 == 1:
                crash()
                killed["database"] += 1
            else:
                site.kill()
                site.start()
                killed["server"] += 1

    with ThreadPoolExecutor(CANDIDATES + 1) as pool:
        killer = pool.submit(kills)
        sitting = [pool.submit(sits, one) for one in candidates]
        try:
            for one in sitting:
                one.result()
        finally:
            ended.set()
        killer.result()
    acknowledged = sum(len(one.receipts) for one in candidates)
    tries = sum(one.tries for one in candidates)
    assert found_wrong(site, candidates) == []
    assert acknowledged == CANDIDATES * ANSWERS
    assert sum(killed.values()) == KILLS
    print(
        f"{'PostgreSQL' if site.postgres else 'SQLite'}: {acknowledged} answers acknowledged in {tries} requests, server killed"
        f" {killed['server']} times, database stopped {killed['database']} times: none lost, none changed, none doubled"
    )


class CutLine:
    """A line to the server that breaks after so many bytes of the request, or of the answer."""

    def __init__(self, port: int) -> None:
        self.server = port
        self.ear = socket.create_server(("127.0.0.1", 0))
        self.port = self.ear.getsockname()[1]

    def close(self) -> None:
        """No more lines."""
        self.ear.close()

    def carry(self, up: int, down: int) -> None:
        """One connection: at most `up` bytes to the server and `down` bytes back, then both ends are gone."""
        near, _address = self.ear.accept()
        with near, socket.create_connection(("127.0.0.1", self.server)) as far:
            near.settimeout(10)
            far.settimeout(10)
            self._pass(near, far, up)
            if down:
                self._pass(far, near, down)

    @staticmethod
    def _pass(source: socket.socket, target: socket.socket, most: int) -> None:
        while most:
            data = source.recv(min(most, 65536))
            if not data:
                return
            target.sendall(data)
            most -= len(data)


def test_a_line_cut_after_every_byte_of_request_and_answer(exam: tuple[Site, Any]) -> None:
    """One save a cut; after each the page sends again over a whole line and has the one receipt."""
    site, _crash = exam
    [one] = seated(site, 1, random.Random(1))
    site.start()
    line = CutLine(site.port)

    def request() -> bytes:
        body = one.body()
        head = f"POST /x/save HTTP/1.1\r\nHost: 127.0.0.1\r\nKaibo-Attempt: {one.token}\r\nContent-Length: {len(body)}\r\n\r\n"
        return head.encode() + body

    def cut(up: int, down: int) -> None:
        carrying = threading.Thread(target=line.carry, args=(up, down))
        carrying.start()
        with socket.create_connection(("127.0.0.1", line.port)) as page:
            page.sendall(request()[:up])
            if down:
                while page.recv(65536):
                    pass
        carrying.join()

    one.write(1, ["A"])
    whole = len(request())
    one.flush(time.monotonic() + 30)
    step = 1 if SOAK_FULL else 17
    # A limit far above the request means all of it.
    cuts = [(up, 0) for up in [*range(1, whole + 1, step), _ALL]] + [(_ALL, down) for down in range(1, 420, step)]
    for number, (up, down) in enumerate(cuts):
        one.write(number % 40 + 1, ["A"] if number % 2 else ["B", "C"])
        cut(min(up, len(request())), down)
        one.flush(time.monotonic() + 30)
    line.close()
    one.close()
    assert found_wrong(site, [one]) == []
    rows = site.recount()["rows"][one.attempt]
    assert len(rows) == len(one.receipts) == len(cuts) + 1
    print(f"{len(cuts)} cuts after every {step}. byte: {len(rows)} answers, each once")


def test_a_deadline_on_the_real_clock(exam: tuple[Site, Any]) -> None:
    """Saves one second before and after the end of deadline and grace, on a running server with its own clock."""
    site, _crash = exam
    [one] = seated(site, 1, random.Random(2))
    site.start()
    _status, said = one.post(b"{}")
    left_ms = said["deadline"] + 30_000 - said["now"]
    try:
        site.manage("set_clock", f"+{left_ms // 1000 - 15}s")
        time.sleep(1.2)  # the server reads the offset once a second
        _status, said = one.post(b"{}")
        end = time.monotonic() + (said["deadline"] + 30_000 - said["now"]) / 1000
        standing = []
        for off in (-1.0, 1.0):
            time.sleep(max(0.0, end + off - time.monotonic()))
            one.write(1, ["A"])
            one.flush(time.monotonic() + 30)
            standing.append(one.receipts[-1]["standing"])
    finally:
        site.manage("set_clock", "real")
    one.close()
    assert standing == ["counted", "late"]
    assert found_wrong(site, [one]) == []
