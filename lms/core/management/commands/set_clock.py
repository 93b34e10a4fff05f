"""`manage.py set_clock`: Kaibo's time in a demonstration, a test or a simulation."""

import re
from argparse import ArgumentParser
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from lms.core import clock

_UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}


class Command(BaseCommand):
    help = (
        "Sets Kaibo's time: a Shanghai time (2026-03-20T14:30), a step (+3d, -2h, +90m) or `real`. Not in production."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("to", nargs="?", help="omit to print the time")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["to"]:
            try:
                clock.set_offset(_offset(options["to"]))
            except clock.ClockRefused as refusal:
                raise CommandError(f"Refused: {refusal}.") from None
        kind = "simulated" if clock.simulated() else "real"
        self.stdout.write(f"{clock.now().astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M:%S} Asia/Shanghai ({kind})")

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        # A step back (-2h) is a value here, not an option.
        parser._negative_number_matcher = re.compile(r"^-\d")
        return parser


def _offset(text: str) -> int:
    """Seconds to add to real time. Raises CommandError."""
    if text == "real":
        return 0
    step = re.fullmatch(r"([+-]\d+)([dhms])", text)
    if step:
        return round((clock.offset() + timedelta(**{_UNITS[step[2]]: int(step[1])})).total_seconds())
    try:
        wanted = datetime.fromisoformat(text)
    except ValueError:
        raise CommandError(f"Not a time: {text!r}. Give 2026-03-20T14:30, +3d, -2h or real.") from None
    if wanted.tzinfo is None:
        wanted = wanted.replace(tzinfo=clock.SHANGHAI)
    # Upwards: the clock must not stand a moment before the deadline it was set to.
    return ceil((wanted - clock.real_now()).total_seconds())
