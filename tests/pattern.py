"""The migrated database of an earlier run, taken over instead of made again: 240 migrations take 40 s.

It is kept in var/, by a hash of every migration and of the pinned packages, which bring migrations of their own. Django
still asks what is to be migrated, so a pattern that is behind is brought up to date.
"""

import fcntl
import os
import sqlite3
from contextlib import closing
from hashlib import blake2b
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


def from_pattern(connection: Any) -> None:
    """Let this SQLite connection's test database begin as a copy of the pattern; the first to come leaves one."""
    create = connection.creation.create_test_db
    pattern = _place()

    def copied(*, keepdb: bool = False, **said: Any) -> str:
        pattern.parent.mkdir(parents=True, exist_ok=True)
        with (pattern.parent / "lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not pattern.exists():
                name: str = create(keepdb=keepdb, **said)
                _leave(connection, pattern)
                return name
        # A database in memory lasts as long as somebody holds it.
        with closing(sqlite3.connect(connection.creation._get_test_db_name(), uri=True)) as held:
            _copy(pattern, held)
            return str(create(keepdb=True, **said))

    connection.creation.create_test_db = copied


def lay_pattern(database: Path) -> None:
    """Begin an installation's database as a copy of the pattern, where there is one; it is migrated afterwards."""
    pattern = _place()
    if pattern.exists():
        database.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(database)) as held:
            _copy(pattern, held)


def _copy(pattern: Path, held: sqlite3.Connection) -> None:
    with closing(sqlite3.connect(pattern)) as kept:
        kept.backup(held)


def _place() -> Path:
    files = [*ROOT.glob("*/migrations/*.py"), *ROOT.glob("*/*/migrations/*.py"), *ROOT.glob("requirements/*.txt")]
    state = blake2b(digest_size=12)
    for path in sorted(files):
        state.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes() + b"\0")
    return ROOT / "var" / "test-database" / f"{state.hexdigest()}.sqlite3"


def _leave(connection: Any, pattern: Path) -> None:
    for old in pattern.parent.glob("*.sqlite3"):
        old.unlink()
    unfinished = pattern.with_name(f"{os.getpid()}.unfinished")
    with closing(sqlite3.connect(unfinished)) as kept:
        connection.connection.backup(kept)
    unfinished.replace(pattern)
