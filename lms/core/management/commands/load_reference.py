"""`manage.py load_reference`: bring the reference data up to date."""

from typing import Any

from django.core.management.base import BaseCommand

from lms.core import reference


class Command(BaseCommand):
    """Safe to repeat: a second run changes nothing."""

    help = "Load the reference data that an installation needs."

    def handle(self, *args: Any, **options: Any) -> None:
        """One line a loader."""
        for loaded in reference.load_all():
            words = f"{loaded.changed} changed" if loaded.changed else "up to date"
            self.stdout.write(f"{loaded.name}: {words}")
