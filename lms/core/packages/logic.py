"""The files of a bag (RFC 8493, BagIt 1.0) and the signature over them. Pure.

A package is a folder `kaibo-<kind>-<identifier>` with `data/`, `bagit.txt`, `bag-info.txt`, `manifest-sha256.txt` (what is
below `data/`), `tagmanifest-sha256.txt` (the three others) and `signature.txt`: Ed25519 (RFC 8032) over the bytes of
`tagmanifest-sha256.txt`, so over everything. The tag manifest cannot list its own signature.

Every file is written in one way only. Reading takes that way and no other: so no byte can be another unseen, neither in a
hash's letters nor in the name of a key.
"""

import re
from collections.abc import Collection, Mapping
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from lms.core.packages.types import Fault, Package, Problem

BAGIT, INFO, MANIFEST = "bagit.txt", "bag-info.txt", "manifest-sha256.txt"
TAG_MANIFEST, SIGNATURE = "tagmanifest-sha256.txt", "signature.txt"
TAG_FILES = frozenset({BAGIT, INFO, MANIFEST, TAG_MANIFEST, SIGNATURE})
LISTED = (BAGIT, INFO, MANIFEST)
DATA = "data/"
BAGIT_WORDS = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"

_NAME = re.compile(r"(?!.*\.\.)[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*", re.ASCII)
_MOST_LETTERS = 200
_LINE = re.compile(r"([0-9a-f]{64})  (\S+)", re.ASCII)
_SIGNED = (
    "Kaibo-Signature: 1\nAlgorithm: Ed25519\nSigned-File: tagmanifest-sha256.txt\n"
    "Public-Key: {public}\nKey-Id: {key}\nSignature: {signature}\n"
)
_SIGNATURE = re.compile(
    _SIGNED.replace(".", r"\.").format(public="([0-9a-f]{64})", key="([0-9a-f]{16})", signature="([0-9a-f]{128})")
)


def safe_name(name: str) -> bool:
    """Whether a name stays inside the folder it is unpacked into, on every system, and needs no escaping in a manifest."""
    return len(name) <= _MOST_LETTERS and _NAME.fullmatch(name) is not None


def folder_of(package: Package) -> str:
    """The one folder of a package. Raises ValueError for kinds and identifiers that are no names."""
    name = f"kaibo-{package.kind}-{package.identifier}"
    if "/" in name or not safe_name(name):
        raise ValueError(f"no name for a package: {name!r}")
    return name


def folder_told(told: Mapping[str, str]) -> str:
    """The folder that a bag-info.txt asks for: no signature covers its name otherwise."""
    return f"kaibo-{told.get('Kaibo-Package', '').removesuffix('/1')}-{told.get('External-Identifier', '')}"


def public_key(seed: bytes) -> bytes:
    """The 32 bytes that check what a private key of 32 bytes has signed."""
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def key_id(public: bytes) -> str:
    """What a public key is called: the first 16 hex digits of its SHA-256, so a name cannot be claimed by another key."""
    return sha256(public).hexdigest()[:16]


def info_text(package: Package, *, octets: int, streams: int) -> bytes:
    """bag-info.txt. The hour is the only thing in it that another sealing of the same files changes."""
    lines = {
        "Bag-Software-Agent": "Kaibo",
        "Bagging-Date": f"{package.sealed_at:%Y-%m-%d}",
        "External-Description": " ".join(package.description.split()),
        "External-Identifier": package.identifier,
        "Kaibo-Package": f"{package.kind}/1",
        "Kaibo-Sealed-At": package.sealed_at.isoformat(timespec="seconds"),
        "Payload-Oxum": f"{octets}.{streams}",
    }
    return "".join(f"{label}: {value}\n" for label, value in lines.items()).encode()


def info_told(content: bytes) -> dict[str, str]:
    """What bag-info.txt says, by label; lines that say nothing are left out."""
    pairs = (line.partition(": ") for line in content.decode(errors="replace").splitlines())
    return {label: value for label, sign, value in pairs if sign}


def manifest_text(hashes: Mapping[str, str]) -> bytes:
    """A manifest of name → SHA-256 in hex, by name."""
    return "".join(f"{hashes[name]}  {name}\n" for name in sorted(hashes)).encode()


def read_manifest(content: bytes) -> dict[str, str] | None:
    """Name → SHA-256 in hex; None for a manifest that `manifest_text` would not write so."""
    lines = [_LINE.fullmatch(line) for line in content.decode(errors="replace").splitlines()]
    hashes = {line[2]: line[1] for line in lines if line}
    return hashes if manifest_text(hashes) == content else None


def signature_text(tag_manifest: bytes, seed: bytes) -> bytes:
    """signature.txt of a tag manifest."""
    public = public_key(seed)
    signature = Ed25519PrivateKey.from_private_bytes(seed).sign(tag_manifest)
    return _SIGNED.format(public=public.hex(), key=key_id(public), signature=signature.hex()).encode()


def check_signature(content: bytes, tag_manifest: bytes, trusted: Collection[bytes]) -> tuple[str, Problem | None]:
    """The id of the key that a signature names, "" when it is unreadable, and what is wrong with it."""
    found = _SIGNATURE.fullmatch(content.decode("ascii", errors="replace"))
    if found is None:
        return "", Problem(Fault.UNREADABLE, SIGNATURE)
    public, named = bytes.fromhex(found[1]), found[2]
    if key_id(public) != named:
        return "", Problem(Fault.UNREADABLE, SIGNATURE)
    if public not in trusted:
        return named, Problem(Fault.STRANGER, SIGNATURE, named)
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(bytes.fromhex(found[3]), tag_manifest)
    except InvalidSignature:
        return named, Problem(Fault.SIGNATURE, SIGNATURE, named)
    return named, None
