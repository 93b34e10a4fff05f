"""Personal fields: encrypted at rest, found again by a blind index.

A ciphertext reads `kb1:<key id>:<base64url of nonce ‖ AES-256-GCM ciphertext and tag>`. It is bound to its column, so
a value copied into another column does not decrypt. The keys are `settings.KEYRING` (`KAIBO_KEYS`, newest first: the
first encrypts, all decrypt); `manage.py rotate_keys` writes what is older anew.
"""

import base64
import hmac
import os
import unicodedata
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import FieldError
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.lookups import Exact

_MARK = "kb1"
_NONCE_BYTES = 12


class DecryptionError(Exception):
    """A stored value cannot be read: unknown key, changed ciphertext or another column's. Never carries the value."""


def encrypt(plain: str, *, context: str) -> str:
    """Encrypt under the newest key; `context` (the column) must be given again to decrypt."""
    key_id = settings.KEYRING.current
    nonce = os.urandom(_NONCE_BYTES)
    sealed = AESGCM(settings.KEYRING.field_keys[key_id]).encrypt(nonce, plain.encode(), _bound(key_id, context))
    return f"{_MARK}:{key_id}:{base64.urlsafe_b64encode(nonce + sealed).decode()}"


def decrypt(stored: str, *, context: str) -> str:
    """The plain text. Raises DecryptionError."""
    mark, _, rest = stored.partition(":")
    key_id, _, text = rest.partition(":")
    key = settings.KEYRING.field_keys.get(key_id)
    if mark != _MARK or key is None:
        raise DecryptionError(f"{context}: no key {key_id!r}" if mark == _MARK else f"{context}: not encrypted")
    try:
        raw = base64.urlsafe_b64decode(text)
        return AESGCM(key).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], _bound(key_id, context)).decode()
    except (ValueError, InvalidTag):
        raise DecryptionError(f"{context}: changed, or of another column (key {key_id})") from None


def current_prefix() -> str:
    """How every ciphertext of the newest key begins."""
    return f"{_MARK}:{settings.KEYRING.current}:"


def _bound(key_id: str, context: str) -> bytes:
    return f"{_MARK}:{key_id}:{context}".encode()


def blind_index(value: str, *, purpose: str) -> str:
    """A keyed fingerprint to look up and compare encrypted values: HMAC-SHA256, 64 hex digits.

    The value is taken after NFKC, without outer spaces, in capitals (an ID number's x is its X). The same value has
    unlike fingerprints under unlike purposes, so tables cannot be joined by them.
    """
    normal = unicodedata.normalize("NFKC", value).strip().upper()
    return hmac.new(settings.KEYRING.index_key, f"{purpose}\0{normal}".encode(), sha256).hexdigest()


class _EmptyOnly(Exact):
    """`field=""`: empty text is stored as it is, so a constraint may speak of it; any other text cannot be found."""

    def get_prep_lookup(self) -> Any:
        if self.rhs != "":
            raise FieldError("An encrypted field cannot be looked up by its text; use its blind index.")
        return self.rhs


class EncryptedTextField(models.TextField[str, str]):
    """Text that the database holds encrypted. Empty text and NULL are stored as they are.

    Cannot be searched or ordered by meaning: every lookup but `isnull` and `=""` raises FieldError (use a blind-index
    column).
    context: only after renaming a model or column, the old `app.model.field` its ciphertexts are bound to.
    """

    def __init__(self, *args: Any, context: str = "", **kwargs: Any) -> None:
        self.context = context
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, Any, dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        if self.context:
            kwargs["context"] = self.context
        return name, path, args, kwargs

    @property
    def bound_to(self) -> str:
        """The column a ciphertext belongs to."""
        return self.context or f"{self.model._meta.label_lower}.{self.name}"

    def from_db_value(self, value: str | None, expression: Any, connection: BaseDatabaseWrapper) -> str | None:
        return decrypt(value, context=self.bound_to) if value else value

    def get_db_prep_save(self, value: Any, connection: BaseDatabaseWrapper) -> Any:
        if value is None or value == "":
            return value
        if hasattr(value, "as_sql"):
            raise FieldError(f"{self.bound_to} is encrypted: it takes text, not an expression")
        return encrypt(str(value), context=self.bound_to)

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name == "exact":
            return _EmptyOnly
        if lookup_name != "isnull":
            raise FieldError(f"{self.bound_to} is encrypted and cannot be looked up by {lookup_name}")
        return super().get_lookup(lookup_name)
