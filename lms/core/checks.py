"""System checks: what must be so before Kaibo runs. `manage.py check` and every command run them."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, register
from django.db import connection

from lms.core.jobs.registry import kinds
from lms.core.keys import Keyring

_SAFE_SQLITE = (3, 51, 3)


@register()
def check_sqlite(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """An older SQLite can corrupt a database in WAL mode on rare occasions."""
    if connection.vendor != "sqlite":
        return []
    import sqlite3  # the name pysqlite3 may have taken (lms/__init__.py): the one Django uses

    if sqlite3.sqlite_version_info >= _SAFE_SQLITE:
        return []
    return [
        checks.Warning(
            f"SQLite {sqlite3.sqlite_version} has a rare WAL-reset corruption, fixed in 3.51.3.",
            hint="Install pysqlite3 where it has a wheel, or a newer SQLite, or use PostgreSQL.",
            id="core.W001",
        )
    ]


@register()
def check_keys(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """The keys are there and apart from one another."""
    ring = getattr(settings, "KEYRING", None)
    if not isinstance(ring, Keyring) or not ring.field_keys or not ring.signing_keys:
        return [
            Error("settings.KEYRING must be a Keyring with at least one field and one signing key.", id="core.E001")
        ]
    held = [ring.index_key, *ring.field_keys.values(), *ring.signing_keys]
    if len(set(held)) < len(held):
        return [Error("KAIBO_KEYS, KAIBO_INDEX_KEY and KAIBO_SIGNING_KEYS must all be different keys.", id="core.E002")]
    return []


@register()
def check_queue(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """django-q2's dangerous defaults are off, and every kind of job fits its cluster."""
    shared = settings.Q_CLUSTER
    clusters = {shared["name"]: shared, **shared.get("ALT_CLUSTERS", {})}
    problems: list[CheckMessage] = []
    for name, conf in clusters.items():
        if (conf.get("ack_failures"), conf.get("max_attempts"), conf.get("catch_up")) != (True, 1, False):
            problems.append(
                Error(f"Q_CLUSTER {name}: ack_failures=True, max_attempts=1, catch_up=False.", id="core.E003")
            )
        if conf["retry"] <= conf["timeout"]:
            problems.append(Error(f"Q_CLUSTER {name}: retry must exceed timeout.", id="core.E004"))
    if set(settings.JOB_CLUSTERS) != set(clusters):
        problems.append(Error("JOB_CLUSTERS and Q_CLUSTER name different clusters.", id="core.E005"))
    for kind in kinds():
        if kind.cluster not in clusters:
            problems.append(Error(f"Job kind {kind.name}: no cluster {kind.cluster}.", id="core.E006"))
        elif kind.timeout_s >= clusters[kind.cluster]["timeout"]:
            problems.append(Error(f"Job kind {kind.name}: timeout_s is beyond its cluster's.", id="core.E007"))
    return problems
