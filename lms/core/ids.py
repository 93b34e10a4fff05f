"""Identifiers. Inside: bigint; outside: random UUIDs; for blind scoring: random codes, never derived from anything."""

import secrets
from uuid import UUID, uuid4

# No 0/O, 1/I/L, 2/Z, 5/S, 8/B: the codes are read aloud and copied by hand.
_LETTERS = "ACDEFGHJKMNPQRTUVWXY"
_DIGITS = "34679"


def new_uuid() -> UUID:
    """A random (version 4) UUID."""
    return uuid4()


def blind_code() -> str:
    """A random work number such as K7-3496Q4: 20·5·5^4·20·5 ≈ 6 million values; uniqueness is the table's constraint."""
    return _code(4)


def booklet_code() -> str:
    """The like for a booklet of short answers, one digit longer, so that it is never a work's."""
    return _code(5)


def _code(digits: int) -> str:
    draw = secrets.choice
    head = draw(_LETTERS) + draw(_DIGITS)
    tail = "".join(draw(_DIGITS) for _ in range(digits)) + draw(_LETTERS) + draw(_DIGITS)
    return f"{head}-{tail}"
