"""The secrets of authenticators under the newest field key: allauth keeps them inside a JSON column."""

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import decrypt, encrypt
from django.db import transaction

from lms.core import rotation
from lms.core.crypto import current_prefix

# Of an authenticator app, and of the recovery codes.
_ENCRYPTED = ("secret", "seed")


def rotate_authenticators() -> int:
    """Re-encrypt what is not under the newest key; returns how many values were written. Raises DecryptionError."""
    # The whole list first: SQLite does not write while it reads.
    held = list(Authenticator.objects.order_by("pk").values_list("pk", "data"))
    return sum(_rewrite(pk) for pk, data in held if _older(data))


def _older(data: dict[str, str]) -> list[str]:
    return [name for name in _ENCRYPTED if name in data and not data[name].startswith(current_prefix())]


@transaction.atomic
def _rewrite(pk: int) -> int:
    # Read again under the lock: a recovery code used meanwhile is marked in the same column.
    row = Authenticator.objects.select_for_update().filter(pk=pk).first()
    if row is None:  # reset meanwhile
        return 0
    names = _older(row.data)
    row.data = {**row.data, **{name: encrypt(decrypt(row.data[name])) for name in names}}
    row.save(update_fields=["data"])
    return len(names)


rotation.register("mfa.authenticator.data", rotate_authenticators)
