"""`manage.py demo_logins`: the demonstration's people, with the second-factor codes that are valid now."""

import json
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from lms.core import clock
from lms.portal.demo.world import build_world, logins


class Command(BaseCommand):
    help = "Makes the demonstration's people where they are missing and prints how to sign in (KAIBO_DEMO=1 only)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="for programs: key → username, password, code")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO or settings.PRODUCTION:
            raise CommandError("Only in a demonstration: KAIBO_DEMO=1 manage.py demo_logins")
        world = build_world(now=clock.now())
        rows = logins(world)
        if options["json"]:
            self.stdout.write(json.dumps({row.key: row.as_dict(world.password) for row in rows}, ensure_ascii=False))
            return
        self.stdout.write(f"密码 password, everybody's: {world.password}")
        for row in rows:
            self.stdout.write(row.line)
