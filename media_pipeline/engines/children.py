"""Child processes of limited time, memory, CPU and output, each the leader of its own process group.

The whole group is killed when time is up, when a progress callback raises, and when the parent dies.
"""

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from media_pipeline.stages.ports import Limits

_LAUNCHER = Path(__file__).with_name("limited.py")
_PROJECT = Path(__file__).resolve().parent.parent.parent
# The end of a log says what went wrong; a hostile file may write gigabytes of warnings.
_KEEP_LOG = 4 << 20
_READ = 1 << 16
_TICK_S = 0.5
_POLL_S = 0.005


@dataclass(frozen=True)
class Ended:
    """How a child ended and what it cost. `stdout` is empty where a line reader was given."""

    returncode: int
    stdout: bytes
    log: str
    limit: str
    cpu_s: float
    peak_rss_mb: float


def run_child(
    command: Sequence[str],
    *,
    limits: Limits,
    folder: Path,
    environment: Mapping[str, str] | None = None,
    stdin: bytes = b"",
    on_line: Callable[[bytes], None] | None = None,
) -> Ended:
    """Run `command` (absolute binary first) to its end in `folder`.

    `on_line` gets each line of stdout as it comes; what it raises kills the child and is raised again here.
    """
    launch = [sys.executable, "-I", "-S", str(_LAUNCHER), _limits_json(limits), *command]
    process = subprocess.Popen(
        launch,
        cwd=folder,
        env=_environment(environment or {}),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        process_group=0,
        close_fds=True,
    )
    reaper = _Reaper(process)
    deadline = time.monotonic() + limits.wall_s
    try:
        _feed(process, stdin)
        stdout, log = _listen(process, deadline, on_line)
        returncode, cpu_s, rss = reaper.wait(deadline)
    except BaseException:
        _kill_group(process.pid)
        reaper.wait()
        raise
    finally:
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
    limit = "time" if reaper.timed_out else _limit_of(returncode, log, cpu_spent=cpu_s >= limits.cpu_s)
    return Ended(returncode, stdout, log, limit, cpu_s, rss)


def python_child(module: str) -> list[str]:
    """The command of one of our own child modules, with this interpreter and this project."""
    return [sys.executable, "-P", "-m", module]


class _Reaper:
    """Waits with `wait4`, which alone tells what this one child cost."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process
        self._result: tuple[int, float, float] | None = None
        self.timed_out = False

    def wait(self, deadline: float = 0.0) -> tuple[int, float, float]:
        """(exit code, CPU seconds, largest resident MB); the group is killed at the deadline."""
        if self._result is None:
            pid, status, usage = os.wait4(self._process.pid, os.WNOHANG)
            while pid == 0:
                if time.monotonic() >= deadline and not self.timed_out:
                    self.timed_out = True
                    _kill_group(self._process.pid)
                time.sleep(_POLL_S)
                pid, status, usage = os.wait4(self._process.pid, os.WNOHANG)
            code = os.waitstatus_to_exitcode(status)
            self._process.returncode = code  # Popen must not wait for it again
            per_mb = 1024 if sys.platform == "linux" else 1024 * 1024
            self._result = (code, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / per_mb)
        return self._result


def _limits_json(limits: Limits) -> str:
    return json.dumps(
        {
            "cpu_s": limits.cpu_s,
            "memory_mb": limits.memory_mb,
            "output_mb": limits.output_mb,
            "parent": os.getpid(),
        }
    )


def _environment(extra: Mapping[str, str]) -> dict[str, str]:
    """A short environment: no keys of the installation reach a process that reads strangers' files."""
    kept = {
        name: os.environ[name]
        for name in ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH")
        if name in os.environ
    }
    return kept | {"PYTHONPATH": str(_PROJECT), "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUTF8": "1"} | dict(extra)


def _feed(process: "subprocess.Popen[bytes]", data: bytes) -> None:
    """Requests are far smaller than a pipe's buffer, so writing at once cannot block."""
    stdin = process.stdin
    if stdin is None:
        return
    with contextlib.suppress(BrokenPipeError):
        if data:
            stdin.write(data)
        stdin.close()


def _listen(
    process: "subprocess.Popen[bytes]", deadline: float, on_line: Callable[[bytes], None] | None
) -> tuple[bytes, str]:
    """Read both pipes until they close or time is up: (stdout, stderr)."""
    out, err = _Lines(on_line), _Tail()
    with selectors.DefaultSelector() as selector:
        for pipe, sink in ((process.stdout, out), (process.stderr, err)):
            if pipe is not None:
                selector.register(pipe, selectors.EVENT_READ, sink)
        while selector.get_map() and (left := deadline - time.monotonic()) > 0:
            for key, _ in selector.select(min(left, _TICK_S)):
                chunk = os.read(key.fd, _READ)
                if chunk:
                    key.data.take(chunk)
                else:
                    selector.unregister(key.fileobj)
    return out.rest(), err.text()


class _Lines:
    """Stdout: lines to the reader as they come, or everything kept."""

    def __init__(self, on_line: Callable[[bytes], None] | None) -> None:
        self._on_line = on_line
        self._buffer = bytearray()

    def take(self, chunk: bytes) -> None:
        self._buffer += chunk
        if self._on_line is None:
            return
        *lines, rest = bytes(self._buffer).split(b"\n")
        self._buffer = bytearray(rest)
        for line in lines:
            self._on_line(line)

    def rest(self) -> bytes:
        return b"" if self._on_line else bytes(self._buffer)


class _Tail:
    """Stderr: the beginning (what the input is) and the end (summaries, errors)."""

    def __init__(self) -> None:
        self._head = bytearray()
        self._tail = bytearray()

    def take(self, chunk: bytes) -> None:
        if len(self._head) < _KEEP_LOG:
            self._head += chunk
            return
        self._tail += chunk
        if len(self._tail) > 2 * _KEEP_LOG:
            del self._tail[:-_KEEP_LOG]

    def text(self) -> str:
        return (self._head + b"\n" + self._tail if self._tail else self._head).decode("utf-8", "replace")


def _kill_group(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def _limit_of(returncode: int, log: str, *, cpu_spent: bool) -> str:
    """Which kernel limit ended the child, "" when none did."""
    # ffmpeg catches SIGXCPU and exits with 255; who ignores it is killed at the hard limit.
    if cpu_spent or returncode == -signal.SIGXCPU:
        return "cpu"
    if returncode == -signal.SIGKILL:  # the kernel's hand (memory of the machine) or a person's
        return "killed"
    if returncode == -signal.SIGXFSZ or "File too large" in log:
        return "output"
    out_of_memory = ("Cannot allocate memory", "MemoryError", "bad_alloc", "unable to mmap", "Failed to allocate")
    if returncode != 0 and any(sign in log for sign in out_of_memory):
        return "memory"
    return ""
