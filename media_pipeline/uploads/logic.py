"""The headers of tus 1.0 (https://tus.io/protocols/resumable-upload) and what tells one file from another. No Django."""

import base64
import hashlib
import re
from collections.abc import Mapping

from media_pipeline.uploads.types import BadHeader, Checksum

VERSION = "1.0.0"
EXTENSIONS = ("creation", "creation-with-upload", "checksum", "expiration", "termination")
# sha1 is the one every server must know.
ALGORITHMS = ("sha1", "sha256")
PIECE_TYPE = "application/offset+octet-stream"
CHECKSUM_MISMATCH = 460
# Of both ends of the file so many bytes make its fingerprint.
END_BYTES = 1 << 20
LONGEST_METADATA = 8192

_KEY = re.compile(r"[!-+\--~]{1,64}")  # visible ASCII but the comma
_HEX64 = re.compile(r"[0-9a-f]{64}")


def parse_size(text: str | None, header: str) -> int:
    """A length or an offset. Raises BadHeader on anything but a whole number of at most 18 digits."""
    if text is None or not text.isascii() or not text.isdecimal() or len(text) > 18:
        raise BadHeader(header)
    return int(text)


def parse_metadata(header: str) -> dict[str, str]:
    """`Upload-Metadata`: pairs of a key and its value in base64, between commas. Raises BadHeader."""
    found: dict[str, str] = {}
    if not header.strip():
        return found
    if len(header) > LONGEST_METADATA:
        raise BadHeader("Upload-Metadata")
    for pair in header.split(","):
        key, _, value = pair.strip().partition(" ")
        if not _KEY.fullmatch(key) or key in found:
            raise BadHeader("Upload-Metadata")
        try:
            found[key] = base64.b64decode(value.strip(), validate=True).decode()
        except ValueError:  # not base64, or not UTF-8
            raise BadHeader("Upload-Metadata") from None
        if "\0" in found[key]:
            raise BadHeader("Upload-Metadata")
    return found


def metadata_header(values: Mapping[str, str]) -> str:
    """The same the other way round."""
    return ",".join(f"{key} {base64.b64encode(value.encode()).decode()}".rstrip() for key, value in values.items())


def parse_checksum(header: str) -> Checksum:
    """`Upload-Checksum`: an algorithm and the digest in base64. Raises BadHeader, also for an algorithm not offered."""
    algorithm, _, value = header.strip().partition(" ")
    try:
        digest = base64.b64decode(value, validate=True)
    except ValueError:
        raise BadHeader("Upload-Checksum") from None
    if algorithm not in ALGORITHMS or len(digest) != hashlib.new(algorithm, usedforsecurity=False).digest_size:
        raise BadHeader("Upload-Checksum")
    return Checksum(algorithm, digest)


def parse_fingerprint(text: str) -> str:
    """SHA-256 as 64 hex digits, or "" where none is stated. Raises BadHeader."""
    if text and not _HEX64.fullmatch(text):
        raise BadHeader("Upload-Metadata")
    return text


class Fingerprint:
    """The hash of a file's first and last MiB, one after the other, taken while the file is read once from its beginning."""

    def __init__(self, length: int) -> None:
        self._ends = hashlib.sha256()
        self._at = 0
        self._tail = max(0, length - END_BYTES)
        self._tail_bytes: list[bytes] = []

    def update(self, chunk: bytes) -> None:
        """The next bytes."""
        if self._at < END_BYTES:
            self._ends.update(chunk[: END_BYTES - self._at])
        if self._at + len(chunk) > self._tail:
            self._tail_bytes.append(chunk[max(0, self._tail - self._at) :])
        self._at += len(chunk)

    def hexdigest(self) -> str:
        """64 hex digits, once everything was given."""
        ends = self._ends.copy()
        for chunk in self._tail_bytes:
            ends.update(chunk)
        return ends.hexdigest()
