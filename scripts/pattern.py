"""The migrated database of an earlier run, taken over instead of made again: 250 migrations take 40 s, a copy of it 2.

It is kept in var/, by a hash of every migration and of the pinned packages, which bring migrations of their own; SQLite's as
a file, PostgreSQL's as its own dump. Django's tests still ask what is to be migrated.
"""

import fcntl
import os
import sqlite3
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import Any

from scripts.postgres import BINARIES

ROOT = Path(__file__).resolve().parent.parent
PLACE = ROOT / "var" / "test-database"


# ---- SQLite ----


def from_pattern(connection: Any) -> None:
    """Let this connection's test database begin as a copy of the pattern; the first to come leaves one."""
    create = connection.creation.create_test_db

    def copied(*, keepdb: bool = False, **said: Any) -> str:
        with _locked():
            if not _place("sqlite3").exists():
                name: str = create(keepdb=keepdb, **said)
                leave_pattern(connection)
                return name
        # A database in memory lasts as long as somebody holds it.
        with closing(sqlite3.connect(connection.creation._get_test_db_name(), uri=True)) as held:
            _copy(held)
            return str(create(keepdb=True, **said))

    connection.creation.create_test_db = copied


def lay_pattern(database: Path) -> bool:
    """Begin an installation's database as a copy of the pattern. Whether there was one: nothing is left to migrate then."""
    if not _place("sqlite3").exists():
        return False
    database.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(database)) as held:
        _copy(held)
    return True


def leave_pattern(connection: Any) -> None:
    """Keep this SQLite connection's database, which has been migrated and holds nothing else."""

    def backup(unfinished: Path) -> None:
        # With the SQLite that the connection runs on, which need not be Python's own.
        with closing(connection.Database.connect(unfinished)) as kept:
            connection.connection.backup(kept)

    _leave("sqlite3", backup)


def _copy(held: sqlite3.Connection) -> None:
    with closing(sqlite3.connect(_place("sqlite3"))) as kept:
        kept.backup(held)


# ---- PostgreSQL ----


def from_dump(connection: Any) -> None:
    """The same of a connection to PostgreSQL, on a server that `postgres.cluster` started."""
    create = connection.creation.create_test_db

    def restored(*, keepdb: bool = False, **said: Any) -> str:
        names = connection.settings_dict
        server = _Server(os.environ[BINARIES], names["HOST"], str(names["PORT"]), names["USER"])
        with _locked():
            if not _place("dump").exists():
                name: str = create(keepdb=keepdb, **said)
                server.leave(name)
                return name
        name = connection.creation._get_test_db_name()
        server.run("createdb", name)
        server.lay(name)
        return str(create(keepdb=True, **said))

    connection.creation.create_test_db = restored


def lay_dump(environment: Mapping[str, str], migrate: Callable[[], object]) -> None:
    """The same of a new, empty database that `postgres.cluster` made; without a pattern it is migrated, and leaves one.
    Raises subprocess.CalledProcessError."""
    where = [environment[name] for name in ("KAIBO_POSTGRES_HOST", "KAIBO_POSTGRES_PORT", "KAIBO_POSTGRES_USER")]
    server, database = _Server(environment[BINARIES], *where), environment["KAIBO_POSTGRES_DB"]
    with _locked():
        if not _place("dump").exists():
            migrate()
            server.leave(database)
            return
    server.lay(database)


class _Server:
    """The commands of a server on loopback that trusts who asks."""

    def __init__(self, binaries: str, host: str, port: str, user: str) -> None:
        self.binaries, self.where = Path(binaries), ["-h", host, "-p", port, "-U", user]

    def run(self, name: str, *words: object) -> None:
        subprocess.run([self.binaries / name, *self.where, *map(str, words)], check=True, stdout=subprocess.DEVNULL)

    def lay(self, database: str) -> None:
        self.run("pg_restore", "--exit-on-error", "-d", database, _place("dump"))

    def leave(self, database: str) -> None:
        _leave("dump", lambda unfinished: self.run("pg_dump", "-Fc", "-f", unfinished, database))


# ---- both ----


@contextmanager
def _locked() -> Iterator[None]:
    PLACE.mkdir(parents=True, exist_ok=True)
    with (PLACE / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _place(kind: str) -> Path:
    files = [*ROOT.glob("*/migrations/*.py"), *ROOT.glob("*/*/migrations/*.py"), *ROOT.glob("requirements/*.txt")]
    state = blake2b(digest_size=12)
    for path in sorted(files):
        state.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes() + b"\0")
    return PLACE / f"{state.hexdigest()}.{kind}"


def _leave(kind: str, write: Callable[[Path], None]) -> None:
    pattern = _place(kind)
    PLACE.mkdir(parents=True, exist_ok=True)
    unfinished = PLACE / f"{os.getpid()}.unfinished"
    write(unfinished)
    # In one step: whoever copies it now has the earlier one, which is the same.
    unfinished.replace(pattern)
    for old in set(PLACE.glob(f"*.{kind}")) - {pattern}:
        old.unlink()
