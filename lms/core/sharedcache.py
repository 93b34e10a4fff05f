"""The cache that several web processes share, in the database: one statement a write where Django's takes five.

Rate limits write it four times a login. `ON CONFLICT` is spoken by PostgreSQL and by SQLite, the two databases of the house.
"""

import base64
import pickle
import random
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.db import DatabaseCache
from django.db import connections, router

from lms.core import clock

# One write in so many counts the rows and, over MAX_ENTRIES, throws away what has run out.
_COUNTS_ONE_IN = 100
_FOR_EVER = datetime(9999, 12, 31, tzinfo=UTC)


class SharedCache(DatabaseCache):
    """Django's table and its reading; writes are atomic: of two who `add` one key at once, one is told True."""

    # Django's, unknown to its stubs.
    _table: str
    _cull: Callable[[str, Any, datetime, int], None]

    @property
    def table(self) -> str:
        """Its name in the database."""
        return self._table

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
            held = base64.b64encode(pickle.dumps(value, self.pickle_protocol)).decode("ascii")
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
