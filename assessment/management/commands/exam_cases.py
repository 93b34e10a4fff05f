"""`manage.py exam_cases FILE…`: walk through marking cases of CSV or Excel files; what comes out otherwise is printed."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from assessment.marking.walkthrough import read_cases, walk
from lms.core.tables import TableRefused


class Command(BaseCommand):
    """Nothing is written; no database is asked."""

    help = "Walk through cases of marking (docs/recipes/exam_cases.md) and tell where state or mark is not as expected."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """The files."""
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Raises CommandError when anything comes out otherwise, or a row or file cannot be read."""
        wrong = 0
        for path in options["files"]:
            try:
                with path.open("rb") as file:
                    read = read_cases(file)
            except (OSError, TableRefused) as refused:
                raise CommandError(f"{path}: {getattr(refused, 'message', refused)}") from refused
            mismatches = walk(read.cases)
            lines = [f"row {fault.row}: {fault.message}" for fault in read.faults] + [str(one) for one in mismatches]
            for line in lines:
                self.stdout.write(f"{path.name}: {line}")
            wrong += len(lines)
            steps = sum(len(case.steps) for case in read.cases)
            self.stdout.write(f"{path.name}: {len(read.cases)} questions, {steps} steps, {len(lines)} not as expected")
        if wrong:
            raise CommandError(f"{wrong} not as expected.")
