"""Signed leave to open a stream and to send its beats: checked without a session, so that a beat costs next to nothing.

A ticket names one enrolment and one lesson, a pass one stream; both end after `stream_max_s`. They travel in a header that
no form can send, so another site cannot spend them. Whoever took one could only add time to its owner's account.
"""

import base64
import binascii
import hmac
import json
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any, TypeVar

from django.conf import settings

T = TypeVar("T")


@dataclass(frozen=True)
class Ticket:
    """Leave to open a stream. until_ms: on the server's clock."""

    enrolment: int
    person: int
    lesson: str
    online_minutes: int
    profile: str
    until_ms: int


@dataclass(frozen=True)
class Pass:
    """Leave to send the beats of a stream and to ask for its count."""

    stream: int
    person: int
    enrolment: int
    lesson: str
    opened_ms: int
    until_ms: int


def _sign(purpose: str, body: bytes) -> str:
    mark = hmac.new(settings.SECRET_KEY.encode(), b"kaibo.study." + purpose.encode() + b"\0" + body, sha256)
    return base64.urlsafe_b64encode(mark.digest()).decode().rstrip("=")


def sealed(thing: Ticket | Pass) -> str:
    """The text that travels."""
    body = base64.urlsafe_b64encode(json.dumps(asdict(thing), separators=(",", ":")).encode()).rstrip(b"=")
    return f"{body.decode()}.{_sign(type(thing).__name__, body)}"


def opened(kind: type[T], text: str, *, now_ms: int) -> T | None:
    """What a text says, or None: not ours, changed, of another kind, or over."""
    body, _, mark = text.partition(".")
    try:
        raw = body.encode("ascii")
        if not hmac.compare_digest(mark.encode(), _sign(kind.__name__, raw).encode()):
            return None
        said: dict[str, Any] = json.loads(base64.urlsafe_b64decode(raw + b"=" * (-len(raw) % 4)))
        thing = kind(**said)
    except (ValueError, TypeError, binascii.Error, UnicodeError):
        return None
    return thing if said["until_ms"] > now_ms else None
