"""Child processes of limited time, memory, CPU, output and open files, each in a session of its own, walled in.

A child opens its own folder, what it is given to read and the system's libraries; it has no network, starts no process and
signals nobody, as far as the kernel allows (`walls.py`). It is killed when time is up, when its folder grows over the
limit, when a progress callback raises, and when the parent dies.
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
from functools import lru_cache
from pathlib import Path

from media_pipeline.engines.limited import CANNOT_START, CANNOT_START_SIGN
from media_pipeline.stages.ports import EngineError, Limits

_LAUNCHER = Path(__file__).with_name("limited.py")
_ENTRY = Path(__file__).with_name("child_entry.py")
_PACKAGE = Path(__file__).resolve().parent.parent
# Its library, packages of its own and of an environment it stands on, and Debian's sitecustomize.
_ASK = """
import json, sys, sysconfig
places = [sys.executable, sys.prefix, sys.exec_prefix, sys.base_prefix + "/lib"]
places += [path for name, path in sysconfig.get_paths().items() if name.endswith("lib")]
places += [path for path in sys.path if path.endswith("-packages")]
print(json.dumps([*places, "/etc/python%d.%d" % sys.version_info[:2]]))
"""
# All that this kernel has. Tests take some away, to see what the others do alone.
WALLS = ("namespaces", "landlock", "seccomp")
_OPEN_FILES = 256
# The end of a log says what went wrong; a hostile file may write gigabytes of warnings.
_KEEP_LOG = 4 << 20
_READ = 1 << 16
# What a child may answer: an hour of words with their times is a tenth of it.
_MOST_ANSWER = 64 << 20
_TICK_S = 0.5
_LOOK_S = 0.02
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
    folder: Path | None = None,
    reads: Sequence[Path] = (),
    walled: bool = True,
    environment: Mapping[str, str] | None = None,
    stdin: bytes = b"",
    on_line: Callable[[bytes], None] | None = None,
) -> Ended:
    """Run `command` (absolute binary first) to its end in `folder`, the one place where it may write.

    folder: None: it starts in "/" and writes nowhere. reads: files and folders it may read besides. walled: False only for
    a child that never sees a stranger's file and needs the network. `on_line` gets each line of stdout as it comes; what it
    raises kills the child and is raised again here. Raises EngineError where the command cannot be started.
    """
    request = _request(limits, [Path(command[0]), *reads], folder, WALLS if walled else ())
    process = subprocess.Popen(
        [*_launcher(), request, *command],
        cwd=folder or "/",
        env=_environment(folder) | dict(environment or {}),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        close_fds=True,
    )
    reaper = _Reaper(process)
    deadline = time.monotonic() + limits.wall_s
    room = _Room(folder, limits.output_mb)
    try:
        _feed(process, stdin)
        stdout, log = _listen(process, deadline, on_line, room, reaper.peak)
        returncode, cpu_s, rss = reaper.wait(0.0 if room.overrun else deadline)
    except BaseException:
        _kill_group(process.pid)
        reaper.wait()
        raise
    finally:
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
    if returncode == CANNOT_START and CANNOT_START_SIGN in log:
        raise EngineError(log.strip()[-300:])
    limit = _limit_of(returncode, log, cpu_spent=cpu_s >= limits.cpu_s)
    if room.overrun:
        limit = "output"
    elif reaper.timed_out:
        limit = "time"
    return Ended(returncode, stdout, log, limit, cpu_s, rss)


def python_child(module: str, python: str = "") -> list[str]:
    """The command of one of our own child modules, with this interpreter (or another) and this package."""
    return [python or sys.executable, "-I", "-B", "-X", "utf8", str(_ENTRY), module]


@lru_cache
def python_reads(python: str = "") -> tuple[Path, ...]:
    """What a Python child of ours must read to start: the interpreter, its library, the packages, this package.

    The interpreter is asked itself, as it will be started. Raises EngineError where it does not answer.
    """
    command = [python or sys.executable, "-I", "-c", _ASK]
    try:
        said = subprocess.run(command, capture_output=True, timeout=30, check=True, env=_environment(None)).stdout
        places = json.loads(said)
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise EngineError(f"the interpreter of child processes does not start: {error}") from error
    return (*sorted({Path(os.path.realpath(place)) for place in places}), _PACKAGE)


@lru_cache
def standing_walls() -> str:
    """The walls that stand on this machine, found by putting them up once: "namespaces, landlock 7, seccomp" or "none"."""
    request = _request(Limits(wall_s=20, cpu_s=10, memory_mb=1024, output_mb=1), (), None, WALLS)
    done = subprocess.run([*_launcher(), request], capture_output=True, timeout=20, env={}, check=False)
    try:
        return ", ".join(json.loads(done.stdout)) or "none"
    except ValueError as error:
        raise EngineError(f"the launcher of child processes does not start: {done.stderr[-300:]!r}") from error


class _Peak:
    """The largest resident memory of a running child, looked at often: what `wait4` says counts ours, too, before the exec."""

    def __init__(self, pid: int) -> None:
        self._status = Path(f"/proc/{pid}/status")
        self._next = 0.0
        self.mb = 0.0

    def look(self) -> None:
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + _LOOK_S
        with contextlib.suppress(OSError):
            for line in self._status.read_text().splitlines():
                if line.startswith("VmHWM:"):
                    self.mb = max(self.mb, int(line.split()[1]) / 1024)


class _Reaper:
    """Waits with `wait4`, which alone tells what this one child cost."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process
        self._result: tuple[int, float, float] | None = None
        self.timed_out = False
        self.peak = _Peak(process.pid)

    def wait(self, deadline: float = 0.0) -> tuple[int, float, float]:
        """(exit code, CPU seconds, largest resident MB); the group is killed at the deadline."""
        if self._result is None:
            pid, status, usage = os.wait4(self._process.pid, os.WNOHANG)
            while pid == 0:
                if time.monotonic() >= deadline and not self.timed_out:
                    self.timed_out = True
                    _kill_group(self._process.pid)
                self.peak.look()
                time.sleep(_POLL_S)
                pid, status, usage = os.wait4(self._process.pid, os.WNOHANG)
            code = os.waitstatus_to_exitcode(status)
            self._process.returncode = code  # Popen must not wait for it again
            per_mb = 1024 if sys.platform == "linux" else 1024 * 1024
            self._result = (code, usage.ru_utime + usage.ru_stime, self.peak.mb or usage.ru_maxrss / per_mb)
        return self._result


