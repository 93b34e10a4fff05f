"""Writing encrypted columns, and what apps keep encrypted elsewhere, anew under the newest key."""

from collections.abc import Callable

from django.apps import apps
from django.db import models
from django.db.models import ExpressionWrapper, F, Q

from lms.core.crypto import EncryptedTextField, current_prefix, decrypt

_BATCH = 500
_hooks: dict[str, Callable[[], int]] = {}


def register(name: str, hook: Callable[[], int]) -> None:
    """Let `rotate_keys` call `hook`, for ciphertexts that stand in no EncryptedTextField.

    The hook re-encrypts what is not under the newest key, on a running installation, and returns how many values it
    wrote; it may raise DecryptionError. `name` says in the command's output what was written.
    """
    _hooks[name] = hook


def hooks() -> dict[str, Callable[[], int]]:
    """The registered hooks by name."""
    return dict(_hooks)


def encrypted_fields() -> list[EncryptedTextField]:
    """Every encrypted column of the installation, in the order of models and fields."""
    return [
        field
        for model in apps.get_models()
        for field in model._meta.local_concrete_fields
        if isinstance(field, EncryptedTextField) and not model._meta.proxy
    ]


def rotate(field: EncryptedTextField) -> int:
    """Re-encrypt what is not under the newest key; returns how many values were written.

    Safe on a running installation: a value changed meanwhile is left as it was written. Raises DecryptionError.
    """
    # The ciphertext itself: a plain text expression does not pass through the field's own decryption.
    stored = ExpressionWrapper(F(field.attname), output_field=models.TextField())
    rows = field.model._base_manager.annotate(stored=stored)
    older = rows.exclude(Q(stored=None) | Q(stored="") | Q(stored__startswith=current_prefix()))
    written = 0
    later = older
    while batch := list(later.order_by("pk").values_list("pk", "stored")[:_BATCH]):
        for pk, ciphertext in batch:
            plain = decrypt(ciphertext, context=field.bound_to)
            written += rows.filter(pk=pk, stored=ciphertext).update(**{field.name: plain})
        later = older.filter(pk__gt=batch[-1][0])
    return written
