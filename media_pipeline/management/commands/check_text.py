"""`manage.py check_text`: JSON lines in, the findings of the compliance rules out.

In:  {"id": …, "text": "…", "product": "food"}   `product` may be missing or null: then `--product`, else undeclared.
Out: {"id": …, "findings": [{"category", "severity", "start", "end", "text", "rule", "suspected"}]}

`start` and `end` are characters (Unicode code points) of the text as given. A line that cannot be read is told on
standard error by its number, the others are answered; the exit code is then 1.
"""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterable
from typing import Any, BinaryIO, TextIO

from django.core.management.base import BaseCommand
from django.db import DatabaseError

from lms.core.types import ProductKind
from media_pipeline.packs.selectors import pack_in_force
from media_pipeline.rulepacks.api import Matcher, check, current_pack

_KINDS = ", ".join(ProductKind)
# What some readers take for the end of a line.
_LINE_ENDS = {ord(char): f"\\u{ord(char):04x}" for char in "\x85\u2028\u2029"}


class Command(BaseCommand):
    help = "Check JSON lines of text against the compliance rules in force."
    requires_system_checks = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--product", choices=list(ProductKind), default=None, help="what is sold, where a line does not say"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        product = ProductKind(options["product"]) if options["product"] else None
        bad = answer(sys.stdin.buffer, sys.stdout, sys.stderr, _pack(), product)
        if bad:
            raise SystemExit(1)


def _pack() -> Matcher:
    """The pack in force; the shipped one where there is no database yet."""
    try:
        return pack_in_force()
    except DatabaseError:
        sys.stderr.write("no database: checked by the shipped pack\n")
        return current_pack()


def answer(
    lines: BinaryIO | Iterable[bytes], out: TextIO, err: TextIO, pack: Matcher, product: ProductKind | None
) -> int:
    """Answer every line; how many could not be read."""
    bad = 0
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            key, text, kind = _read(line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line)
        except ValueError as error:
            bad += 1
            err.write(f"line {number}: {error}\n")
            continue
        findings = [
            {
                "category": item.category,
                "severity": item.severity.value,
                "start": item.start,
                "end": item.end,
                "text": item.text,
                "rule": item.rule,
                "suspected": item.suspected,
            }
            for item in check(pack, text, kind or product)
        ]
        written = json.dumps({"id": key, "findings": findings}, ensure_ascii=False)
        out.write(written.translate(_LINE_ENDS) + "\n")
    return bad


def _read(line: bytes) -> tuple[Any, str, ProductKind | None]:
    """Raises ValueError with a plain reason."""
    try:
        row = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError:
        raise ValueError("not UTF-8") from None
    except (json.JSONDecodeError, RecursionError):
        raise ValueError("not JSON") from None
    if not isinstance(row, dict):
        raise ValueError("not a JSON object")
    key, text, product = row.get("id"), row.get("text"), row.get("product")
    if not isinstance(key, str | int) or isinstance(key, bool):
        raise ValueError("`id` is missing or neither text nor a whole number")
    if not isinstance(text, str):
        raise ValueError("`text` is missing or no text")
    for value in (key, text):
        if isinstance(value, str) and any("\ud800" <= char <= "\udfff" for char in value):
            raise ValueError("half a character (a lone surrogate)")
    if product in (None, ""):
        return key, text, None
    if not isinstance(product, str) or product not in set(ProductKind):
        raise ValueError(f"`product` is none of {_KINDS}")
    return key, text, ProductKind(product)
