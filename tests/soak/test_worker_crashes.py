"""Many jobs while processes of the worker are killed at random: none is lost, nobody is left behind."""

import random
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tests.conftest import SOAK_FULL
from tests.lms.core.test_worker import Installation, alive

pytestmark = pytest.mark.soak

JOBS, KILLS, SECONDS = (300, 120, 900) if SOAK_FULL else (16, 6, 180)


def victims(worker: psutil.Process) -> list[psutil.Process]:
    """Everything below the supervisor that runs Kaibo's code (engines are ended by others)."""
    found = []
    for child in worker.children(recursive=True):
        with suppress(psutil.NoSuchProcess):  # a zombie counts as gone
            if "worker" in child.cmdline():
                found.append(child)
    return found


def rows(place: Installation) -> list[tuple[str, str, int, int]]:
    with sqlite3.connect(place.folder / "var" / "kaibo.sqlite3", timeout=20) as connection:
        return connection.execute(
            "SELECT key, state, attempt, max_attempts FROM core_job WHERE kind = 'test.slow' ORDER BY key"
        ).fetchall()


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Installation]:
    installation = Installation(tmp_path)
    yield installation
    if installation.worker and installation.worker.poll() is None:
        installation.stop()


def test_random_kills_lose_nothing(place: Installation) -> None:
    dice = random.Random(20261121)
    keys = [f"job{number:03}:{dice.choice(['0.1', '0.5', '1.5'])}" for number in range(JOBS)]
    place.manage(
        "shell", "-v0", "-c",
        "from uuid import uuid4; from lms.core import jobs\n"
        f"for key in {keys!r}: jobs.enqueue('test.slow', uuid4(), key=key)",
    )  # fmt: skip
    place.start("--grace", "0.5")
    assert place.worker is not None
    end, next_kill, killed = time.monotonic() + SECONDS, time.monotonic() + 1, 0
    seen: set[int] = set()
    while any(state in {"waiting", "running"} for _, state, _, _ in rows(place)):
        assert time.monotonic() < end, Counter(state for _, state, _, _ in rows(place))
        if killed < KILLS and time.monotonic() >= next_kill:
            below = victims(psutil.Process(place.worker.pid))
            seen.update(child.pid for child in below)
            if killed % 4 == 3:  # the supervisor itself; its parts must end, then another takes over
                place.worker.kill()
                place.worker.wait()
                place.start("--grace", "0.5")
            elif below:
                with suppress(psutil.NoSuchProcess):
                    dice.choice(below).kill()
            killed += 1
            next_kill = time.monotonic() + dice.uniform(0.5, 3)
        time.sleep(0.2)
    seen.update(child.pid for child in psutil.Process(place.worker.pid).children(recursive=True))
    assert place.stop() == []

    ended = rows(place)
    assert [key for key, *_ in ended] == sorted(keys)
    # What gave up had all its attempts; what is done came to its end; only a kill makes a job end a second time.
    assert [key for key, state, attempt, most in ended if state == "dead" and attempt != most] == []
    assert [key for key, state, _, _ in ended if state == "done" and not place.lines("end", key)] == []
    assert sum(max(0, len(place.lines("end", key)) - 1) for key in keys) <= killed
    with sqlite3.connect(place.folder / "var" / "kaibo.sqlite3") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    time.sleep(1)
    assert [pid for pid in seen if alive(pid)] == []
    print(f"{JOBS} jobs, {killed} kills: {dict(Counter(state for _, state, _, _ in ended))}")
