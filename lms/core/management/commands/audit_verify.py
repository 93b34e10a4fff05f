"""`manage.py audit_verify`: recomputes every chain and seal; compare the last line with a printed seal."""

from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from lms.core import audit


class Command(BaseCommand):
    help = "Checks the audit trail: every subject's chain and every seal, or one subject. Exit code 1 when anything is wrong."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--subject", type=UUID, help="check one subject only")

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = options["subject"]
        pairs = [(wanted, audit.verify(wanted))] if wanted else audit.verify_all()
        events = subjects = 0
        problems = []
        for _, outcome in pairs:
            subjects += 1
            events += outcome.checked
            if not outcome.ok:
                problems.append(outcome.problem)
        seals = audit.verify_seals()
        if not seals.ok:
            problems.append(seals.problem)
        for problem in problems:
            self.stderr.write(problem)
        if problems:
            raise CommandError(f"The audit trail has {len(problems)} faults.")
        last = audit.latest_seals(1)
        self.stdout.write(f"{subjects} subjects, {events} events, {seals.checked} seals: all as recorded.")
        if last:
            self.stdout.write(f"Seal {last[0].sequence}: {last[0].hash}")
