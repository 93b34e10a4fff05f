"""Where keys come from. No Django here: settings modules call these functions.

Four kinds, never mixed (architecture, "Keys"): Django's SECRET_KEY (sessions, signed payloads), the field keys
(`KAIBO_KEYS`, id:key list, newest first: the first encrypts, all decrypt), the blind-index key, and the private keys that
sign sealed packages (`KAIBO_SIGNING_KEYS`, newest first: the first signs, all are believed). A signing key has no id of its
own: it is called by the hash of its public half (`lms.core.packages`).
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
    """secret_key: text; field_keys: id → 32 bytes, newest first; index_key: 32 bytes; signing_keys: Ed25519 seeds of 32
    bytes, newest first; trusted_keys: public Ed25519 keys of 32 bytes whose packages are believed beside our own."""

    secret_key: str
    field_keys: dict[str, bytes]
    index_key: bytes
    signing_keys: tuple[bytes, ...] = ()
    trusted_keys: tuple[bytes, ...] = ()

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


def parse_signing_keys(text: str) -> tuple[bytes, ...]:
    """`key,key`, newest first. Raises KeyringError on a wrong length, a repeated key or an empty list."""
    keys = tuple(_decode("KAIBO_SIGNING_KEYS", word.strip()) for word in text.split(",") if word.strip())
    if not keys or len(set(keys)) < len(keys):
        raise KeyringError("KAIBO_SIGNING_KEYS must be a list of distinct keys")
    return keys


def parse_public_key(text: str) -> bytes:
    """A public Ed25519 key as 64 hex digits, the form it is published in. Raises KeyringError."""
    try:
        key = bytes.fromhex(text.strip())
    except ValueError:
        key = b""
    if len(key) != 32:
        raise KeyringError(f"a public key is 64 hex digits, not {text.strip()[:80]!r}")
    return key


def environment_keyring(
    secret_key: str, field_keys: str, index_key: str, signing_keys: str, trusted_keys: str = ""
) -> Keyring:
    """Production: all from the environment. Raises KeyringError."""
    if len(secret_key) < 50:
        raise KeyringError("SECRET_KEY must have at least 50 characters")
    return Keyring(
        secret_key,
        parse_field_keys(field_keys),
        _decode("KAIBO_INDEX_KEY", index_key),
        parse_signing_keys(signing_keys),
        tuple(parse_public_key(word) for word in trusted_keys.split(",") if word.strip()),
    )


def throwaway_keyring() -> Keyring:
    """Tests: new keys for one process; the secret is fixed so that parallel workers share signed payloads."""
    return Keyring("test-" + "k" * 60, {"t1": b"t" * 32}, b"i" * 32, (b"s" * 32,))


def local_keyring(path: Path, trusted_keys: str = "") -> Keyring:
    """Demo and development: written once to `path` (mode 0600), then read. Safe when two processes start at once.

    The signing keys have a file of their own beside it, so that an installation older than they are gets them too.
    """
    held = _once(
        path, {"secret_key": secrets.token_urlsafe(60), "field_keys": f"k1:{new_key()}", "index_key": new_key()}
    )
    signing = _once(path.with_name(f"signing-{path.name}"), {"signing_keys": new_key()})
    return environment_keyring(
        held["secret_key"], held["field_keys"], held["index_key"], signing["signing_keys"], trusted_keys
    )


def _once(path: Path, fresh: dict[str, str]) -> dict[str, str]:
    """What the file holds, `fresh` where there was none."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.with_name(f".{path.name}.{os.getpid()}")
        aside.write_text(json.dumps(fresh, indent=1))
        aside.chmod(0o600)
        try:
            os.link(aside, path)  # fails when another process was first: its keys win
        except FileExistsError:
            pass
        finally:
            aside.unlink()
    held: dict[str, str] = json.loads(path.read_text())
    return held
