"""The database itself refuses to change what the audit trail says, whoever asks.

Only UPDATE is refused: a deleted row is found by the chain and the seals, and tests and retention must delete.
"""

from django.db.backends.base.base import BaseDatabaseWrapper

TABLES = ("core_auditevent", "core_auditseal", "core_auditleaf")


def install(connection: BaseDatabaseWrapper) -> None:
    """Create the triggers (again)."""
    remove(connection)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "CREATE OR REPLACE FUNCTION core_audit_refuse() RETURNS trigger LANGUAGE plpgsql AS "
                "$$ BEGIN RAISE EXCEPTION 'the audit trail is append-only'; END $$"
            )
        for table in TABLES:
            cursor.execute(
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE ON {table} FOR EACH ROW "
                + (
                    "EXECUTE FUNCTION core_audit_refuse()"
                    if connection.vendor == "postgresql"
                    else "BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END"
                )
            )


def remove(connection: BaseDatabaseWrapper) -> None:
    """Drop the triggers."""
    with connection.cursor() as cursor:
        for table in TABLES:
            on = f" ON {table}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {table}_append_only{on}")
        if connection.vendor == "postgresql":
            cursor.execute("DROP FUNCTION IF EXISTS core_audit_refuse()")
