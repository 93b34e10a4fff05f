"""A real web server with an examination under way, and candidates that save as the exam page does: for bench and soak.

Everything is made in a folder that is thrown away. A candidate keeps every answer until it has a receipt and sends it again,
byte for byte, whatever happened to the request before.
"""

import http.client
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from scripts.pattern import lay_dump, lay_pattern

ROOT = Path(__file__).resolve().parent.parent
_START_S = 60
# Names the file where `exam_hashes` notes what each password's hash took, in nanoseconds.
HASHES = "EXAM_HASHES"


class Site:
    """A migrated installation in a folder and at most one web server on it. extra: environment, such as PostgreSQL's."""

    application = "lms.wsgi:application"

    def __init__(self, folder: Path, port: int, extra: Mapping[str, str] = {}) -> None:  # only read
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("KAIBO_", "DJANGO_", "Q_"))}
        self.folder, self.port, self.postgres = folder, port, bool(extra)
        self.environment = {
            **kept,
            "DJANGO_SETTINGS_MODULE": "lms.settings.dev",
            "KAIBO_VAR": str(folder / "var"),
            "KAIBO_DEBUG": "0",
            **extra,
        }
        (folder / "var" / "static").mkdir(parents=True, exist_ok=True)
        self.server: subprocess.Popen[bytes] | None = None
        if extra:
            lay_dump(self.environment, self.migrate)
        elif not lay_pattern(folder / "var" / "kaibo.sqlite3"):
            self.migrate()

    def migrate(self) -> None:
        self.manage("migrate", "-v0")

    def manage(self, *words: str) -> str:
        """What a command says. Raises RuntimeError with its errors."""
        command = [sys.executable, "manage.py", *words]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(done.stderr)
        return done.stdout

    def run(self, code: str) -> Any:
        """What Python code prints as JSON, run inside the installation."""
        return json.loads(self.manage("shell", "-v0", "-c", code).strip().splitlines()[-1])

    def seat(self, count: int) -> list[dict[str, str]]:
        """So many candidates at their desks."""
        return self.run(
            "import json; from dataclasses import asdict; from assessment.management.exam_rows import seat_candidates\n"
            f"print(json.dumps([asdict(one) for one in seat_candidates({count})]))"
        )

    def gather(self, count: int, *, opens_in_s: float, starts_per_minute: int) -> dict[str, Any]:
        """A class with a place in an open sitting: `exam_class.ExamClass`. Once an installation."""
        self.manage("collectstatic", "--noinput", "-v0")
        return self.run(
            "import json; from dataclasses import asdict; from assessment.management.exam_class import gather_class\n"
            f"found = gather_class({count}, opens_in_s={opens_in_s}, starts_per_minute={starts_per_minute})\n"
            "print(json.dumps(asdict(found)))"
        )

    def mark(self, sitting: str) -> dict[str, Any]:
        """Close a sitting and mark its papers as the worker does: `exam_class.Judged`."""
        return self._class("mark_class", sitting)

    def release(self, sitting: str) -> dict[str, Any]:
        """Release its marks and tell everybody: `exam_class.Judged`."""
        return self._class("release_class", sitting)

    def _class(self, act: str, sitting: str) -> dict[str, Any]:
        return self.run(
            f"import json; from dataclasses import asdict; from assessment.management.exam_class import {act}\n"
            f"print(json.dumps(asdict({act}('{sitting}'))))"
        )

    def recount(self) -> dict[str, Any]:
        """What the database holds: uuid → its rows, each as `Candidate.lost` compares it; and what is wrong."""
        return self.run(
            "import json; from assessment.delivery.models import Answer, Attempt\n"
            "from assessment.delivery.selectors import recount\n"
            "held = {}\n"
            "for row in Answer.objects.select_related('attempt').order_by('id'):\n"
            "    held.setdefault(str(row.attempt.uuid), []).append([row.epoch, row.sequence, row.position, row.response,"
            " row.at_ms, row.standing, row.hash])\n"
            "wrong = [p for uuid in Attempt.objects.values_list('uuid', flat=True) if (p := recount(uuid).problem)]\n"
            "print(json.dumps({'rows': held, 'wrong': wrong}))"
        )

    def start(self) -> None:
        """As in production, on loopback; once. Returns when it answers; raises RuntimeError."""
        if self.server is None:
            self.server = serve(self.application, self.port, self.environment, self.folder / "web.log")

    def kill(self) -> None:
        """As the kernel kills: every process of the server at once, no farewell."""
        if self.server is not None:
            end(self.server)
        self.server = None

    def stop(self) -> None:
        """As an administrator stops it."""
        if self.server is None:
            return
        self.server.terminate()
        with suppress(subprocess.TimeoutExpired):
            self.server.wait(20)
        self.kill()

    def cpu_s(self) -> float:
        """CPU seconds of the web server's processes so far."""
        return 0.0 if self.server is None else served_cpu_s(self.server)


