"""A kept connection is looked at before each request without asking the server, and keeps its prepared statements.

Django asks `SELECT 1`, which a request of four queries pays as a fifth. An idle connection has nothing to read unless the
server said good-bye or the line was cut: the socket tells both at once. What no socket tells (a host that vanished without a
word) would have kept `SELECT 1` waiting just as long.
"""

import select
from typing import Any

from django.db.backends.postgresql import base

# psycopg keeps a hundred: fewer than a sitting and a desk ask by turns, and each would be planned anew.
_PREPARED = 400


class DatabaseWrapper(base.DatabaseWrapper):
    """As Django's, but for `is_usable` and how many prepared statements a connection keeps."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """A connection of psycopg's. Raises its errors."""
        made = super().get_new_connection(conn_params)
        made.prepared_max = _PREPARED
        return made

    def is_usable(self) -> bool:
        """Whether the connection is open and silent."""
        held: Any = self.connection
        if held is None or held.closed or held.broken:
            return False
        watched = select.poll()
        watched.register(held.fileno(), select.POLLIN)
        return not watched.poll(0)
