"""The real worker: processes of its own, a database of its own, killed as the kernel kills."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import psutil
import pytest

from scripts.pattern import lay_pattern

ROOT = Path(__file__).resolve().parents[3]
pytestmark = pytest.mark.slow


CLIENT = """
import sys
import django
django.setup()
from lms.core import jobs
for line in sys.stdin:
    kind, subject, key = line.split()
    print(jobs.enqueue(kind, subject, key=key).state, flush=True)
"""


class Installation:
    """A migrated SQLite installation in a folder, with short leases, and at most one worker."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.journal = folder / "journal"
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("KAIBO_", "DJANGO_", "Q_"))}
        self.environment = {
            **kept,
            "DJANGO_SETTINGS_MODULE": "lms.settings.dev",
            "KAIBO_VAR": str(folder / "var"),
            "KAIBO_DEBUG": "0",
            "KAIBO_EXTRA_JOBS": "tests.lms.core.extra_jobs",
            "KAIBO_JOB_LEASE_S": "5",
            "KAIBO_SWEEP_S": "1",
            "KAIBO_JOB_BACKOFF_S": "0",
            "TEST_JOURNAL": str(self.journal),
        }
        self.worker: subprocess.Popen[str] | None = None
        self.client: subprocess.Popen[str] | None = None
        self.said: list[str] = []
        if not lay_pattern(folder / "var" / "kaibo.sqlite3"):
            self.manage("migrate", "-v0")

    def manage(self, *words: str) -> str:
        command = [sys.executable, "manage.py", *words]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start(self, *words: str) -> None:
        self.said = []
        self.worker = subprocess.Popen(
            [sys.executable, "manage.py", "worker", *words],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        threading.Thread(target=self._listen, args=(self.worker,), daemon=True).start()
        try:
            until(lambda: any("ready" in line for line in self.said), "the worker is ready", 180)
        except AssertionError:
            self.stop()
            raise

    def _listen(self, worker: "subprocess.Popen[str]") -> None:
        assert worker.stdout is not None
        with worker.stdout:
            for line in worker.stdout:
                self.said.append(line.rstrip())

    def stop(self) -> list[str]:
        """SIGTERM and wait; returns the command lines of processes that were left."""
        assert self.worker is not None
        below = psutil.Process(self.worker.pid).children(recursive=True)
        self.worker.terminate()
        self.worker.wait(120)
        return [" ".join(child.cmdline()) for child in below if alive(child.pid)]

    def enqueue(self, kind: str, key: str) -> None:
        """By another process of the installation, as the web server does."""
        if self.client is None:
            self.client = subprocess.Popen(
                [sys.executable, "-c", CLIENT],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        assert self.client.stdin is not None
        assert self.client.stdout is not None
        self.client.stdin.write(f"{kind} {uuid4()} {key}\n")
        self.client.stdin.flush()
        assert self.client.stdout.readline() == "waiting\n"

    def leave(self) -> None:
        if self.client:
            self.client.communicate(timeout=60)
        if self.worker and self.worker.poll() is None:
            assert self.stop() == []

    def job(self, key: str) -> tuple[str, int, str]:
        with sqlite3.connect(self.folder / "var" / "kaibo.sqlite3", timeout=20) as connection:
            row = connection.execute("SELECT state, attempt, error FROM core_job WHERE key = ?", [key]).fetchone()
        return (str(row[0]), int(row[1]), str(row[2]))

    def lines(self, word: str, key: str) -> list[list[str]]:
        said = self.journal.read_text().splitlines() if self.journal.exists() else []
        return [line.split() for line in said if line.startswith(f"{word} {key} ")]


# The limits are for a machine that does eight other things.
def until(true: Callable[[], bool], what: str, seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"not within {seconds} s: {what}"
        time.sleep(0.05)


def alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    made = Installation(tmp_path_factory.mktemp("worker"))
    yield made
    made.leave()


@pytest.fixture
def running(place: Installation) -> Installation:
    """A worker that runs: the one of the test before, unless that one ended it."""
    if place.worker is None or place.worker.poll() is not None:
        place.start("--grace", "0.5")
    return place


def test_a_job_whose_process_is_killed_is_resumed_once_and_ends_once(running: Installation) -> None:
    running.enqueue("test.slow", "killed")
    until(lambda: len(running.lines("start", "killed")) == 1, "the job began")
    pid, engine = (int(word) for word in running.lines("start", "killed")[0][3:5])
    os.kill(pid, signal.SIGKILL)
    until(lambda: not alive(engine), "the orphaned engine is ended")
    until(lambda: running.job("killed")[0] == "done", "the job is done")
    assert running.job("killed") == ("done", 2, "")
    assert [line[2] for line in running.lines("start", "killed")] == ["1", "2"]
    assert [line[2] for line in running.lines("end", "killed")] == ["2"]


def test_a_job_that_kills_three_workers_is_a_dead_letter_and_others_go_on(running: Installation) -> None:
    running.enqueue("test.deadly", "deadly")
    running.enqueue("test.hanging", "hanging")
    until(lambda: running.job("deadly")[0] == "dead", "the job is dead")
    assert running.job("deadly") == ("dead", 3, "The worker stopped while working on this.")
    assert [line[2] for line in running.lines("start", "deadly")] == ["1", "2", "3"]
    until(lambda: running.job("hanging")[0] == "dead", "the job is stopped")
    assert running.job("hanging") == ("dead", 1, "It took longer than allowed and was stopped.")


def test_a_heartbeat_keeps_a_job_longer_than_its_lease(running: Installation) -> None:
    running.enqueue("test.slow", "long:8")
    until(lambda: running.job("long:8")[0] == "done", "the job is done")
    assert running.job("long:8") == ("done", 1, "")


def test_a_cluster_that_is_killed_is_started_again(running: Installation) -> None:
    assert running.worker is not None
    parts = psutil.Process(running.worker.pid).children()
    media = next(part for part in parts if "media" in part.cmdline())
    os.killpg(media.pid, signal.SIGKILL)
    until(lambda: any("media ended by itself" in line for line in running.said), "the supervisor noticed")
    running.enqueue("test.slow", "after:0")
    until(lambda: running.job("after:0")[0] == "done", "the job is done")


def test_a_stop_hands_the_job_back_and_leaves_nobody_and_a_kill_of_the_supervisor_neither(
    running: Installation,
) -> None:
    """The job handed back at the stop goes on by itself at the next start. One test: the second half needs that job."""
    running.enqueue("test.slow", "stopped:60")
    until(lambda: len(running.lines("start", "stopped:60")) == 1, "the job began")
    engine = int(running.lines("start", "stopped:60")[0][4])
    began = time.monotonic()
    assert running.stop() == []
    assert time.monotonic() - began < 40
    assert running.job("stopped:60") == ("waiting", 0, "")
    assert not alive(engine)
    assert running.said[-1] == "Kaibo worker stopped"

    running.start("--grace", "0.5")
    assert running.worker is not None
    until(lambda: len(running.lines("start", "stopped:60")) == 2, "the job began again")
    engine = int(running.lines("start", "stopped:60")[1][4])
    below = psutil.Process(running.worker.pid).children(recursive=True)
    running.worker.kill()
    running.worker.wait()
    until(lambda: not any(alive(child.pid) for child in below), "nobody is left")
    assert running.lines("start", "stopped:60")[1][2] == "1"
    assert running.job("stopped:60") == ("waiting", 0, "")
    assert not alive(engine)


def test_production_refuses_extra_kinds_of_job(place: Installation) -> None:
    production = {
        **place.environment,
        "DJANGO_SETTINGS_MODULE": "lms.settings.production",
        "SECRET_KEY": "s" * 50,
        "KAIBO_KEYS": "k1:" + "A" * 43,
        "KAIBO_INDEX_KEY": "B" * 42 + "A",
        "KAIBO_SIGNING_KEYS": "C" * 42 + "A",
        "KAIBO_HOSTS": "kaibo.example",
        "KAIBO_BASE_URL": "https://kaibo.example",
    }
    command = [sys.executable, "manage.py", "check"]
    done = subprocess.run(command, cwd=ROOT, env=production, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "KAIBO_EXTRA_JOBS is for tests and refused in production" in done.stderr
