"""Sealing with the installation's own key, and checking with those it believes."""

import io
from typing import BinaryIO

from django.conf import settings

from lms.core.packages import logic
from lms.core.packages.checking import verify
from lms.core.packages.sealing import build
from lms.core.packages.types import Package, Report


def seal(package: Package) -> bytes:
    """A small package, signed with the newest of our keys. Raises ValueError for names that may not stand in one."""
    held = io.BytesIO()
    build(package, seed=settings.KEYRING.signing_keys[0], target=held)
    return held.getvalue()


def own_keys() -> list[bytes]:
    """The public halves of our signing keys, newest first: what we publish."""
    return [logic.public_key(seed) for seed in settings.KEYRING.signing_keys]


def public_keys() -> list[bytes]:
    """The keys we believe: our own, newest first, then those of others that we were told of."""
    return list(dict.fromkeys([*own_keys(), *settings.KEYRING.trusted_keys]))


def verify_own(source: BinaryIO) -> Report:
    """Whether a file is a package sealed here or by an installation we believe, unchanged since."""
    return verify(source, trusted=public_keys())
