"""`manage.py rotate_keys`: after a new key was put first in KAIBO_KEYS."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from lms.core.crypto import DecryptionError
from lms.core.rotation import encrypted_fields, hooks, rotate


class Command(BaseCommand):
    help = "Re-encrypts what is under older keys under the first of KAIBO_KEYS; the older may be removed afterwards."

    def handle(self, *args: Any, **options: Any) -> None:
        steps: dict[str, Callable[[], int]] = {field.bound_to: partial(rotate, field) for field in encrypted_fields()}
        for name, step in {**steps, **hooks()}.items():
            try:
                written = step()
            except DecryptionError as fault:
                raise CommandError(f"A value cannot be read, nothing more was changed: {fault}") from None
            self.stdout.write(f"{name}: {written} rewritten")
