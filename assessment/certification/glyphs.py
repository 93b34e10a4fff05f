"""Which characters the Chinese font of the papers can draw, read from its own table: a name is never printed as boxes."""

import struct
from functools import lru_cache
from pathlib import Path

from noto_cjk_sans_otc import FONT_PATH

# The collection's fonts stand in the order JP, KR, SC, TC, HK, then the monospaced ones; all cover the same characters.
_SIMPLIFIED = 2
_FULL_REPERTOIRE = 12


@lru_cache(maxsize=1)
def drawn_characters() -> frozenset[int]:
    """Code points with a glyph, from the table `cmap` in its format 12 (OpenType 1.9). Raises LookupError."""
    raw = Path(str(FONT_PATH)).read_bytes()
    (font,) = struct.unpack_from(">I", raw, 12 + 4 * _SIMPLIFIED)
    (tables,) = struct.unpack_from(">H", raw, font + 4)
    for number in range(tables):
        tag, _checksum, start, _length = struct.unpack_from(">4sIII", raw, font + 12 + 16 * number)
        if tag == b"cmap":
            return _of_cmap(raw, start)
    raise LookupError("cmap")


def _of_cmap(raw: bytes, start: int) -> frozenset[int]:
    (subtables,) = struct.unpack_from(">H", raw, start + 2)
    for number in range(subtables):
        _platform, _encoding, offset = struct.unpack_from(">HHI", raw, start + 4 + 8 * number)
        (kind,) = struct.unpack_from(">H", raw, start + offset)
        if kind == _FULL_REPERTOIRE:
            (groups,) = struct.unpack_from(">I", raw, start + offset + 12)
            found: set[int] = set()
            for first, last, _glyph in struct.iter_unpack(">III", raw[start + offset + 16 :][: 12 * groups]):
                found.update(range(first, last + 1))
            return frozenset(found)
    raise LookupError("cmap 12")
