"""The cache that several web processes share, in the database: one statement a write where Django's takes five.

`ON CONFLICT` and `RETURNING` are spoken by PostgreSQL and by SQLite, the two databases of the house. Whole numbers stand as
decimal digits, so that the database can count; everything else as Django writes it.
"""

import base64
import pickle
import random
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.db import DatabaseCache
from django.db import connections, router

from lms.core import clock

# One write in so many counts the rows and, over MAX_ENTRIES, throws away what has run out.
_COUNTS_ONE_IN = 100
_FOR_EVER = datetime(9999, 12, 31, tzinfo=UTC)


def _written(value: Any, protocol: int) -> str:
    return str(value) if type(value) is int else base64.b64encode(pickle.dumps(value, protocol)).decode("ascii")


def _read(text: str) -> Any:
    # A pickle of any protocol since the second begins with a byte above 127, so its text is never a number.
    if text.removeprefix("-").isdecimal():
        return int(text)
    return pickle.loads(base64.b64decode(text))  # noqa: S301 # our own table


class SharedCache(DatabaseCache):
    """Django's table; writes are atomic: of two who `add` one key at once, one is told True, and no `incr` is lost."""

    # Django's, unknown to its stubs.
    _table: str
    _cull: Callable[[str, Any, datetime, int], None]

    @property
    def table(self) -> str:
        """Its name in the database."""
        return self._table

    def get_many(self, keys: Iterable[str], version: int | None = None) -> dict[str, Any]:
        """What stands under the keys and has not run out; one statement. Raises DatabaseError."""
        asked = {self.make_and_validate_key(key, version=version): key for key in keys}
        if not asked:
            return {}
        connection = connections[router.db_for_read(self.cache_model_class)]
        places = ", ".join(["%s"] * len(asked))
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT cache_key, value FROM {connection.ops.quote_name(self._table)}"  # noqa: S608 # our table
                f" WHERE cache_key IN ({places}) AND expires >= %s",
                [*asked, connection.ops.adapt_datetimefield_value(clock.real_now().replace(microsecond=0))],
            )
            return {asked[key]: _read(value) for key, value in cursor.fetchall()}

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        """The whole number under a key after `delta` was added, until when it stands unchanged; one statement. Raises
        ValueError where none stands, DatabaseError."""
        connection = connections[router.db_for_write(self.cache_model_class)]
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE {connection.ops.quote_name(self._table)}"  # noqa: S608 # our table
                " SET value = CAST(CAST(value AS bigint) + %s AS varchar(20)) WHERE cache_key = %s AND expires >= %s"
                " RETURNING value",
                [
                    delta,
                    self.make_and_validate_key(key, version=version),
                    connection.ops.adapt_datetimefield_value(clock.real_now().replace(microsecond=0)),
                ],
            )
            row = cursor.fetchone()
        if row is None:
            raise ValueError(f"no number stands under {key!r}")
        return int(row[0])

    def _base_set(self, mode: str, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT) -> bool:
        """Whether it was written. mode: "set"; "add" only where nothing valid stands; "touch" only the time. Raises
        DatabaseError."""
        ends = self.get_backend_timeout(timeout)
        now = clock.real_now().replace(microsecond=0)
        expires = _FOR_EVER if ends is None else datetime.fromtimestamp(ends, tz=UTC).replace(microsecond=0)
        connection = connections[router.db_for_write(self.cache_model_class)]
        at, until = map(connection.ops.adapt_datetimefield_value, (now, expires))
        table = connection.ops.quote_name(self._table)
        with connection.cursor() as cursor:
            if random.randrange(_COUNTS_ONE_IN) == 0:  # noqa: S311 # no secret
                self._throw_away(connection.alias, cursor, now)
            if mode == "touch":
                cursor.execute(
                    f"UPDATE {table} SET expires = %s WHERE cache_key = %s AND expires >= %s",  # noqa: S608 # our table
                    [until, key, at],
                )
                return bool(cursor.rowcount)
            held = _written(value, self.pickle_protocol)
            write = (
                f"INSERT INTO {table} (cache_key, value, expires) VALUES (%s, %s, %s)"  # noqa: S608 # our table
                " ON CONFLICT (cache_key) DO UPDATE SET value = excluded.value, expires = excluded.expires"
            )
            values = [key, held, until]
            if mode == "add":
                write += f" WHERE {table}.expires < %s"
                values.append(at)
            cursor.execute(write, values)
            return bool(cursor.rowcount)

    def _throw_away(self, alias: str, cursor: Any, now: datetime) -> None:
        table = connections[alias].ops.quote_name(self._table)
        cursor.execute(f"SELECT COUNT(*) FROM {table}")  # noqa: S608 # our table
        rows = cursor.fetchone()[0]
        if rows > self._max_entries:
            self._cull(alias, cursor, now, rows)
