"""Limits hold, groups die, and what a child cost is known."""

import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from media_pipeline.engines import children
from media_pipeline.engines.children import python_reads
from media_pipeline.engines.ffmpeg import find_ffmpeg
from media_pipeline.stages.ports import Limits

WIDE = Limits(wall_s=20, cpu_s=20, memory_mb=1024, output_mb=10)


def python(code):
    return [sys.executable, "-c", code]


def run_child(command, **options):
    """With a Python that may start."""
    return children.run_child(command, **({"reads": python_reads()} | options))


def test_a_child_answers_and_is_counted(tmp_path):
    lines: list[bytes] = []
    ended = run_child(
        python("import sys; print(sys.stdin.read().upper()); print('note', file=sys.stderr); sum(range(3_000_000))"),
        limits=WIDE,
        folder=tmp_path,
        stdin=b"tea",
        on_line=lines.append,
    )
    assert (ended.returncode, lines, ended.log.strip(), ended.limit) == (0, [b"TEA"], "note", "")
    assert ended.cpu_s > 0
    assert ended.peak_rss_mb > 1


@pytest.mark.parametrize(
    "code,limits,limit",
    (
        ("import time; time.sleep(60)", Limits(0.5, 20, 1024, 10), "time"),
        ("import os, time; os.close(1); os.close(2); time.sleep(60)", Limits(0.5, 20, 1024, 10), "time"),
        ("while True: pass", Limits(20, 1, 1024, 10), "cpu"),
        ("x = bytearray(2 << 30)", Limits(20, 20, 512, 10), "memory"),
        ("open('big', 'wb').write(bytes(5 << 20))", Limits(20, 20, 1024, 1), "output"),
    ),
    ids=("time", "closed pipes", "cpu", "memory", "output"),
)
def test_each_limit_ends_a_child(tmp_path, code, limits, limit):
    assert run_child(python(code), limits=limits, folder=tmp_path).limit == limit


def test_secrets_do_not_reach_a_child(tmp_path, monkeypatch):
    monkeypatch.setenv("KAIBO_KEYS", "secret")
    ended = run_child(python("import os; print(sorted(os.environ))"), limits=WIDE, folder=tmp_path)
    assert eval(ended.stdout) == ["HOME", "LC_CTYPE", "MALLOC_ARENA_MAX", "TMPDIR"]  # noqa: S307  # LC_CTYPE is Python's own doing


def test_a_callback_that_raises_kills_the_whole_group(tmp_path, monkeypatch):
    monkeypatch.setattr(children, "WALLS", ())  # where nothing else forbids a child to start another

    class LeaseLost(Exception):
        pass

    pids: list[int] = []

    def on_line(line):
        pids.extend(int(word) for word in line.split())
        raise LeaseLost

    code = (
        "import subprocess, sys, os, time; child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']);"
        "print(os.getpid(), child.pid, flush=True); time.sleep(60)"
    )
    with pytest.raises(LeaseLost):
        run_child(python(code), limits=WIDE, folder=tmp_path, on_line=on_line)
    assert len(pids) == 2
    assert _gone(pids)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ties a child to its parent")
def test_a_child_dies_with_its_parent(tmp_path):
    parent = subprocess.Popen(
        [
            sys.executable,
            "-c",
            (
                "from pathlib import Path; from media_pipeline.engines.children import python_reads, run_child;"
                "from media_pipeline.stages.ports import Limits;"
                f"run_child([{sys.executable!r}, '-c', 'import os, time; print(os.getpid(), flush=True); time.sleep(60)'],"
                f" limits=Limits(60, 60, 1024, 10), reads=python_reads(), folder=Path({str(tmp_path)!r}), on_line=lambda line: print(line.decode(), flush=True))"
            ),
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    assert _gone([child])


def _gone(pids):
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        if not any(psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE for pid in pids):
            return True
        time.sleep(0.05)
    return False


def test_the_cpu_limit_is_told_though_ffmpeg_catches_the_signal(tmp_path):
    endless = ("-f", "lavfi", "-i", "testsrc2=size=1280x720:rate=50:duration=600", "-f", "null", "-")
    command = [str(find_ffmpeg()), "-hide_banner", "-nostdin", *endless]
    ended = run_child(command, limits=Limits(60, 1, 2048, 10), folder=tmp_path)
    assert (ended.returncode, ended.limit) == (255, "cpu")
