"""`manage.py curriculum_import SOURCE --by LOGIN`: a curriculum folder, or its zip, in as drafts for review."""

from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from courses.catalogue.exchange.importing import Outcome, curriculum_archive, import_curriculum
from courses.catalogue.exchange.words import say
from lms.accounts.api import NotAllowed, Role, User, acting_for, valid_memberships
from lms.core import clock
from lms.core.imports import Folder, ImportRefused, Tree


class Command(BaseCommand):
    """Nothing goes live; with a fault nothing is written."""

    help = "Import a curriculum folder or zip as drafts; every fault is named with file and line."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """SOURCE --by LOGIN [--dry-run]"""
        parser.add_argument("source", type=Path, help="a folder, or a zip file")
        parser.add_argument("--by", required=True, help="login name of the committee member who answers for it")
        parser.add_argument("--dry-run", action="store_true", help="say what would happen")

    def handle(self, *args: Any, source: Path, by: str, dry_run: bool, **options: Any) -> None:
        """One line a file that is not the same. Raises CommandError."""
        user = User.objects.filter(username=by).first()
        if user is None:
            raise CommandError(f"There is no login {by}.")
        offices = [one for one in valid_memberships(user, today=clock.today()) if one.role == Role.COMMITTEE.value]
        if not offices:
            raise CommandError(f"{by} is no member of the curriculum committee today.")
        try:
            opened = nullcontext[Tree](Folder(source)) if source.is_dir() else _archive(source)
            with opened as tree:
                report = import_curriculum(
                    by=acting_for(user, str(offices[0].uuid)), tree=tree, dry_run=dry_run, now=clock.now()
                )
        except (ImportRefused, NotAllowed, OSError) as refusal:
            raise CommandError(str(refusal)) from refusal
        for row in report.rows:
            if row.fault is not None:
                self.stdout.write(f"refused  {row.path}:{row.fault.line}: {say(row.fault)}")
            elif row.outcome is not Outcome.SAME:
                self.stdout.write(f"{row.outcome.value:<9}{row.path}  {row.title}")
        counts = ", ".join(f"{report.count(outcome)} {outcome.value}" for outcome in Outcome)
        self.stdout.write(f"{counts}; {'written as drafts' if report.done else 'nothing written'}")
        if report.refused:
            raise CommandError("There are faults; each is named above.")


@contextmanager
def _archive(source: Path) -> Iterator[Tree]:
    with source.open("rb") as file, curriculum_archive(file) as tree:
        yield tree
