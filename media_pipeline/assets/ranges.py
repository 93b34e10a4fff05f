"""Byte ranges of RFC 9110, as far as players use them: one range at a time. Pure."""

import re
from dataclasses import dataclass

# 18 digits hold every file size; Python refuses to read numbers of thousands of digits.
_SPEC = re.compile(r"^bytes=(\d{0,18})-(\d{0,18})$", re.ASCII)


class Unsatisfiable(Exception):
    """The range lies outside the file: 416."""


@dataclass(frozen=True)
class ByteRange:
    """Bytes `first` to `last`, both included, of a file of `size` bytes."""

    first: int
    last: int
    size: int

    @property
    def length(self) -> int:
        return self.last - self.first + 1

    @property
    def content_range(self) -> str:
        return f"bytes {self.first}-{self.last}/{self.size}"


def parse_range(header: str, size: int, *, longest: int) -> ByteRange | None:
    """The range asked for, cut to `longest` bytes, or None when there is none to obey (absent, several, not understood:
    RFC 9110 lets a server answer with the whole file). Raises Unsatisfiable.

    A shorter answer than asked for is allowed, and players ask again: so a paused player does not hold a web thread.
    """
    match = _SPEC.match(header.strip())
    if match is None or match.groups() == ("", ""):
        return None
    start, stop = match.groups()
    if start == "":
        length = min(int(stop), size)
        first, last = size - length, size - 1
    else:
        first, last = int(start), min(int(stop), size - 1) if stop else size - 1
        if stop and int(stop) < first:
            return None
    if first > last or first >= size:
        raise Unsatisfiable
    return ByteRange(first, min(last, first + longest - 1), size)
