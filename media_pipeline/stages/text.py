"""One script, one width, offsets kept: what Whisper writes made comparable without losing where it stood."""

import re
import unicodedata
from functools import lru_cache
from typing import Any

# ASCII punctuation that Whisper puts into Chinese sentences, shown as Chinese readers expect it.
_CHINESE_PUNCTUATION = {",": "，", "?": "？", "!": "！", ":": "：", ";": "；", ".": "。"}
_HAN = re.compile(r"[㐀-鿿豈-﫿\U00020000-\U0003134f]")


def is_han(char: str) -> bool:
    return bool(_HAN.match(char))


@lru_cache(maxsize=1)
def _converter() -> Any:
    from opencc import OpenCC

    return OpenCC("t2s")


def to_simplified(text: str) -> str:
    """Traditional to simplified, character for character: phrases that would change the length are converted one by one."""
    converted: str = _converter().convert(text)
    if len(converted) == len(text):
        return converted
    single = [_converter().convert(char) for char in text]
    return "".join(new if len(new) == 1 else old for old, new in zip(text, single, strict=True))


def normalise(raw: str) -> tuple[str, tuple[int, ...]]:
    """NFKC, simplified, Chinese punctuation after Chinese characters; `offsets[i]` is where character i stood in `raw`."""
    chars: list[str] = []
    offsets: list[int] = []
    for place, char in enumerate(raw):
        for piece in unicodedata.normalize("NFKC", char):
            chars.append(piece)
            offsets.append(place)
    text = to_simplified("".join(chars))
    shown = [
        _CHINESE_PUNCTUATION[char] if char in _CHINESE_PUNCTUATION and place and _after_han(text, place) else char
        for place, char in enumerate(text)
    ]
    return "".join(shown), tuple(offsets)


def _after_han(text: str, place: int) -> bool:
    """Behind a Chinese character, and not in front of a digit or letter (as in 约.5, 第一.com)."""
    follows = text[place + 1 : place + 2]
    return is_han(text[place - 1]) and not (text[place] in ".:" and follows.isascii() and follows.isalnum())


def count_spoken(text: str) -> int:
    """Characters as one counts speech rate: Chinese characters and digits one each, a Latin word one."""
    return sum(is_han(char) or char.isdigit() for char in text) + len(re.findall(r"[A-Za-z]+", text))
