"""The site: ground floor under everyone (`core`, `accounts`), roof over everyone (`portal`)."""

import sys

# The interpreter's own SQLite may be older than 3.51.3, where a rare WAL-reset corruption was fixed.
# pysqlite3 carries a newer one; it must take the name before Django's backend imports it.
try:
    import pysqlite3
except ImportError:  # no wheel for this platform: `lms.core.checks` warns when the system's SQLite is too old
    pass
else:
    sys.modules["sqlite3"] = pysqlite3
    sys.modules["sqlite3.dbapi2"] = pysqlite3.dbapi2
