"""The supervisor with parts that behave as badly as they can."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.lms.core.test_worker import ROOT, alive, until

# It ignores SIGTERM, has a child in its group that ignores it too, and a grandchild in a session of its own.
STUBBORN = """
import os, signal, socket, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
inside = subprocess.Popen(["sh", "-c", "trap '' TERM; while :; do sleep 1; done"])
outside = subprocess.Popen(["sleep", "300"], start_new_session=True)
open(sys.argv[1], "a").write(f"{os.getpid()} {inside.pid} {outside.pid}\\n")
socket.socket(fileno=int(sys.argv[3])).sendall(b"ready\\n")
time.sleep(300)
"""
# It dies as soon as it has begun and leaves an engine behind.
MORTAL = """
import subprocess, sys
engine = subprocess.Popen(["sleep", "300"], start_new_session=True)
open(sys.argv[1], "a").write(f"{engine.pid}\\n")
"""
MAIN = """
import sys
from lms.core import supervisor
supervisor._HAND_BACK_S = 0.5
supervisor.Supervisor(
    parts={"part": ([sys.executable, "-c", sys.argv[1], sys.argv[2]], {})},
    report=lambda line: print(line, flush=True),
    grace_s=0.5,
).run()
"""


def supervise(part: str, log: Path) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", MAIN, part, str(log)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def pids(log: Path) -> list[int]:
    return [int(word) for word in log.read_text().split()] if log.exists() else []


@pytest.mark.slow
def test_a_stubborn_part_ends_with_everything_below_it(tmp_path: Path) -> None:
    log = tmp_path / "pids"
    with supervise(STUBBORN, log) as running:
        until(lambda: len(pids(log)) == 3, "the part runs")
        assert all(alive(pid) for pid in pids(log))
        began = time.monotonic()
        running.terminate()
        said, _ = running.communicate(timeout=120)
    assert time.monotonic() - began < 30
    assert said.splitlines() == ["ready: part", "stopping", "stopped"]
    assert [pid for pid in pids(log) if alive(pid)] == []


@pytest.mark.slow
def test_a_part_that_keeps_dying_is_started_with_growing_pauses_and_its_orphans_end(tmp_path: Path) -> None:
    log = tmp_path / "pids"
    with supervise(MORTAL, log) as running:
        until(lambda: len(pids(log)) == 3, "the third start")
        first = pids(log)[0]
        until(lambda: not alive(first), "the first orphan is ended")
        running.terminate()
        said, _ = running.communicate(timeout=120)
    assert [line for line in said.splitlines() if "ended" in line][:2] == [
        "part ended by itself; starting it again in 1 s",
        "part ended by itself; starting it again in 2 s",
    ]
    assert [pid for pid in pids(log) if alive(pid)] == []
