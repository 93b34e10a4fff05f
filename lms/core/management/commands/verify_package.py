"""`manage.py verify_package FILE`: whether a sealed package is whole, unchanged and signed by a key we believe."""

import json
import os
from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation
from django.utils.translation import gettext as _

from lms.core.keys import KeyringError, parse_public_key
from lms.core.packages import Report, key_id, problem_words, public_keys, verify


def _key(text: str) -> bytes:
    try:
        return parse_public_key(text)
    except KeyringError as fault:
        raise ArgumentTypeError(str(fault)) from None


class Command(BaseCommand):
    help = (
        "Checks a sealed package: every file, the lists, the signature, the zip around them. Needs no network and no "
        "database. Exit code 0 when all is as sealed, 1 when not; what is wrong stands in plain sentences."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, nargs="?", help="the package (.zip)")
        parser.add_argument(
            "--key", type=_key, action="append",
            help="believe this public key (64 hex digits) and no other; may be repeated. Without it: this installation's keys",
        )  # fmt: skip
        parser.add_argument("--json", action="store_true", help="print the outcome as JSON")
        parser.add_argument("--keys", action="store_true", help="print the public keys believed here, then stop")
        parser.add_argument(
            "--language",
            choices=[code for code, _name in settings.LANGUAGES],
            default=_asked(),
            help="of the sentences",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        trusted = options["key"] or public_keys()
        if options["keys"]:
            for public in trusted:
                self.stdout.write(f"{key_id(public)}\t{public.hex()}")
            return
        if options["file"] is None:
            raise CommandError("the following arguments are required: file")
        try:
            with options["file"].open("rb") as source:
                report = verify(source, trusted=trusted)
        except OSError as fault:
            raise CommandError(str(fault)) from None
        with translation.override(options["language"]):
            if options["json"]:
                self.stdout.write(json.dumps(_told(report), ensure_ascii=False, indent=2))
            elif report.ok:
                self.stdout.write(_good(report))
            else:
                self.stderr.write(_("Not as sealed:"))
                for problem in report.problems:
                    self.stderr.write(f"  {problem_words(problem)}")
        if not report.ok:
            raise SystemExit(1)


def _asked() -> str:
    """The language of whoever types, as her terminal says it; Chinese otherwise."""
    said = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "en" if said.lower().startswith("en") else str(settings.LANGUAGE_CODE)


def _good(report: Report) -> str:
    told = report.told
    return _("As sealed: %(what)s %(code)s, %(files)d files, sealed %(at)s with key %(key)s.") % {
        "what": told.get("Kaibo-Package", ""),
        "code": told.get("External-Identifier", ""),
        "files": report.files,
        "at": told.get("Kaibo-Sealed-At", ""),
        "key": report.key,
    }


def _told(report: Report) -> dict[str, Any]:
    return {
        "ok": report.ok,
        "problems": [
            {"fault": each.fault, "where": each.where, "detail": each.detail, "words": problem_words(each)}
            for each in report.problems
        ],
        "key": report.key,
        "sha256": report.sha256,
        "size": report.size,
        "files": report.files,
        "told": dict(report.told),
    }
