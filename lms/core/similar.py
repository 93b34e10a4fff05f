"""Which texts are nearly the same: grams of characters, MinHash to find candidates fast. Pure.

Jaccard similarity of sets of grams says how much of two texts is the same; Broder's MinHash ("On the resemblance and
containment of documents", 1997) estimates it from 64 numbers a text, so that one text is held against 50,000 in a few
milliseconds. What the estimate finds is then compared exactly.

What was said in two videos is compared by TF-IDF of shorter grams: order and wording tell a script that was read again from
two hosts who sell the same kind of goods.
"""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
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


# Texts that were said: TF-IDF of two to four characters in a row, where even one word in another place is told apart.
_SHORTEST, _LONGEST = 2, 4
# So many characters in a row are nobody's by chance: a phrase that stands in both texts.
PHRASE = 6


@dataclass(frozen=True)
class Letters:
    """The letters of a text without punctuation, spaces and capitals. at[i]: where letter i stands in the text."""

    text: str
    at: tuple[int, ...]


def letters(text: str) -> Letters:
    """NFKC and case folded, letters and digits alone, each with its place."""
    said = [
        (sign, place)
        for place, character in enumerate(text)
        for sign in unicodedata.normalize("NFKC", character).casefold()
        if sign.isalnum()
    ]
    return Letters("".join(sign for sign, _ in said), tuple(place for _, place in said))


def phrases(texts: Iterable[str]) -> frozenset[str]:
    """Every phrase of these texts: what `pieces_without` takes away."""
    return frozenset(gram for text in texts for gram in _grams_of(letters(text).text, PHRASE))


def pieces_without(text: str, known: Collection[str]) -> tuple[str, ...]:
    """What is left of a text's letters when the phrases known from elsewhere are cut out, piece by piece."""
    said = letters(text).text
    kept = [True] * len(said)
    for start, gram in enumerate(_grams_of(said, PHRASE)):
        if gram in known:
            kept[start : start + PHRASE] = [False] * PHRASE
    bare = "".join(sign if keep else " " for sign, keep in zip(said, kept, strict=True))
    return tuple(bare.split())


def _grams_of(text: str, size: int) -> Iterator[str]:
    return (text[start : start + size] for start in range(len(text) - size + 1))


def counts(pieces: Iterable[str]) -> Counter[str]:
    """How often each two to four characters in a row stand in these pieces; none runs over the end of a piece."""
    return Counter(
        gram for piece in pieces for size in range(_SHORTEST, _LONGEST + 1) for gram in _grams_of(piece, size)
    )


def cosines(of: Counter[str], among: Sequence[Counter[str]], background: Sequence[Counter[str]] = ()) -> list[float]:
    """TF-IDF cosine of one text and each of `among`, 0 to 1. What also stands in the others and in the background weighs
    less: idf = ln((1 + n) / (1 + df)) + 1 (Salton and Buckley 1988, smoothed)."""
    everything = [of, *among, *background]
    known = Counter(gram for each in everything for gram in each)
    weight = {gram: math.log((1 + len(everything)) / (1 + known[gram])) + 1 for gram in known}
    length = [math.sqrt(sum((count * weight[gram]) ** 2 for gram, count in each.items())) for each in (of, *among)]
    return [
        sum(count * each[gram] * weight[gram] ** 2 for gram, count in of.items() if gram in each) / (length[0] * size)
        if length[0] and size
        else 0.0
        for each, size in zip(among, length[1:], strict=True)
    ]


def shared(one: str, other: str) -> list[tuple[int, int, int]]:
    """The phrases that stand in both texts, in order: (first letter of one, first letter of the other, how many).

    Places count letters (`Letters`). Found from phrases that agree, grown to both sides; each letter of `one` once.
    """
    places: dict[str, list[int]] = {}
    for start, gram in enumerate(_grams_of(other, PHRASE)):
        places.setdefault(gram, []).append(start)
    found: list[tuple[int, int, int]] = []
    start = 0
    while start + PHRASE <= len(one):
        best = (0, 0)
        for there in places.get(one[start : start + PHRASE], ()):
            size = PHRASE
            while start + size < len(one) and there + size < len(other) and one[start + size] == other[there + size]:
                size += 1
            best = max(best, (size, -there))
        if best[0]:
            found.append((start, -best[1], best[0]))
        start += best[0] or 1
    return found


def tokens(pieces: Iterable[str], *, one_of: int) -> list[int]:
    """32-bit numbers of four characters in a row, about one of `one_of`, chosen by what they are: two texts that share words
    have chosen the same (Broder 1997)."""
    numbers = {_number(gram) for piece in pieces for gram in _grams_of(piece, _LONGEST)}
    return sorted(number for number in numbers if number % one_of == 0)
