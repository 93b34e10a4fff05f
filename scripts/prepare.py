"""The part of `make setup` that needs Django: migrations, reference data, assets, messages, weights, in one process."""

import hashlib
import io
import os
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings.dev")

import django
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from scripts.pattern import leave_pattern


def migrate(*, for_tests: bool) -> str:
    """Apply what is pending; asking first spares the signals of an empty `migrate`. for_tests: a database that was empty
    is what every test begins with, and is kept for them before anything is loaded into it."""
    executor = MigrationExecutor(connection)
    empty = not executor.loader.applied_migrations
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if not plan:
        return "nothing pending"
    call_command("migrate", interactive=False, verbosity=0)
    if for_tests and empty and connection.vendor == "sqlite":
        leave_pattern(connection)
    return f"{len(plan)} applied"


def command(name: str) -> str:
    """Run a management command; what it says on one line is the note."""
    out = io.StringIO()
    call_command(name, stdout=out)
    return "; ".join(line.strip() for line in out.getvalue().splitlines() if line.strip())


def collect() -> str:
    """Gather, hash and compress the static files for the web server; about a second when nothing changed."""
    from django.conf import settings

    stamp = Path(settings.STATIC_ROOT) / "kaibo-collected.txt"
    sources = [ROOT / "lms" / "static" / "src", ROOT / "lms" / "static" / "dist", ROOT / "requirements" / "base.txt"]
    files = sorted(file for source in sources for file in (source.rglob("*") if source.is_dir() else [source]))
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in files if file.is_file())).hexdigest()
    if stamp.exists() and stamp.read_text() == digest:
        return "unchanged"
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    stamp.write_text(digest)
    return "collected"


def main() -> None:
    began = time.monotonic()
    # A database file cannot be made in a folder that is not there.
    os.environ.setdefault("KAIBO_VAR", str(ROOT / "var"))
    Path(os.environ["KAIBO_VAR"]).mkdir(parents=True, exist_ok=True)
    django.setup()
    steps: list[tuple[str, Callable[[], str]]] = [
        ("database", partial(migrate, for_tests="--test" in sys.argv[1:])),
        ("reference data", lambda: command("load_reference")),
        ("assets", lambda: command("build_assets")),
        ("static files", collect),
        ("messages", lambda: command("compile_messages_babel")),
        ("Whisper weights", lambda: command("fetch_weights")),
    ]
    for title, step in steps:
        try:
            note = step()
        except CommandError as error:
            sys.exit(f"Kaibo cannot be set up: {title}: {error}")
        print(f"  {title:<24}{time.monotonic() - began:6.1f} s  {note}".rstrip(), flush=True)
        began = time.monotonic()


if __name__ == "__main__":
    main()