def _launcher() -> list[str]:
    return [sys.executable, "-I", "-S", str(_LAUNCHER)]


def _request(limits: Limits, reads: Sequence[Path], folder: Path | None, walls: Sequence[str]) -> str:
    return json.dumps(
        {
            "cpu_s": limits.cpu_s,
            "memory_mb": limits.memory_mb,
            "output_mb": limits.output_mb,
            "files": _OPEN_FILES,
            "parent": os.getpid(),
            "walls": list(walls),
            "reads": [str(path) for path in reads],
            "writes": [os.path.realpath(folder)] if folder else [],
        }
    )


def _environment(folder: Path | None) -> dict[str, str]:
    """Next to nothing: neither keys nor habits of the installation reach a process that reads strangers' files."""
    kept = {"LD_LIBRARY_PATH": os.environ["LD_LIBRARY_PATH"]} if "LD_LIBRARY_PATH" in os.environ else {}
    # Each arena of the C library reserves 64 MB of addresses, which count as memory; without a word, eight for each core.
    return kept | {"HOME": str(folder or "/"), "TMPDIR": str(folder or "/"), "MALLOC_ARENA_MAX": "4"}


def _feed(process: "subprocess.Popen[bytes]", data: bytes) -> None:
    """Requests are far smaller than a pipe's buffer, so writing at once cannot block."""
    stdin = process.stdin
    if stdin is None:
        return
    with contextlib.suppress(BrokenPipeError):
        if data:
            stdin.write(data)
        stdin.close()


class _Room:
    """The size of everything in a child's folder: the kernel's limit knows single files only."""

    def __init__(self, folder: Path | None, limit_mb: int) -> None:
        self._folder, self._limit = folder, limit_mb << 20
        self._before = self._size()
        self._next = time.monotonic() + _TICK_S
        self.overrun = False

    def look(self) -> bool:
        """Whether it grew over the limit; looked at twice a second."""
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + _TICK_S
            self.overrun = self._size() - self._before > self._limit
        return self.overrun

    def _size(self) -> int:
        if self._folder is None:
            return 0
        size = 0
        for path in self._folder.rglob("*"):
            with contextlib.suppress(OSError):  # renamed or removed meanwhile
                size += path.lstat().st_size
        return size


def _listen(
    process: "subprocess.Popen[bytes]",
    deadline: float,
    on_line: Callable[[bytes], None] | None,
    room: _Room,
    peak: _Peak,
) -> tuple[bytes, str]:
    """Read both pipes until they close, time is up or there is too much in the folder: (stdout, stderr)."""
    out, err = _Lines(on_line), _Tail()
    with selectors.DefaultSelector() as selector:
        for pipe, sink in ((process.stdout, out), (process.stderr, err)):
            if pipe is not None:
                selector.register(pipe, selectors.EVENT_READ, sink)
        while selector.get_map() and (left := deadline - time.monotonic()) > 0 and not room.look():
            peak.look()
            for key, _ in selector.select(min(left, _LOOK_S)):
                chunk = os.read(key.fd, _READ)
                peak.look()
                if chunk:
                    key.data.take(chunk)
                else:
                    selector.unregister(key.fileobj)
            room.overrun = room.overrun or out.held > _MOST_ANSWER
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

    @property
    def held(self) -> int:
        return len(self._buffer)

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
    for kill in (os.killpg, os.kill):  # the child, should it have left its group
        with contextlib.suppress(ProcessLookupError, PermissionError):
            kill(pid, signal.SIGKILL)


def _limit_of(returncode: int, log: str, *, cpu_spent: bool) -> str:
    """Which kernel limit ended the child, "" when none did."""
    # ffmpeg catches SIGXCPU and exits with 255; who ignores it is killed at the hard limit.
    if cpu_spent or returncode == -signal.SIGXCPU:
        return "cpu"
    if returncode == -signal.SIGKILL:  # the kernel's hand (memory of the machine) or a person's
        return "killed"
    if returncode == -signal.SIGXFSZ or "File too large" in log:
        return "output"
    out_of_memory = (
        "Cannot allocate memory", "MemoryError", "bad_alloc", "unable to mmap", "Failed to allocate",
        "pthread_create() failed", "failed to map segment",
    )  # fmt: skip
    if returncode != 0 and any(sign in log for sign in out_of_memory):
        return "memory"
    return ""
