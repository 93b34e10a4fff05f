"""`manage.py bank_import FILE`: questions from a file as drafts; with --dry-run only what they would be."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from assessment.bank.exchange import formats
from assessment.bank.exchange.checks import FILE_BYTES, to_json
from assessment.bank.exchange.qti.xsd import SchemaMissing, schema_faults
from assessment.bank.types import Place, Reading, Refused
from lms.core import clock
from lms.core.imports import ImportRefused
from lms.core.types import Level


class Command(BaseCommand):
    """All of a file or nothing. Exit code 0: taken in, or the dry run could tell; 1: not let in, or something is refused
    and this is no dry run."""

    help = "Take questions of a file in as drafts: all or none. A dry run tells what they would be and touches no database."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """The file, its format, and where the questions belong if it does not say."""
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument(
            "--format",
            default=formats.AUTO,
            choices=formats.READ_FORMATS,
            help="told by the file's content when left out",
        )
        parser.add_argument("--dry-run", action="store_true", help="tell what would be taken in; nothing is stored")
        parser.add_argument("--json", action="store_true", help="tell it as JSON")
        parser.add_argument("--level", type=int, default=5, choices=[int(level) for level in Level])
        parser.add_argument("--topic", default="", help="for questions that name none, such as C5-01")
        parser.add_argument(
            "--xsd", type=Path, metavar="FOLDER", help="hold a QTI package against the schemas in a folder"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Raises CommandError, SystemExit."""
        path: Path = options["file"]
        try:
            with path.open("rb") as file:
                data = file.read(FILE_BYTES + 1)  # one more than the gate lets in
            reading = formats.read(data, path.name, options["format"])
            if options["xsd"]:
                reading = _held_against(reading, data, options["xsd"])
        except OSError as missing:
            raise CommandError(f"{path}: {missing.strerror}") from missing
        except SchemaMissing as missing:
            raise CommandError(missing.message) from missing
        except ImportRefused as refused:
            known = "" if options["format"] == formats.AUTO else options["format"]
            where = refused.where or path.name
            self._tell(Reading(known, (), (Refused(where, refused.message),)), options)
            raise SystemExit(1) from refused
        if options["dry_run"]:
            self._tell(reading, options)
            return
        if reading.refused:
            self._tell(reading, options)
            self.stderr.write("Nothing was taken in: mend what is refused, or take it out of the file.")
            raise SystemExit(1)
        self._take_in(reading, options)

    def _take_in(self, reading: Reading, options: dict[str, Any]) -> None:
        # Only here: the dry run must not need the tables.
        from assessment.bank.refusals import BankRefusal
        from assessment.bank.services.importing import bring_in
        from lms.accounts.api import INSTALLATION

        try:
            report = bring_in(
                by=INSTALLATION,
                reading=reading,
                defaults=Place(Level(options["level"]), options["topic"]),
                note=f"bank_import {options['file'].name}",
                now=clock.now(),
            )
        except BankRefusal as refusal:
            raise CommandError(refusal.message) from refusal
        counts = {"made": len(report.made), "renewed": len(report.renewed), "unchanged": len(report.unchanged)}
        self._tell(reading, options, imported=counts)
        for where, alike in report.alike:
            same = ", ".join(f"{one.where or f'question {one.serial}'} ({one.score:.0%})" for one in alike)
            self.stderr.write(f"{where}: like {same}")

    def _tell(self, reading: Reading, options: dict[str, Any], imported: dict[str, int] | None = None) -> None:
        if options["json"]:
            told: dict[str, Any] = {
                "format": reading.format,
                "accepted": [to_json(read) for read in reading.accepted],
                "refused": [{"where": row.where, "reason": row.reason} for row in reading.refused],
            }
            self.stdout.write(
                json.dumps(told | ({"imported": imported} if imported else {}), ensure_ascii=False, indent=2)
            )
            return
        for read in reading.accepted:
            self.stdout.write(f"{read.where}\t{read.type}\t{read.stem[:60].replace(chr(10), ' ')}")
        for row in reading.refused:
            self.stdout.write(f"{row.where}\trefused\t{row.reason}\t{row.excerpt}")
        done = f", {imported['made']} new, {imported['renewed']} renewed" if imported else ""
        self.stdout.write(f"{reading.format}: {len(reading.accepted)} accepted, {len(reading.refused)} refused{done}")


def _held_against(reading: Reading, data: bytes, folder: Path) -> Reading:
    """The reading with what the schemas say against the package."""
    faults = schema_faults(data, folder)
    return Reading(reading.format, reading.accepted, (*reading.refused, *faults), reading.title)
