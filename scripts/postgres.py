"""Run a command with a PostgreSQL of its own: a new cluster in a temporary folder on a free port, gone afterwards.

    python scripts/postgres.py COMMAND [ARGUMENT …]

Needs PostgreSQL 15 or newer on the machine (Debian: `apt-get install postgresql`); nothing of an installed cluster is
touched. As root the server runs as the system user `postgres`, because it refuses to run as root.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

OLDEST = 15
# Tells what runs inside where the server's own commands are; a server of somebody else's has none for us.
BINARIES = "POSTGRES_BINARIES"
MANY = ["-c", "max_connections=200"]
# Nothing here outlives the run, so nothing is flushed to disk.
FAST = ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]


@dataclass(frozen=True)
class Place:
    """A server that runs. environment: points Kaibo at it; crash: stops it as a power cut does, and starts it again."""

    environment: dict[str, str]
    crash: Callable[[], None]


def find_binaries() -> Path:
    """The newest folder that holds initdb and pg_ctl. Exits with one line when there is none."""
    folders = sorted(
        (f for f in Path("/usr/lib/postgresql").glob("*/bin") if f.parent.name.isdigit() and (f / "initdb").exists()),
        key=lambda f: int(f.parent.name),
    )
    if folders and int(folders[-1].parent.name) >= OLDEST:
        return folders[-1]
    on_path = shutil.which("initdb")
    if on_path and shutil.which("pg_ctl"):
        return Path(on_path).resolve().parent
    sys.exit(f"PostgreSQL {OLDEST} or newer is needed: install it (on Debian and Ubuntu: apt install postgresql).")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def cluster(*, durable: bool = False) -> Iterator[Place]:
    """A new, empty server. durable: it flushes to disk as in production, for tests that crash it and for measuring."""
    binaries = find_binaries()
    as_owner = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    folder = Path(tempfile.mkdtemp(prefix="kaibo-postgres-"))
    data, log = folder / "data", folder / "log"

    def run(*command: object) -> None:
        words = [*as_owner, *map(str, command)]
        done = subprocess.run(words, check=False, cwd=folder, capture_output=True, text=True)
        if done.returncode:
            said = log.read_text() if log.exists() else ""
            sys.exit(f"PostgreSQL: {' '.join(words)} failed\n{done.stdout}{done.stderr}{said}")

    try:
        if as_owner:
            shutil.chown(folder, "postgres", "postgres")
        port = free_port()
        settings = ["-c", "listen_addresses=127.0.0.1", "-c", f"port={port}", "-c", f"unix_socket_directories={folder}"]
        manner = ["--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
        run(binaries / "initdb", "-D", data, "-U", "kaibo", *manner)
        # The output goes to files: pg_ctl's server would hold a pipe open for ever.
        options = " ".join([*MANY, *([] if durable else FAST), *settings])

        def start() -> None:
            run(binaries / "pg_ctl", "-D", data, "-l", log, "-w", "-t", "60", "-o", options, "start")

        def stop() -> None:
            run(binaries / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")

        def crash() -> None:
            stop()
            start()

        start()
        try:
            run(binaries / "createdb", "-h", folder, "-p", port, "-U", "kaibo", "kaibo")
            environment = {
                "KAIBO_POSTGRES_DB": "kaibo",
                "KAIBO_POSTGRES_USER": "kaibo",
                "KAIBO_POSTGRES_PASSWORD": "",
                "KAIBO_POSTGRES_HOST": "127.0.0.1",
                "KAIBO_POSTGRES_PORT": str(port),
                BINARIES: str(binaries),
            }
            yield Place(environment, crash)
        finally:
            stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main() -> int:
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    # A stop from outside unwinds through the context, so that no server is left behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with cluster() as place:
        return subprocess.run(sys.argv[1:], check=False, env={**os.environ, **place.environment}).returncode


if __name__ == "__main__":
    sys.exit(main())
