"""Fingerprints of a video: what a copy keeps when it is encoded again, cropped, turned round, sped up. Pure.

Pictures: 64 signs of the discrete cosine transform of a 32x32 grey picture (pHash, Zauner 2010), so that the picture turned
round is the same hash with the signs of its odd waves turned. Sound: Chromaprint as ffmpeg writes it, one number of 32 bits
every eighth of a second. Both are indexed by keys, short parts of them that a copy keeps to the bit here and there.
"""

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]
Sounds = NDArray[np.uint32]

SIDE = 32
# Pictures a second of a query; what is stored has one.
RATE = 5
# Chromaprint 1.5: a third of 4096 samples at 11,025 a second, rounded down.
SOUND_STEP_S = 1365 / 11025
# How a copy may have been played: name → speed, and whether its pitch went with it.
SPEEDS: Mapping[str, tuple[float, bool]] = {
    "as_is": (1.0, False),
    "slower": (1 / 1.1, False),
    "faster": (1.1, False),
    "slower_lower": (1 / 1.1, True),
    "faster_higher": (1.1, True),
}


@dataclass(frozen=True)
class Prints:
    """What a work is told by. pictures: hashes, `RATE` a second; sounds: by name of `SPEEDS`, empty without sound; said: the
    lines of its transcript with their seconds. lacking: why a part could not be taken, code of a reason by part."""

    pictures: Hashes
    sounds: Mapping[str, Sounds]
    said: tuple[tuple[float, float, str], ...]
    lacking: Mapping[str, str] = field(default_factory=dict)


# A picture of one colour has no waves to tell it by.
_FLAT = 4.0
_NOTHING = np.uint64(0)
# The keys of a video: three of 21 bits a picture, of every second picture stored; 28 bits of one sound in eight.
_TABLES, _KEY_BITS = 3, 21
_EVERY_S = 2
_SOUND_BITS = 28
_SOUND_ONE_OF = 8
TEXT_ONE_OF = 8
# What a key is of stands above its value: pictures 0 to 2, sound 3, words 4.
_SHIFT = 40
_SOUND, _TEXT = 3, 4
# A query asks for so many pictures at the most, evenly over its length.
_ASKED = 2400
# Odd, and without a pattern in its bits (Knuth's multiplicative hash): chooses sounds by what they are.
_MIX = np.uint32(2654435761)


@lru_cache(maxsize=1)
def _waves() -> tuple[list[tuple[int, int]], NDArray[np.float32]]:
    """The waves that are signed, low ones first, as (down, across), and the transform's rows 0 to 8."""
    places = [(down, across) for down in range(8) for across in range(8) if (down, across) != (0, 0)] + [(0, 8)]
    places.sort(key=lambda wave: (sum(wave), wave))
    steps = (2 * np.arange(SIDE) + 1) * np.pi / (2 * SIDE)
    return places, np.cos(np.arange(9)[:, None] * steps[None, :]).astype(np.float32)


def hashes(pictures: NDArray[np.uint8]) -> Hashes:
    """Hashes of grey pictures, shape (n, 32, 32); 0 for a picture of one colour."""
    places, rows = _waves()
    found = np.zeros(len(pictures), dtype=np.uint64)
    for start in range(0, len(pictures), 1000):
        part = pictures[start : start + 1000].astype(np.float32)
        waves = np.einsum("ui,nij,vj->nuv", rows, part, rows, optimize=True)
        signs = np.stack([waves[:, down, across] > 0 for down, across in places], axis=1)
        numbers = (signs.astype(np.uint64) << np.arange(64, dtype=np.uint64)).sum(axis=1, dtype=np.uint64)
        found[start : start + 1000] = np.where(part.std(axis=(1, 2)) < _FLAT, _NOTHING, numbers)
    return found


def mirrored(of: Hashes) -> Hashes:
    """The hashes of the same pictures turned round."""
    turned = sum(1 << place for place, (_, across) in enumerate(_waves()[0]) if across % 2)
    return np.where(of == _NOTHING, _NOTHING, of ^ np.uint64(turned))


def stored(of: Hashes) -> Hashes:
    """One a second of them."""
    return of[::RATE]


def packed(numbers: Hashes | Sounds) -> str:
    """Numbers as text for JSON."""
    return base64.b64encode(numbers.astype(numbers.dtype.newbyteorder("<")).tobytes()).decode()


def unpacked(text: str) -> Hashes:
    return np.frombuffer(base64.b64decode(text), dtype="<u8")


def picture_keys(of: Hashes) -> set[int]:
    """Keys that a video with these hashes, one a second, is found by."""
    return _keys(of[::_EVERY_S])


def picture_query(of: Hashes) -> set[int]:
    """Keys to ask for, made of a query's hashes as they are and turned round."""
    step = max(1, -(-len(of) // _ASKED))
    return _keys(of[::step]) | _keys(mirrored(of[::step]))


def _keys(of: Hashes) -> set[int]:
    return set(np.unique(picture_values(of[of != _NOTHING])).tolist())


def picture_values(of: Hashes) -> NDArray[np.int64]:
    """The keys of hashes, whatever shape they stand in: `_TABLES` of each, in front."""
    values = np.zeros((_TABLES, *of.shape), dtype=np.int64)
    for table in range(_TABLES):
        for place in range(_KEY_BITS):
            bit = (of >> np.uint64(place * _TABLES + table)) & np.uint64(1)
            values[table] |= bit.astype(np.int64) << place
        values[table] |= table << _SHIFT
    return values


def sound_keys(of: Iterable[Sounds]) -> set[int]:
    """Keys of fingerprints of sound; silence has none."""
    return {key for each in of for key in sound_values(each[distinct(each)]).tolist()}


def sound_values(of: Sounds) -> NDArray[np.int64]:
    """The keys of numbers of sound, one in `_SOUND_ONE_OF`, chosen by what they are: two copies have chosen the same."""
    told = of >> np.uint32(32 - _SOUND_BITS)
    chosen = told[((told * _MIX) >> np.uint32(16)) % np.uint32(_SOUND_ONE_OF) == 0]
    return chosen.astype(np.int64) | (_SOUND << _SHIFT)


def distinct(of: Sounds) -> NDArray[np.bool_]:
    """Where the sound changes: in silence one number comes again and again."""
    if not len(of):
        return np.zeros(0, dtype=bool)
    same = np.zeros(len(of), dtype=bool)
    same[1:] = of[1:] == of[:-1]
    still = np.convolve(same, np.ones(4, dtype=int), mode="same") >= 4
    return ~still


def text_keys(chosen: Iterable[int]) -> set[int]:
    """Keys of what was said, of `lms.core.similar.tokens`."""
    return {number | (_TEXT << _SHIFT) for number in chosen}


def kind_of(key: int) -> str:
    """What a key was made of: picture, sound or text."""
    part = key >> _SHIFT
    return {_SOUND: "sound", _TEXT: "text"}.get(part, "picture")
