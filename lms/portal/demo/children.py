"""The processes the demonstration starts and must not leave behind: the worker and the web server."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from django.conf import settings

_STOP_S = 30.0


class ChildDied(Exception):
    """A process of the demonstration ended by itself; the message names it, its exit code and its log."""


class Child:
    """One process in a group of its own, its output in `var/log/NAME.log`."""

    def __init__(self, name: str, *arguments: str, **environment: str) -> None:
        self.name = name
        self.log = Path(settings.VAR_DIR) / "log" / f"{name}.log"
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, *arguments],
                cwd=settings.BASE_DIR,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env=os.environ
                | {"DJANGO_SETTINGS_MODULE": os.environ.get("DJANGO_SETTINGS_MODULE", "lms.settings.dev")}
                | environment,
            )

    def check(self) -> None:
        """Raises ChildDied when the process has ended."""
        code = self._process.poll()
        if code is not None:
            tail = " ".join(self.log.read_text(errors="replace").split("\n")[-4:]).strip()
            raise ChildDied(f"{self.name} ended with exit code {code}: {tail} (log: {self.log})")

    def stop(self) -> None:
        """SIGTERM, half a minute of patience, then SIGKILL to whoever is left of the group."""
        if self._process.poll() is None:
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_STOP_S)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


def free_port(wanted: int | None, *, first: int = 8000) -> int:
    """The wanted port, else the first free one from `first`. Raises ChildDied when the wanted one is taken."""
    for port in [wanted] if wanted else range(first, first + 100):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise ChildDied(
        f"port {wanted} is in use: choose another with PORT=" if wanted else f"ports {first}–{first + 99} are in use"
    )


def start_worker() -> Child:
    """Both clusters and the sweeper."""
    return Child("worker", str(settings.BASE_DIR / "manage.py"), "worker")


def start_site(port: int, name: str = "site", **environment: str) -> Child:
    """The web server, as in production but on loopback. Returns when it answers; raises ChildDied when it does not."""
    child = Child(
        name,
        *("-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)),
        *("--workers", "1", "--blocking-threads", str(settings.WEB_THREADS), "--no-ws", "lms.wsgi:application"),
        **environment,
    )
    until = time.monotonic() + 60
    while time.monotonic() < until:
        child.check()
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5):  # our own loopback
                return child
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    child.stop()
    raise ChildDied(f"the site did not answer within a minute (log: {child.log})")
