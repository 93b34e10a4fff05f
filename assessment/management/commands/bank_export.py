"""`manage.py bank_export --format F FILE`: the examination pool as a file, answers and all; the audit names every question."""

import os
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from assessment.bank.exchange import formats
from assessment.bank.exchange.qti.xsd import SchemaMissing, schema_faults
from assessment.bank.models import Question
from assessment.bank.refusals import BankRefusal
from assessment.bank.services.exporting import take_out
from assessment.bank.types import Pool, QuestionState
from lms.accounts.api import INSTALLATION
from lms.core import clock
from lms.core.types import Level


class Command(BaseCommand):
    """The newest version of every question that is not retired, level by level, topic by topic."""

    help = "Write the examination pool to a file that only its owner may read. The audit names every question whose key went."

    def add_arguments(self, parser: CommandParser) -> None:
        """The format, the file, and which questions."""
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--format", required=True, choices=formats.WRITTEN_FORMATS)
        parser.add_argument("--level", type=int, choices=[int(level) for level in Level], help="this level alone")
        parser.add_argument(
            "--keys", action="store_true", help="print the answers behind a paper; the other formats always tell them"
        )
        parser.add_argument("--title", default="", help="the title of the paper or package")
        parser.add_argument(
            "--xsd", type=Path, metavar="FOLDER", help="hold the QTI package against the schemas in a folder"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Raises CommandError."""
        if options["xsd"] and options["format"] != "qti30":
            raise CommandError("--xsd goes with --format qti30")
        rows = Question.objects.filter(pool=Pool.EXAM).exclude(state=QuestionState.RETIRED)
        if options["level"]:
            rows = rows.filter(level=options["level"])
        questions = list(rows.order_by("-level", "topic", "uuid").values_list("uuid", flat=True))
        if not questions:
            raise CommandError("There is no question to write.")
        try:
            export = take_out(
                by=INSTALLATION,
                questions=questions,
                format_=options["format"],
                with_keys=options["keys"],
                reason="manage.py bank_export",
                title=options["title"],
                now=clock.now(),
            )
        except BankRefusal as refusal:
            raise CommandError(refusal.message) from refusal
        _write(options["file"], export.data)
        self.stdout.write(f"{len(questions)} questions, {len(export.data)} bytes: {options['file']}")
        if options["xsd"]:
            self._hold_against(export.data, options["xsd"])

    def _hold_against(self, data: bytes, folder: Path) -> None:
        try:
            faults = schema_faults(data, folder)
        except SchemaMissing as missing:
            raise CommandError(missing.message) from missing
        for fault in faults:
            self.stderr.write(f"{fault.where}: {fault.reason}")
        if faults:
            raise CommandError(f"The schemas find {len(faults)} faults.")


def _write(path: Path, data: bytes) -> None:
    """Raises CommandError. What holds answers is nobody else's to read."""
    try:
        held = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(held, "wb") as file:
            file.write(data)
    except OSError as wrong:
        raise CommandError(f"{path}: {wrong.strerror}") from wrong
