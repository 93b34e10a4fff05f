"""`manage.py rotate_keys`: after a new key was put first in KAIBO_KEYS."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from lms.core.crypto import DecryptionError
from lms.core.rotation import encrypted_fields, rotate


class Command(BaseCommand):
    help = "Re-encrypts every personal field under the first key of KAIBO_KEYS; older keys may be removed afterwards."

    def handle(self, *args: Any, **options: Any) -> None:
        for field in encrypted_fields():
            try:
                written = rotate(field)
            except DecryptionError as fault:
                raise CommandError(f"A value cannot be read, nothing more was changed: {fault}") from None
            self.stdout.write(f"{field.bound_to}: {written} rewritten")
