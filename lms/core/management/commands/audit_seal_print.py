"""`manage.py audit_seal_print`: the numbers to print and keep where no administrator can change them."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from lms.core import audit, clock


class Command(BaseCommand):
    help = "Seals what is unsealed and prints the latest seals: number, Shanghai time, heads sealed, hash."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--last", type=int, default=1, help="how many seals, newest first")

    def handle(self, *args: Any, **options: Any) -> None:
        audit.seal(now=clock.now())
        for made in audit.latest_seals(options["last"]):
            at = made.at.astimezone(clock.SHANGHAI)
            self.stdout.write(f"{made.sequence}\t{at:%Y-%m-%d %H:%M:%S}\t{made.leaves}\t{made.hash}")
