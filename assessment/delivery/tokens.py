"""The attempt token: leave to save the answers of one attempt from one device, checked without a session.

`<key id>.<attempt>.<epoch>.<until>.<mac>`, numbers in hex, until in milliseconds; the mac is HMAC-SHA256 under a key derived
from the installation's field key of that id. It travels in a header no form can send. It opens nothing else: state, device
and deadline are read again from the row, and its owner gets a new one from her session.
"""

import base64
import hmac
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256

from django.conf import settings

# How long after an attempt's deadline a device may still bring what it holds; after that people bring it.
KEEP_MS = 7 * 24 * 3600 * 1000


@dataclass(frozen=True)
class Leave:
    """What a token says. attempt: its row's number; until_ms: on the server's clock."""

    attempt: int
    epoch: int
    until_ms: int


@lru_cache(maxsize=16)
def _key(field_key: bytes) -> bytes:
    return hmac.new(field_key, b"kaibo.exam.token", sha256).digest()


def _mac(field_key: bytes, body: str) -> str:
    digest = hmac.digest(_key(field_key), body.encode(), "sha256")
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def sealed(leave: Leave) -> str:
    """The text that travels, under the newest key."""
    ring = settings.KEYRING
    body = f"{ring.current}.{leave.attempt:x}.{leave.epoch:x}.{leave.until_ms:x}"
    return f"{body}.{_mac(ring.field_keys[ring.current], body)}"


def opened(text: str, *, now_ms: int) -> Leave | None:
    """What a text says, or None: not ours, changed, under a key that is gone, or over."""
    body, _, mac = text.rpartition(".")
    parts = body.rsplit(".", 3)
    key = settings.KEYRING.field_keys.get(parts[0]) if len(parts) == 4 else None
    if key is None or not text.isascii() or not hmac.compare_digest(mac, _mac(key, body)):
        return None
    attempt, epoch, until_ms = (int(part, 16) for part in parts[1:])
    return Leave(attempt, epoch, until_ms) if until_ms >= now_ms else None
