"""Where keys come from. No Django here: settings modules call these functions.

Three kinds, never mixed (architecture, "Keys"): Django's SECRET_KEY (sessions, signed payloads), the field keys
(`KAIBO_KEYS`, id:key list, newest first: the first encrypts, all decrypt) and the blind-index key.
"""

import base64
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path


class KeyringError(Exception):
    """The keys given cannot be used; the message says which and why."""


@dataclass(frozen=True)
class Keyring:
    """secret_key: text; field_keys: id → 32 bytes, newest first; index_key: 32 bytes."""

    secret_key: str
    field_keys: dict[str, bytes]
    index_key: bytes

    @property
    def current(self) -> str:
        """The id of the key that encrypts."""
        return next(iter(self.field_keys))


def _decode(name: str, text: str) -> bytes:
    try:
        key = base64.urlsafe_b64decode(text.encode() + b"=" * (-len(text) % 4))
    except ValueError:
        raise KeyringError(f"{name} is not base64") from None
    if len(key) != 32:
        raise KeyringError(f"{name} must hold 32 bytes, not {len(key)}")
    return key


def new_key() -> str:
    """32 random bytes as url-safe base64 without padding."""
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode().rstrip("=")


def parse_field_keys(text: str) -> dict[str, bytes]:
    """`id:key,id:key`, newest first. Raises KeyringError on a repeated id, a wrong length or an empty list."""
    keys: dict[str, bytes] = {}
    for part in filter(None, (word.strip() for word in text.split(","))):
        name, _, value = part.partition(":")
        if not name or not value or name in keys:
            raise KeyringError("KAIBO_KEYS must be a list of distinct id:key")
        keys[name] = _decode(f"KAIBO_KEYS {name}", value)
    if not keys:
        raise KeyringError("KAIBO_KEYS is empty")
    return keys


def environment_keyring(secret_key: str, field_keys: str, index_key: str) -> Keyring:
    """Production: all three from the environment. Raises KeyringError."""
    if len(secret_key) < 50:
        raise KeyringError("SECRET_KEY must have at least 50 characters")
    return Keyring(secret_key, parse_field_keys(field_keys), _decode("KAIBO_INDEX_KEY", index_key))


def throwaway_keyring() -> Keyring:
    """Tests: new keys for one process; the secret is fixed so that parallel workers share signed payloads."""
    return Keyring("test-" + "k" * 60, {"t1": b"t" * 32}, b"i" * 32)


def local_keyring(path: Path) -> Keyring:
    """Demo and development: written once to `path` (mode 0600), then read. Safe when two processes start at once."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = {"secret_key": secrets.token_urlsafe(60), "field_keys": f"k1:{new_key()}", "index_key": new_key()}
        aside = path.with_name(f".{path.name}.{os.getpid()}")
        aside.write_text(json.dumps(fresh, indent=1))
        aside.chmod(0o600)
        try:
            os.link(aside, path)  # fails when another process was first: its keys win
        except FileExistsError:
            pass
        finally:
            aside.unlink()
    held = json.loads(path.read_text())
    return environment_keyring(held["secret_key"], held["field_keys"], held["index_key"])
