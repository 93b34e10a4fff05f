"""`manage.py coverage_report [--level 5] [--edition 1] [--json]`: what of each policy the published curriculum meets."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.http import Http404
from django.utils import translation

from courses.catalogue.coverage import Asked, coverage_plain, edition_asked, live_facts, published_editions
from lms.core import clock
from lms.policies.api import profiles


class Command(BaseCommand):
    """Reads what is published; writes nothing."""

    help = "What of each policy the published curriculum meets and what not, rule by rule."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """[--level N] [--edition N] [--policy KEY] [--json]"""
        parser.add_argument("--level", type=int, default=5, help="5 elementary (default) to 1 senior technician")
        parser.add_argument("--edition", type=int, default=None, help="the one in force by default")
        parser.add_argument("--policy", default="", help="a profile's key; all by default")
        parser.add_argument("--json", action="store_true", help="as one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """One line a policy, below it what it asks. Raises CommandError for what is not there."""
        asked = Asked(level=options["level"], edition=options["edition"], policy=options["policy"])
        today = clock.today()
        try:
            page = edition_asked(published_editions(), asked, today)
        except Http404:
            page = None
        chosen = [rules for rules in profiles(on=today) if asked.policy in {"", rules.key}]
        if page is None or not chosen:
            raise CommandError("No such edition is published, or no policy has this key.")
        with translation.override("zh-hans"):
            report = coverage_plain(asked.on(live_facts(page)), chosen)
        report["edition"] = page.edition
        if options["json"]:
            self.stdout.write(json.dumps(report, ensure_ascii=False, indent=1))
            return
        self.stdout.write(
            f"{report['level']}  {report['lessons']} lessons, {report['hours']} h "
            f"({report['theory']} theory, {report['practice']} practice)"
        )
        for policy in report["policies"]:
            self.stdout.write(f"{policy['verdict']}  {policy['title']}")
            for rule in policy["rules"]:
                state = "reminder" if rule["soft"] and rule["outcome"] == "not_met" else rule["outcome"]
                said = " ".join(rule["found"].split())
                self.stdout.write(f"    {rule['rule']}: {state}  {said or '-'}  (asked: {rule['required'] or '-'})")
