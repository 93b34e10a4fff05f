"""`manage.py curriculum_export TARGET`: the curriculum as one folder of Markdown and YAML, or as that folder in a zip."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from courses.catalogue.exchange.exporting import export_curriculum
from courses.catalogue.models import LevelPage


class Command(BaseCommand):
    """The same content gives the same bytes."""

    help = "Export the curriculum into a folder, or into a zip file when TARGET ends in .zip."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """TARGET [--drafts] [--level N]"""
        parser.add_argument("target", type=Path, help="a folder, or a file ending in .zip")
        parser.add_argument(
            "--drafts", action="store_true", help="the newest saved text of every page, not what is live"
        )
        parser.add_argument("--level", type=int, choices=range(1, 6), help="one level only")

    def handle(self, *args: Any, target: Path, drafts: bool, level: int | None, **options: Any) -> None:
        """Says how many files were written."""
        pages = LevelPage.objects.filter(numchild__gt=0).order_by("-level", "edition")
        made = export_curriculum(pages.filter(level=level) if level else pages, drafts=drafts)
        if target.suffix == ".zip":
            with target.open("wb") as file:
                made.write_zip(file)
        else:
            made.write_folder(target)
        self.stdout.write(f"{len(made.texts)} texts, {len(made.files)} files: {target}")
