"""`manage.py curriculum_check FOLDER…`: what is wrong in lesson files, line by line, and what each lesson holds."""

from argparse import ArgumentParser
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml
from django.core.management.base import BaseCommand, CommandError

from courses.catalogue.exchange.checking import Checked, check_lesson, twice
from courses.catalogue.exchange.codec import Vocabulary


class Command(BaseCommand):
    """Needs no database."""

    help = "Check lesson files: faults with their lines, characters, parts, and whether each file is canonical."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """FOLDER… [--write]"""
        parser.add_argument("paths", nargs="+", type=Path, help="folders or lesson files")
        parser.add_argument("--write", action="store_true", help="rewrite readable lessons canonically")

    def handle(self, *args: Any, paths: list[Path], write: bool, **options: Any) -> None:
        """One line a lesson, below it its faults. Raises CommandError when there is a fault."""
        tags, audiences = _vocabularies()
        found = sorted(
            {file for path in paths for file in ([path] if path.is_file() else path.rglob("*.md"))}, key=Path.as_posix
        )
        checked = [check_lesson(path, tags, audiences) for path in found]
        faults = twice(checked)
        for each in checked:
            self.stdout.write(_summary(each))
            for fault in each.faults:
                self.stdout.write(f"    {fault}")
            if write and each.document is not None and not each.canonical:
                each.path.write_bytes(each.text.encode())
        for fault in faults:
            self.stdout.write(f"    {fault}")
        count = len(faults) + sum(len(each.faults) for each in checked)
        hours = sum((each.document.hours for each in checked if each.document), start=0)
        self.stdout.write(f"{len(checked)} lessons, {hours} hours, {count} faults")
        if count:
            raise CommandError("There are faults; each is named with its line above.")


def _summary(each: Checked) -> str:
    if each.document is None:
        return f"REFUSED  {each.path}"
    spelling = "canonical" if each.canonical else "rewrite "
    return (
        f"{spelling} {each.path}: {each.characters} characters ({each.running} running), {each.cases} case, "
        f"{each.laws} law, {each.tasks} task, {each.checks} checks, {each.document.hours} h, {each.document.title}"
    )


def _vocabularies() -> tuple[Vocabulary, Vocabulary]:
    text = files("lms.policies").joinpath("data/profiles.yaml").read_text(encoding="utf-8")
    profiles: dict[str, Any] = yaml.safe_load(text)["profiles"]
    tags = {key: tuple(content.get("content_items") or ()) for key, content in profiles.items()}
    audiences = {key: tuple(content.get("categories") or ()) for key, content in profiles.items()}
    return tags, audiences
