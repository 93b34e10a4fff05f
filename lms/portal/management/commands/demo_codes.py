"""`manage.py demo_codes`: the demonstration staff's second-factor codes that are valid now."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from lms.accounts.api import Role, User, demo_totp
from lms.portal.demo.world import CAST


class Command(BaseCommand):
    help = "Prints login names and current second-factor codes of the demonstration's staff (KAIBO_DEMO=1 only)."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO or settings.PRODUCTION:
            raise CommandError("Only in a demonstration: KAIBO_DEMO=1 manage.py demo_codes")
        users = {user.display_name: user for user in User.objects.filter(is_demo=True)}
        for character in CAST:
            if character.role is not Role.TRAINEE and character.name in users:
                user = users[character.name]
                self.stdout.write(f"{user.username}  {character.name}  {demo_totp(user)}")
