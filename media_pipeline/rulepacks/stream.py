"""Cues as one text that rules can be read on, with the way back to cue, character and second. Pure.

Punctuation and blanks are gone, script and width are one, letters lower, Chinese digits written 0-9 (Whisper writes them
both ways); the end of a sentence or a long pause is a line feed, which `.` in a pattern never crosses.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from media_pipeline.stages.cues import second_of
from media_pipeline.stages.text import normalise
from media_pipeline.stages.types import Cue, Span

# 两 and 幺 are how digits are spoken; 百 千 万 stay, a pattern names them.
_DIGITS = str.maketrans("零〇一二三四五六七八九两幺", "0012345678921")
_SENTENCE_END = "。！？!?\n"
# What stands between or around the members of one phrase: no clause begins there.
_WITHIN_PHRASE = frozenset("、“”‘’\"'《》「」『』·")
_PAUSE_S = 1.5


def plain(text: str) -> str:
    """A term or pattern in the alphabet of a stream."""
    return normalise(text)[0].lower().translate(_DIGITS)


def _lower(text: str) -> str:
    """Lower case, character for character: İ would become two."""
    lower = text.lower()
    if len(lower) == len(text):
        return lower
    return "".join(small if len(small := char.lower()) == 1 else char for char in text)


@dataclass(frozen=True)
class Stream:
    """`text` and, for each of its characters, where it comes from; a clause begins at each of `breaks`."""

    text: str
    places: tuple[tuple[int, int], ...]
    breaks: tuple[int, ...]
    cues: tuple[Cue, ...]

    def spans(self, start: int, end: int) -> tuple[Span, ...]:
        """The pieces of stream characters `start..end` in their cues."""
        return tuple(Span(cue.index, low, high) for cue, low, high in self._pieces(start, end))

    def _pieces(self, start: int, end: int) -> list[tuple[Cue, int, int]]:
        pieces: dict[int, tuple[int, int]] = {}
        for cue, char in self.places[start:end]:
            if char < 0:
                continue
            low, high = pieces.get(cue, (char, char))
            pieces[cue] = (min(low, char), max(high, char))
        return [(self.cues[cue], low, high + 1) for cue, (low, high) in sorted(pieces.items())]

    def seconds(self, start: int, end: int) -> tuple[float, float]:
        """Beginning of the first and end of the last character."""
        first_cue, first_char = self.places[start]
        last_cue, last_char = self.places[end - 1]
        begin = second_of(self.cues[first_cue], first_char)
        stop = second_of(self.cues[last_cue], last_char + 1)
        return begin, max(stop, begin)

    def said(self, start: int, end: int) -> str:
        """What was said there, as the cues show it."""
        return "".join(cue.text[low:high] for cue, low, high in self._pieces(start, end))

    def low_trust(self, start: int, end: int) -> bool:
        return any(self.cues[cue].low_trust for cue, char in self.places[start:end] if char >= 0)

    def clause(self, start: int, end: int) -> tuple[int, int]:
        """The clause around `start..end`: from the last break before it to the first behind it."""
        before, behind = bisect_right(self.breaks, start), bisect_left(self.breaks, end)
        left = self.breaks[before - 1] if before else 0
        right = self.breaks[behind] if behind < len(self.breaks) else len(self.text)
        return left, right


def stream(cues: Sequence[Cue]) -> Stream:
    """The cues of a transcript as one text."""
    chars: list[str] = []
    places: list[tuple[int, int]] = []
    breaks: set[int] = {0}

    def sentence_ends(cue: int) -> None:
        if chars and chars[-1] != "\n":
            chars.append("\n")
            places.append((cue, -1))
        breaks.add(len(chars))

    for number, cue in enumerate(cues):
        if number and cue.start - cues[number - 1].end >= _PAUSE_S:
            sentence_ends(number)
        for place, char in enumerate(_lower(cue.text).translate(_DIGITS)):
            if char.isalnum() or char == "%":
                chars.append(char)
                places.append((number, place))
            elif char in _SENTENCE_END:
                sentence_ends(number)
            elif not char.isspace() and char not in _WITHIN_PHRASE:
                breaks.add(len(chars))
    return Stream("".join(chars), tuple(places), tuple(sorted(breaks)), tuple(cues))
