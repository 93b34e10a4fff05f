from django.apps import AppConfig
from django.core.management import call_command
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    """Users, persons, organisations, roles."""

    name = "lms.accounts"
    label = "accounts"

    def ready(self) -> None:
        """Register permission predicates, what follows from signing in and what a new field key rewrites."""
        from lms.accounts import rules
        from lms.accounts.held import holders
        from lms.accounts.signin import rotation, signals

        holders.register()
        self.registered = (rules, rotation, signals)
        post_migrate.connect(_make_cache_table, sender=self)


def _make_cache_table(using: str, **_kwargs: object) -> None:
    """Where several web processes share the cache it is a table; Django makes it by a command, not a migration."""
    call_command("createcachetable", database=using, verbosity=0)
