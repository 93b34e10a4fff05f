"""Bytes of a text file into lines, and each line beside its plain twin of equal length, which the patterns look at."""

import codecs
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from assessment.bank.exchange.checks import CELL_CHARACTERS

_HALVES = {0xFF01 + offset: chr(0x21 + offset) for offset in range(94)}
# The twin: half-width signs, one kind of bracket, dash, tick and cross. One character for one, so that places agree.
_TWIN = str.maketrans(
    {
        **{chr(code): half for code, half in _HALVES.items()},
        "\u3000": " ",
        "\u00a0": " ",
        "\u2002": " ",
        "\u2003": " ",
        "\u2009": " ",
        "—": "-",
        "–": "-",
        "―": "-",
        "－": "-",
        "−": "-",
        "〜": "~",
        "～": "~",
        "〔": "[",
        "〕": "]",
        "［": "[",
        "］": "]",
        "﹙": "(",
        "﹚": ")",
        "﹍": "_",
        "﹎": "_",
        "‗": "_",
        "✓": "√",
        "✔": "√",
        "☑": "√",
        "✗": "×",
        "✘": "×",
        "✕": "×",
        "╳": "×",
        "❌": "×",
        "➡": "→",
        "．": ".",
    }
)
# Invisible characters that editors leave; carried by no word.
_UNSEEN = dict.fromkeys([0xFEFF, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x2060, 0xAD])


class Fate(StrEnum):
    """What became of a line. A blank one has none."""

    QUESTION = "question"  # part of a question: accepted, or refused as a whole
    REFUSED = "refused"  # refused by itself
    HEADING = "heading"  # title, section, instruction, shared material
    NOISE = "noise"  # page numbers, lines for the candidate's name, rules


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is not blank. gap: a blank one stands before it; files: pictures shown in it, by name; also: index of other
    lines whose text was taken into it."""

    index: int
    where: str
    text: str
    plain: str
    gap: bool
    files: tuple[tuple[str, bytes], ...] = ()
    lost: str = ""  # what of it could not be read (a formula, an object)
    also: tuple[int, ...] = ()

    @property
    def too_long(self) -> bool:
        """Longer than any cell or paragraph may be."""
        return len(self.text) > CELL_CHARACTERS


def twin(text: str) -> str:
    """The text with half-width signs in place of their full-width ones; of the same length."""
    return text.translate(_TWIN)


def decoded(data: bytes) -> str | None:
    """The text of UTF-8, UTF-16 or GB18030 bytes, with or without a byte order mark; None when it is none of them."""
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if data.startswith(mark):
            return _tried(data, name)
    names: tuple[str, ...] = ("utf-8", "gb18030")
    if b"\x00" in data[:4000]:  # UTF-16 without a mark: line ends and digits have a zero byte on one side
        even, odd = data[0:4000:2].count(0), data[1:4000:2].count(0)
        names = ("utf-16-le",) if odd > even else ("utf-16-be",)
    return next((text for name in names if (text := _tried(data, name)) is not None), None)


def _tried(data: bytes, name: str) -> str | None:
    try:
        text = data.decode(name)
    except UnicodeDecodeError:
        return None
    return None if "\x00" in text else text


def lines_of(text: str) -> Iterator[Line]:
    """The lines of a plain text, 第1行 first."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\x0c", "\n")
    return numbered((f"第{number}行", line, (), "") for number, line in enumerate(text.split("\n"), start=1))


def numbered(rows: Iterable[tuple[str, str, tuple[tuple[str, bytes], ...], str]]) -> Iterator[Line]:
    """Rows of (where, text, files, what was lost) as lines; blank ones are left out and remembered by the next."""
    gap = index = 0
    for where, text, files, lost in rows:
        text = text.translate(_UNSEEN).strip()
        if not text and not files and not lost:
            gap = 1
            continue
        yield Line(index, where, text, twin(text), bool(gap), files, lost)
        gap, index = 0, index + 1
