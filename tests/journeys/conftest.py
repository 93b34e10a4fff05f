"""The real thing: web server, worker, ffmpeg and Whisper in processes of their own, on a demonstration world of their own."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from scripts.pattern import lay_pattern

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Site:
    """A running installation: address, environment of its commands, folder of its state."""

    url: str
    env: dict[str, str]
    var: Path

    def manage(self, *arguments: str) -> str:
        """Run a management command; its standard output."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            check=False,
            cwd=ROOT,
            env=self.env,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, f"manage.py {arguments}: {done.stdout}{done.stderr}"
        return done.stdout

    def logins(self) -> dict[str, dict[str, str]]:
        """Key of the cast → username, password, and the code of this half minute."""
        return dict(json.loads(self.manage("demo_logins", "--json")))


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The site and its worker as `make demo` runs them."""
    var = tmp_path_factory.mktemp("journey")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    env = {name: value for name, value in os.environ.items() if not name.startswith("KAIBO_POSTGRES")} | {
        "DJANGO_SETTINGS_MODULE": "lms.settings.dev",
        "KAIBO_VAR": str(var),
        "KAIBO_WEIGHTS": os.environ.get("KAIBO_WEIGHTS", str(ROOT / "var" / "weights")),
        "KAIBO_DEMO": "1",
        "KAIBO_DEBUG": "0",
    }
    lay_pattern(var / "kaibo.sqlite3")
    prepared = subprocess.run(
        [sys.executable, "scripts/prepare.py"],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert prepared.returncode == 0, prepared.stdout + prepared.stderr
    log = (var / "journey.log").open("wb")

    def start(*command: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, *command], cwd=ROOT, env=env, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )

    server = start(
        *("-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)),
        *("--workers", "1", "--blocking-threads", "8", "--no-ws", "lms.wsgi:application"),
    )
    worker = start("manage.py", "worker")
    try:
        for _ in range(150):
            try:
                with urllib.request.urlopen(f"{url}/healthz", timeout=5):  # noqa: S310  # our own loopback
                    break
            except OSError:
                time.sleep(0.2)
        else:
            pytest.fail((var / "journey.log").read_text())
        yield Site(url, env, var)
    finally:
        _stop(server)
        _stop(worker)
        log.close()


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Debian's Chromium; Playwright's own build cannot be fetched everywhere."""
    return {
        **browser_type_launch_args,
        "executable_path": "/usr/bin/chromium",
        "args": [
            *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
            *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
        ],
    }
