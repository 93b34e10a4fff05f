"""`manage.py fingerprint_works`: take the fingerprints of works of versions that took none, so that later ones find them."""

import tempfile
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from lms.core import clock
from media_pipeline.similarity.backfill import fingerprint, without_prints


class Command(BaseCommand):
    help = "Take the fingerprints of earlier works that have none; may be stopped and run again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--most", type=int, default=0, help="so many at the most (0: all)")

    def handle(self, *args: Any, most: int, **options: Any) -> None:
        done = 0
        for asset in without_prints(most):
            with tempfile.TemporaryDirectory(prefix="kaibo-") as folder:
                taken = fingerprint(asset, Path(folder), now=clock.now())
            done += taken
            self.stdout.write(f"{asset.blind_code} {'done' if taken else 'nothing to take: its files are gone'}")
        self.stdout.write(f"{done} fingerprints taken")
