"""`manage.py compile_messages_babel`: .po → .mo with Babel, because a user's machine may have no msgfmt."""

from pathlib import Path
from typing import Any

from babel.messages.pofile import PoFileError
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from lms.core import messages


class Command(BaseCommand):
    help = "Compile the .po files of every app that changed since they were last compiled."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        root = Path(settings.BASE_DIR)
        files = [path for territory in messages.TERRITORIES if (path := root / territory / messages.PO).exists()]
        compiled = 0
        for path in files:
            try:
                compiled += messages.compile_file(path)
            except PoFileError as error:
                raise CommandError(f"{path.relative_to(root)}: {error}") from error
        self.stdout.write(f"{len(files)} catalogues, {compiled} compiled")
