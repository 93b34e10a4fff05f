"""Keeps the parts of a worker alive and ends them for certain.

Every part is a process group of its own. A stop is: SIGTERM to the leaders and time to finish; SIGTERM to the groups, on
which workers hand their jobs back; SIGKILL of whatever is left, also of engines in groups of their own. A worker that
died leaves orphans (an ffmpeg, a Whisper); the supervisor adopts them (Linux) and ends them.
"""

import ctypes
import os
import selectors
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic
from types import FrameType

import psutil

_TICK_S = 0.25
_ORPHANS_EVERY_S = 2.0
_HAND_BACK_S = 5.0
_LONGEST_PAUSE_S = 60.0
_PROVEN_S = 60.0  # a part that lived this long starts again without a pause
_PR_SET_CHILD_SUBREAPER = 36


@dataclass
class Part:
    """One child: its command, its process and what is known of it."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    process: subprocess.Popen[bytes] | None = None
    lifeline: socket.socket | None = None
    heard: bytes = b""
    ready: bool = False
    started_at: float = 0.0
    failures: int = 0
    start_at: float = 0.0


@dataclass
class Supervisor:
    """`run()` until SIGTERM or SIGINT; a second signal ends at once.

    parts: name → (command, environment additions); a command gets `--fd N` appended, its end of the lifeline.
    stuck_s: a part reported stuck is started anew when it is at least this old. report: told one line at a time.
    """

    parts: Mapping[str, tuple[Sequence[str], Mapping[str, str]]]
    report: Callable[[str], None]
    grace_s: float = 10.0
    stuck_s: float = 180.0
    _parts: list[Part] = field(default_factory=list, init=False)
    _signals: int = field(default=0, init=False)
    _ears: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector, init=False)
    _orphans: dict[int, float] = field(default_factory=dict, init=False)
    _announced: bool = field(default=False, init=False)

    def run(self) -> None:
        """Start the parts, keep them, and stop them cleanly when asked."""
        _adopt_orphans()
        before = {number: signal.signal(number, self._on_signal) for number in (signal.SIGTERM, signal.SIGINT)}
        self._parts = [Part(name, command, extra) for name, (command, extra) in self.parts.items()]
        try:
            orphans_at = 0.0
            while not self._signals:
                for part in self._parts:
                    self._tend(part)
                self._listen(_TICK_S)
                if monotonic() >= orphans_at:
                    self._end_orphans()
                    orphans_at = monotonic() + _ORPHANS_EVERY_S
            self.report("stopping")
        finally:
            self._end(self._parts, self.grace_s)
            self._end_everything()
            for number, handler in before.items():
                signal.signal(number, handler)
        self.report("stopped")

    def _on_signal(self, signum: int, frame: FrameType | None) -> None:
        self._signals += 1

    def _start(self, part: Part) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            part.process = subprocess.Popen(
                [*part.command, "--fd", str(theirs.fileno())],
                env={**os.environ, **part.environment},
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        part.lifeline, part.started_at, part.ready, part.heard = ours, monotonic(), False, b""
        ours.setblocking(False)
        self._ears.register(ours, selectors.EVENT_READ, part)

    def _tend(self, part: Part) -> None:
        """Start a part that does not run and bury one that died."""
        if part.process is None:
            if monotonic() >= part.start_at:
                self._start(part)
            return
        if not _has_ended(part.process):
            return
        lived = monotonic() - part.started_at
        self._end([part], 0)
        part.failures = 0 if lived >= _PROVEN_S else part.failures + 1
        pause = min(2.0 ** (part.failures - 1), _LONGEST_PAUSE_S) if part.failures else 0.0
        part.start_at = monotonic() + pause
        self.report(f"{part.name} ended by itself; starting it again in {pause:.0f} s")

    def _listen(self, seconds: float) -> None:
        for key, _ in self._ears.select(seconds):
            part: Part = key.data
            try:
                words = part.lifeline.recv(4096) if part.lifeline else b""
            except (BlockingIOError, ConnectionResetError):
                continue
            if not words:
                self._ears.unregister(key.fileobj)  # the process itself is found dead by _tend
                continue
            *lines, part.heard = (part.heard + words).split(b"\n")
            for line in lines:
                self._hear(part, line.decode(errors="replace"))

    def _hear(self, part: Part, line: str) -> None:
        word, _, argument = line.partition(" ")
        if word == "ready":
            part.ready = True
            if not self._announced and all(each.ready for each in self._parts):
                self._announced = True
                self.report("ready: " + ", ".join(each.name for each in self._parts))
        elif word == "stuck":
            for other in self._parts:
                if other.name == argument and other.process and monotonic() - other.started_at >= self.stuck_s:
                    self.report(f"{other.name} does not answer; starting it again")
                    self._end([other], 0)
                    other.start_at = monotonic()

    def _end(self, parts: Sequence[Part], grace_s: float) -> None:
        """End these parts with everything below them; returns when they are gone."""
        running = [part for part in parts if part.process]
        below = [child for part in running for child in _descendants(part)]
        if grace_s:
            for part in running:
                _signal(part.process, signal.SIGTERM, group=False)
            self._wait(running, grace_s)
        for part in running:
            _signal(part.process, signal.SIGTERM, group=True)
        self._wait(running, _HAND_BACK_S, whole_group=True)
        below += [child for part in running for child in _descendants(part)]
        for part in running:
            _signal(part.process, signal.SIGKILL, group=True)
        for child in below:
            with suppress(psutil.NoSuchProcess):
                child.kill()
        for part in running:
            if part.process:
                part.process.wait()
            if part.lifeline:
                with suppress(KeyError, ValueError):
                    self._ears.unregister(part.lifeline)
                part.lifeline.close()
            part.process, part.lifeline, part.ready = None, None, False

    def _wait(self, parts: Sequence[Part], seconds: float, *, whole_group: bool = False) -> None:
        until = monotonic() + seconds
        while monotonic() < until and self._signals < 2:
            left = [p for p in parts if p.process and (not _has_ended(p.process) or (whole_group and _descendants(p)))]
            if not left and not (whole_group and any(_group_lives(p) for p in parts)):
                return
            signal_free_sleep(0.1)

    def _end_orphans(self) -> None:
        """Processes below us that are no part: what a dead worker left. SIGTERM first, SIGKILL three seconds later."""
        ours = {part.process.pid for part in self._parts if part.process}
        strays = [child for child in psutil.Process().children() if child.pid not in ours]
        seen = {child.pid: self._orphans.get(child.pid, monotonic()) for child in strays}
        for child in strays:
            with suppress(ChildProcessError):
                os.waitpid(child.pid, os.WNOHANG)
            with suppress(psutil.NoSuchProcess):
                if child.pid not in self._orphans:
                    child.terminate()
                elif monotonic() - seen[child.pid] >= 3:
                    child.kill()
        self._orphans = seen

    def _end_everything(self) -> None:
        strays = psutil.Process().children(recursive=True)
        for child in strays:
            with suppress(psutil.NoSuchProcess):
                child.kill()
        psutil.wait_procs(strays, timeout=5)


def signal_free_sleep(seconds: float) -> None:
    """Sleep on nothing; unlike time.sleep it may end early at a signal, which is wanted here."""
    with suppress(InterruptedError):
        selectors.DefaultSelector().select(seconds)


def _has_ended(process: subprocess.Popen[bytes]) -> bool:
    """Without reaping it: the zombie keeps its group number from being given to strangers until the group is killed."""
    if process.returncode is not None:
        return True
    return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _group_lives(part: Part) -> bool:
    if part.process is None:
        return False
    return any(_group_of(child.pid) == part.process.pid for child in psutil.Process().children(recursive=True))


def _group_of(pid: int) -> int:
    with suppress(ProcessLookupError, psutil.NoSuchProcess):
        if psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
            return os.getpgid(pid)
    return -1


def _descendants(part: Part) -> list[psutil.Process]:
    with suppress(psutil.NoSuchProcess):
        if part.process:
            return list(psutil.Process(part.process.pid).children(recursive=True))
    return []


def _signal(process: subprocess.Popen[bytes] | None, number: signal.Signals, *, group: bool) -> None:
    if process is None or process.returncode is not None:
        return
    with suppress(ProcessLookupError, PermissionError):
        (os.killpg if group else os.kill)(process.pid, number)


def _adopt_orphans() -> None:
    """Let grandchildren whose parent died become our children (Linux); elsewhere only groups are ended."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
