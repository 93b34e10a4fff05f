"""Which texts are nearly the same: grams of characters, MinHash to find candidates fast. Pure.

Jaccard similarity of sets of grams says how much of two texts is the same; Broder's MinHash ("On the resemblance and
containment of documents", 1997) estimates it from 64 numbers a text, so that one text is held against 50,000 in a few
milliseconds. What the estimate finds is then compared exactly.
"""

import re
import unicodedata
from collections.abc import Collection
from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# numpy is imported by the functions that count: every command of Kaibo loads this module.
WIDTH = 64  # numbers a signature
SIZE = WIDTH * 4  # its bytes

_GRAM = 3
_PRIME = 2**31 - 1
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
# Said by every second question of an exam, whatever it is about.
_COMMON = re.compile(
    r"下列|以下|说法|表述|做法|选项|描述|的是|哪一?[项个种些]|[不]?正确|错误|[不]?属于|[不]?包括|关于|应当|应该"
)
_NO_WORD = re.compile(r"[\W_]+")


def grams(text: str) -> frozenset[str]:
    """Every three characters in a row, after NFKC, without capitals, punctuation and common words of exams.

    Numbers are all one sign: the same question with another number is like it. A text of fewer characters is one gram.
    """
    normal = unicodedata.normalize("NFKC", text).casefold()
    bare = _NO_WORD.sub("", _NUMBER.sub("0", normal))
    said = _COMMON.sub("", bare) or bare
    if len(said) <= _GRAM:
        return frozenset({said}) if said else frozenset()
    return frozenset(said[start : start + _GRAM] for start in range(len(said) - _GRAM + 1))


@lru_cache(maxsize=1)
def _permutations() -> "tuple[NDArray[np.uint64], NDArray[np.uint64]]":
    """a·x + b modulo a prime below 2³¹, so that no product leaves 64 bits; always the same, for signatures are stored."""
    import numpy as np

    drawn = [1 + _number(f"kaibo {count}") % (_PRIME - 1) for count in range(2 * WIDTH)]
    return np.array(drawn[:WIDTH], np.uint64)[:, None], np.array(drawn[WIDTH:], np.uint64)[:, None]


def _number(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=4).digest(), "little")


def signature(of: Collection[str]) -> "NDArray[np.uint32]":
    """The MinHash of a set of grams: 64 numbers. Equal sets have equal ones, on every machine; no grams give all ones."""
    import numpy as np

    if not of:
        return np.full(WIDTH, 2**32 - 1, dtype="<u4")
    hashed = np.array([_number(gram) % _PRIME for gram in of], dtype=np.uint64)
    a, b = _permutations()
    return ((a * hashed[None, :] + b) % np.uint64(_PRIME)).min(axis=1).astype("<u4")


def sketch(signatures: Any) -> "NDArray[np.uint8]":
    """The low byte of every number: enough to find candidates (b-bit MinHash, Li and König 2010), a quarter of the memory."""
    import numpy as np

    return np.asarray(signatures, dtype="<u4").astype(np.uint8)


def estimates(of: "NDArray[np.uint8]", among: "NDArray[np.uint8]") -> "NDArray[np.float32]":
    """How alike one sketch is to each row of `among`, about 0 to 1, with an error of 0.06 in the middle."""
    import numpy as np

    if not len(among):
        return np.zeros(0, dtype=np.float32)
    return np.count_nonzero(among == of, axis=1).astype(np.float32) / np.float32(WIDTH)
