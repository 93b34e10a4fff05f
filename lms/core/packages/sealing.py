"""Making a sealed package. Pure: the key and the hour are given."""

import io
from collections.abc import Mapping
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import IO, BinaryIO

from lms.core.packages import container, logic
from lms.core.packages.types import Limits, Package

# At most so much stands around a file: its entries in zip and manifest, twice a name of 200 letters each.
_AROUND = 1000


def build(package: Package, *, seed: bytes, target: BinaryIO) -> None:
    """Write a package, signed with the Ed25519 key of `seed` (32 bytes), to a file that can seek. The same package and key
    are the same bytes. Raises ValueError for names that may not stand in one, and for more than anybody would check.
    """
    folder = logic.folder_of(package)
    payload = {logic.DATA + name: content for name, content in package.files.items()}
    wrong = sorted(name for name in payload if not logic.safe_name(f"{folder}/{name}"))
    if wrong or len({name.lower() for name in payload}) < len(payload):
        raise ValueError(f"names that may not stand in a package: {wrong or sorted(payload)}")
    octets = sum(_size(content) for content in payload.values())
    if octets + len(payload) * _AROUND > Limits.size or len(payload) + len(logic.TAG_FILES) > Limits.members:
        raise ValueError(f"too much for a package: {len(payload)} files, {octets} bytes")
    tags = {
        logic.BAGIT: logic.BAGIT_WORDS,
        logic.INFO: logic.info_text(package, octets=octets, streams=len(payload)),
        logic.MANIFEST: logic.manifest_text({name: _sha256(content) for name, content in payload.items()}),
    }
    tags[logic.TAG_MANIFEST] = logic.manifest_text({name: _sha256(content) for name, content in tags.items()})
    tags[logic.SIGNATURE] = logic.signature_text(tags[logic.TAG_MANIFEST], seed)
    everything: Mapping[str, bytes | Path] = payload | tags
    members = {f"{folder}/{name}": (partial(_open, each), _size(each)) for name, each in everything.items()}
    container.write(members, target)


def _open(content: bytes | Path) -> IO[bytes]:
    return io.BytesIO(content) if isinstance(content, bytes) else content.open("rb")


def _size(content: bytes | Path) -> int:
    return len(content) if isinstance(content, bytes) else content.stat().st_size


def _sha256(content: bytes | Path) -> str:
    if isinstance(content, bytes):
        return sha256(content).hexdigest()
    with content.open("rb") as source:
        return container.digest(source)
