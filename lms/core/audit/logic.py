"""Hash chains and Merkle roots. No Django.

A link's hash is SHA-256 over the canonical JSON of all it says and of the hash before it. A seal's root is the Merkle
tree hash of RFC 6962 §2.1 over the heads that moved since the seal before, and seals are a chain themselves.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from hashlib import sha256

from lms.core.audit.types import GENESIS, Link, Verified


def stamp(at: datetime) -> str:
    """The one way a time enters a hash: ISO 8601, UTC, always six decimals."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def link_hash(link: Link) -> str:
    """64 hex digits over everything but `hash` itself."""
    said = asdict(link)
    del said["hash"]
    return sha256(json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def check_chain(links: Iterable[Link]) -> Verified:
    """Links of one subject in order: numbered from 1 without a gap, each naming the hash before it and hashing right."""
    before, count = GENESIS, 0
    for link in links:
        count += 1
        if link.sequence != count:
            return Verified(count, f"event {count} is missing")
        if link.previous != before:
            return Verified(count, f"event {count} does not continue the one before")
        if link.hash != link_hash(link):
            return Verified(count, f"event {count} was changed")
        before = link.hash
    return Verified(count)


def leaf_hash(subject_kind: str, subject: str, sequence: int, head: str) -> bytes:
    """RFC 6962 leaf over one head: `kind/uuid/sequence/hash`."""
    return sha256(b"\x00" + f"{subject_kind}/{subject}/{sequence}/{head}".encode()).digest()


def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """RFC 6962 tree hash of leaf hashes in order; of no leaves, SHA-256 of nothing."""
    if not leaves:
        return sha256(b"").digest()
    level = list(leaves)
    while len(level) > 1:
        pairs = [sha256(b"\x01" + level[i] + level[i + 1]).digest() for i in range(0, len(level) - 1, 2)]
        level = pairs + level[len(pairs) * 2 :]
    return level[0]


def seal_hash(sequence: int, at: datetime, root: str, previous: str) -> str:
    """The number that is printed: 64 hex digits over number, time, root and the seal before."""
    return sha256(f"{sequence}/{stamp(at)}/{root}/{previous}".encode()).hexdigest()
