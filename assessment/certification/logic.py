"""Numbers, moves and the printed data, computed. Pure."""

import json
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date
from typing import Any
from uuid import UUID

from assessment.certification.types import (
    CertificateData,
    NumberRefused,
    Pin,
    SchemeData,
    SchemePart,
)
from assessment.specification.types import Paper

# No 0/O, 1/I/L, 2/Z, 5/S, 8/B: read from paper and typed. 12 of 25 are 55 bits: nobody finds a paper by guessing.
_CODE_LETTERS = "ACDEFGHJKMNPQRTUVWXY34679"
_CODE_LENGTH = 12
# What stands in the counter's name for the places it does not count by.
_ANY = "*"


def draw_code() -> str:
    """A random verification code such as K7FA-34RT-9QWE."""
    drawn = "".join(secrets.choice(_CODE_LETTERS) for _place in range(_CODE_LENGTH))
    return "-".join(drawn[start : start + 4] for start in range(0, _CODE_LENGTH, 4))


def tidy_code(typed: str) -> str:
    """What people type or scan, as it is stored; "" when it can be no code."""
    letters = re.sub(r"[\s-]", "", typed).upper()
    if len(letters) != _CODE_LENGTH or not set(letters) <= set(_CODE_LETTERS):
        return ""
    return "-".join(letters[start : start + 4] for start in range(0, _CODE_LENGTH, 4))


def grouped(number: str) -> str:
    """A number in groups of four, for the screen only (design, section 6)."""
    return " ".join(number[start : start + 4] for start in range(0, len(number), 4))


def check_codes(scheme: SchemeData, codes: Mapping[str, str], *, synthetic: bool) -> None:
    """Whether the codes fit the scheme, and are a demonstration's exactly when they should be. Raises NumberRefused."""
    for part in scheme.code_parts:
        code = codes.get(part.name, "")
        if len(code) != part.width or not re.fullmatch(part.pattern, code):
            raise NumberRefused(part.name)
        if part.synthetic and code.startswith(part.synthetic) != synthetic:
            raise NumberRefused(part.name)


def counter_scope(scheme: SchemeData, codes: Mapping[str, str], *, year: int, level: int) -> str:
    """What one sequence is counted within: every part of the number but the sequence and those not counted by.

    Two bodies that were given the same codes share the counter, so their numbers cannot meet.
    """
    pieces = [
        _ANY * part.width
        if part.source == "sequence" or not part.counted
        else _piece(part, codes, year=year, level=level, sequence=0)
        for part in scheme.parts
    ]
    return "".join(pieces)


def build_number(scheme: SchemeData, codes: Mapping[str, str], *, year: int, level: int, sequence: int) -> str:
    """The number of the scheme. Raises NumberRefused, naming the part that does not fit (also a full sequence)."""
    number = "".join(_piece(part, codes, year=year, level=level, sequence=sequence) for part in scheme.parts)
    if len(number) != scheme.length or not re.fullmatch(scheme.regex, number):
        raise NumberRefused("regex")
    return number


def _piece(part: SchemePart, codes: Mapping[str, str], *, year: int, level: int, sequence: int) -> str:
    if part.source == "code":
        text = codes.get(part.name, "")
    elif part.source == "year":
        text = f"{year % 10**part.width:0{part.width}d}"
    elif part.source == "level":
        text = str(level)
    else:
        text = f"{sequence:0{part.width}d}"
    if len(text) != part.width or (part.pattern and not re.fullmatch(part.pattern, text)):
        raise NumberRefused(part.name)
    return text


def snapshot_text(rows: Iterable[Mapping[str, Any]]) -> str:
    """The frozen rows as one text to hash: JSON, keys sorted, rows in their order."""
    return json.dumps(list(rows), ensure_ascii=False, sort_keys=True, default=str, separators=(",", ":"))


def printed_text(data: CertificateData) -> str:
    """The printed data as JSON; `printed_data` reads it back to an equal value."""
    return json.dumps(asdict(data), ensure_ascii=False, sort_keys=True, default=str, separators=(",", ":"))


def printed_data(text: str) -> CertificateData:
    """What `printed_text` wrote."""
    raw = json.loads(text)
    return CertificateData(
        **{
            **raw,
            "serial": UUID(raw["serial"]),
            "kind": Paper(raw["kind"]),
            "birth_date": date.fromisoformat(raw["birth_date"]) if raw["birth_date"] else None,
            "issued_on": date.fromisoformat(raw["issued_on"]),
            "pins": tuple(Pin(**pin) for pin in raw["pins"]),
        }
    )
