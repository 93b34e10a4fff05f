"""`manage.py messages`: collect translatable text into the .po files, without xgettext."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from lms.core import messages


class Command(BaseCommand):
    help = "Bring every .po in line with the Python files and templates, and list what still needs Chinese."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        root = Path(settings.BASE_DIR)
        for territory in messages.TERRITORIES:
            summary = messages.update(root, territory)
            self.stdout.write(f"{territory}: {summary.texts} texts, {len(summary.untranslated)} without Chinese")
            for text in summary.untranslated:
                self.stdout.write(f"  needs Chinese: {text}")
            for text in summary.dropped:
                self.stdout.write(f"  no longer used, dropped: {text}")
