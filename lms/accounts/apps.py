from django.apps import AppConfig
from django.core.cache import caches
from django.core.management import call_command
from django.db import connections
from django.db.models.signals import post_migrate

from lms.core.sharedcache import SharedCache


class AccountsConfig(AppConfig):
    """Users, persons, organisations, roles."""

    name = "lms.accounts"
    label = "accounts"

    def ready(self) -> None:
        """Register permission predicates, reference data, what follows from signing in, what is held about people."""
        from lms.accounts import rules
        from lms.accounts.consent.selectors import held_consents
        from lms.accounts.consent.services import load_consent_texts
        from lms.accounts.held import holders
        from lms.accounts.registration.selectors import held_registrations
        from lms.accounts.signin import rotation, signals
        from lms.accounts.signin.selectors import held_aliases
        from lms.accounts.slips.selectors import held_slips
        from lms.core import holdings, reference

        holders.register()
        holdings.register("accounts.consent", held_consents)
        holdings.register("accounts.signin.alias", held_aliases)
        holdings.register("accounts.slips", held_slips)
        holdings.register("accounts.registration", held_registrations)
        reference.register("consents", load_consent_texts)
        self.registered = (rules, rotation, signals)
        post_migrate.connect(_make_cache_table, sender=self)


def _make_cache_table(using: str, **_kwargs: object) -> None:
    """Where several web processes share the cache it is a table; Django makes it by a command, not a migration.

    On PostgreSQL it is not logged: a login writes it fifteen times, and each waited for the disk. A crash of the database
    (not a restart) empties it: wrong tries are counted anew, and a code used in the minute before could be used again.
    """
    call_command("createcachetable", database=using, verbosity=0)
    connection = connections[using]
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        for cache in caches.all(initialized_only=False):
            if isinstance(cache, SharedCache):
                cursor.execute(
                    "SELECT relname FROM pg_class WHERE oid = to_regclass(%s) AND relpersistence = 'p'", [cache.table]
                )
                if cursor.fetchone():
                    cursor.execute(f"ALTER TABLE {connection.ops.quote_name(cache.table)} SET UNLOGGED")
