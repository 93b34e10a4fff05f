"""Phone numbers and mail addresses as other names to sign in by. Pure."""

import re
import unicodedata

from lms.accounts.logic import tidy_number
from lms.accounts.signin.types import AliasKind

_MAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")
_PHONE = re.compile(r"1\d{10}|\+\d{8,15}", re.ASCII)
MAIL_LENGTH = 254


def tidy_alias(kind: AliasKind, typed: str) -> str:
    """As it is indexed and written to: addresses in small letters, numbers without spaces and +86. "" when it is neither."""
    if kind is AliasKind.MAIL:
        address = unicodedata.normalize("NFKC", typed).strip().lower()
        return address if len(address) <= MAIL_LENGTH and _MAIL.fullmatch(address) else ""
    number = tidy_number(typed).removeprefix("+86")
    return number if _PHONE.fullmatch(number) else ""


def kind_of(typed: str) -> AliasKind:
    """What somebody means who types this into the field for the login name."""
    return AliasKind.MAIL if "@" in unicodedata.normalize("NFKC", typed) else AliasKind.PHONE


def masked_alias(kind: AliasKind, value: str) -> str:
    """l***@example.com; numbers as everywhere."""
    name, _at, house = value.partition("@")
    return f"{name[:1]}***@{house}" if kind is AliasKind.MAIL else value[:3] + "*" * (len(value) - 7) + value[-4:]
