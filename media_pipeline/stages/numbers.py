"""Numbers as people say them and as recognisers write them: 250 and 二百五十 are one. Pure."""

import re

_DIGITS = "零一二三四五六七八九"
_UNITS = ((10_000, "万"), (1000, "千"), (100, "百"), (10, "十"))
_VALUES = {char: value for value, char in enumerate(_DIGITS)} | {"〇": 0, "两": 2}
_SIZES = {char: size for size, char in _UNITS}
_WRITTEN = re.compile(r"\d+")
_SPOKEN = re.compile(f"[{_DIGITS}〇两十百千万]*[十百千万][{_DIGITS}〇两十百千万]*")
# A longer run of digits is a telephone number or a code: those are said digit by digit.
_LONGEST = 8


def in_characters(number: int) -> str:
    """250 → 二百五十, 10 → 十, 1005 → 一千零五. For 0 to 99,999,999."""
    words = _spoken(number)
    return words.removeprefix("一") if words.startswith("一十") else words


def _spoken(number: int) -> str:
    for size, unit in _UNITS:
        if number >= size:
            high, rest = divmod(number, size)
            zero = "零" if 0 < rest < size // 10 else ""
            return f"{_spoken(high)}{unit}{zero}{_spoken(rest) if rest else ''}"
    return _DIGITS[number]


def value_of(characters: str) -> int | None:
    """二百五十 → 250; also 一万二 (12,000) and 两千. None for what is no number."""
    whole = section = digit = 0
    last = 1  # size of the last unit, as in 一万二
    for char in characters:
        if char in _VALUES:
            digit = _VALUES[char]
            last = 10 if char in "零〇" else last
        elif char == "万":
            whole, section, digit, last = (section + digit) * 10_000, 0, 0, 10_000
        elif char in _SIZES:
            section += (digit or 1) * _SIZES[char]
            digit, last = 0, _SIZES[char]
        else:
            return None
    return whole + section + digit * max(1, last // 10)


def readings(text: str) -> tuple[str, ...]:
    """The text as it stands, with its numbers in characters, and with its numbers in digits; each once."""
    spoken = _WRITTEN.sub(lambda found: in_characters(int(found[0])) if len(found[0]) <= _LONGEST else found[0], text)
    written = _SPOKEN.sub(lambda found: str(value_of(found[0])), text)
    return tuple(dict.fromkeys((text, spoken, written)))