def serve(application: str, port: int, environment: Mapping[str, str], log: Path) -> subprocess.Popen[bytes]:
    """A web server on loopback in a session of its own, once its /healthz answers. Raises RuntimeError with what it logged."""
    with log.open("ab") as said:
        server = subprocess.Popen(
            [
                *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1"),
                *("--port", str(port), "--workers", "1", "--blocking-threads", "8", "--no-ws", application),
            ],
            cwd=ROOT,
            env=environment,
            stdout=said,
            stderr=said,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
    until = time.monotonic() + _START_S
    while time.monotonic() < until:
        asked = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        with suppress(OSError, http.client.HTTPException), closing(asked):
            asked.request("GET", "/healthz")
            if asked.getresponse().status == 200:
                return server
        time.sleep(0.05)
    end(server)
    raise RuntimeError(log.read_text()[-2000:])


def end(server: subprocess.Popen[bytes]) -> None:
    """As the kernel kills: every process of a server at once, no farewell."""
    with suppress(ProcessLookupError):
        os.killpg(server.pid, signal.SIGKILL)
    server.wait()


def served_cpu_s(server: subprocess.Popen[bytes]) -> float:
    """CPU seconds of a web server's processes so far."""
    root = psutil.Process(server.pid)
    return sum(_cpu(one) for one in [root, *root.children(recursive=True)])


def _cpu(process: psutil.Process) -> float:
    """Of a process, and of those of its children that have ended."""
    times = process.cpu_times()
    return float(times.user + times.system + times.children_user + times.children_system)


def postgres_cpu_s(data_port: str) -> float:
    """CPU seconds so far of the PostgreSQL server that listens on a port, backends and helpers that live now included."""
    for process in psutil.process_iter(["name", "cmdline"]):
        words = process.info["cmdline"] or []
        if f"port={data_port}" in words and process.info["name"].startswith("postgres"):
            return sum(_cpu(one) for one in [process, *process.children(recursive=True)])
    raise LookupError(data_port)


@dataclass
class Candidate:
    """One exam page: its outbox, its receipts, one connection at a time. dice: of its back-off."""

    attempt: str
    token: str
    first: str
    port: int
    dice: random.Random = field(default_factory=random.Random)
    receipts: list[dict[str, Any]] = field(default_factory=list)
    sent: list[tuple[int, Any]] = field(default_factory=list)
    tries: int = 0
    _line: http.client.HTTPConnection | None = None

    def write(self, position: int, response: Any) -> None:
        """She chooses; it goes into the outbox."""
        self.sent.append((position, response))

    def body(self, most: int = 50) -> bytes:
        """What waits for a receipt, the same bytes every time."""
        done = len(self.receipts)
        waits = self.sent[done : done + most]
        answers = [
            {"sequence": done + n, "position": position, "response": response}
            for n, (position, response) in enumerate(waits, start=1)
        ]
        previous = self.receipts[-1]["hash"] if self.receipts else self.first
        return json.dumps({"previous": previous, "answers": answers}).encode()

    def post(self, body: bytes, timeout: float = 30) -> tuple[int, dict[str, Any]]:
        """Status and what is said. Raises OSError, http.client.HTTPException when the line breaks."""
        line = self._line or http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        self._line = None
        self.tries += 1
        try:
            line.request("POST", "/x/save", body, {"Kaibo-Attempt": self.token, "Content-Type": "application/json"})
            answer = line.getresponse()
            status, said = answer.status, json.loads(answer.read())
        except BaseException:
            line.close()
            raise
        self._line = line
        return status, said

    def close(self) -> None:
        """Hang up."""
        if self._line:
            self._line.close()
            self._line = None

    def flush(self, until: float, most: int = 50) -> None:
        """Until everything has its receipt. Raises TimeoutError after a monotonic moment, ValueError for a refusal."""
        wait = 0.02
        while len(self.receipts) < len(self.sent):
            if time.monotonic() > until:
                raise TimeoutError(f"{len(self.sent) - len(self.receipts)} answers have no receipt")
            try:
                status, said = self.post(self.body(most))
            except (OSError, http.client.HTTPException, ValueError):
                status, said = 0, {}
            if status == 200:
                self.receipts += said["receipts"]
                wait = 0.02
            elif status in {0, 500, 502, 503}:
                time.sleep(wait * self.dice.uniform(0.5, 1.5))
                wait = min(wait * 2, 1.0)
            else:
                raise ValueError(f"{status} {said}")

    def lost(self, rows: list[list[Any]]) -> list[str]:
        """What is wrong with the rows of her attempt, against the receipts she holds."""
        said = [
            [1, one["sequence"], position, _canonical(response), one["at"], one["standing"], one["hash"]]
            for one, (position, response) in zip(self.receipts, self.sent, strict=False)
        ]
        wrong = [f"{self.attempt}: {a} is not {b}" for a, b in zip(said, rows, strict=False) if a != b]
        if len(rows) < len(said):
            wrong.append(f"{self.attempt}: {len(said) - len(rows)} acknowledged answers are lost")
        if len({row[1] for row in rows}) != len(rows):
            wrong.append(f"{self.attempt}: an answer is there twice")
        return wrong


def _canonical(response: Any) -> str:
    return json.dumps(response, sort_keys=True, separators=(",", ":"))
