"""From what a recogniser heard to caption lines. Pure.

Chinese has no spaces and the recogniser's "words" are one to three characters, so lines are cut at punctuation, at a
pause of 0.6 s, and where a clause is longer than 16 characters into even parts.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from media_pipeline.stages.text import is_han, normalise
from media_pipeline.stages.thresholds import Thresholds
from media_pipeline.stages.types import Cue, Word

MAX_CHARS = 16
GAP_S = 0.6
_STRONG = "。！？!?"
_WEAK = "，、；：,;: "
# A full stop for a pause: no line of a caption starts with these.
_TRAILING = _STRONG + _WEAK + "…”』」）)"


@dataclass(frozen=True)
class Char:
    """A character of the normalised text: its place in the raw text, its time, whether a recogniser's word starts here."""

    char: str
    raw: int
    start: float
    end: float
    word_start: bool


def cut(segments: Iterable[Mapping[str, Any]], thresholds: Thresholds) -> list[Cue]:
    """All caption lines of a recognition, in order, numbered from 0."""
    cues: list[Cue] = []
    for segment in segments:
        raw = segment["text"]
        for line in _lines(_timed(segment)):
            piece = _cue(len(cues), line, raw, segment, thresholds)
            if piece is not None:
                cues.append(piece)
    return [_before(cue, cues[number + 1 :]) for number, cue in enumerate(cues)]


def _before(cue: Cue, later: Sequence[Cue]) -> Cue:
    """The cue ended where the next begins: recognisers let words overlap."""
    if later and cue.start < later[0].start < cue.end:
        return replace(cue, end=later[0].start)
    return cue


def low_trust(segment: Mapping[str, Any], t: Thresholds) -> bool:
    """Text a person should hear before believing it (domain 4.5).

    A high no-speech figure counts only with doubtful text: with a prompt it reaches 0.8 on clear speech (measured),
    and silence was filtered out before.
    """
    silence = segment["no_speech_prob"] > t.high_no_speech and segment["avg_logprob"] < t.doubtful_logprob
    return silence or segment["avg_logprob"] < t.low_logprob or segment["compression_ratio"] > t.high_compression


def _timed(segment: Mapping[str, Any]) -> list[Char]:
    """Every normalised character with its time: by words where the engine gave them, else spread over the segment."""
    raw = segment["text"]
    times, starts = _by_words(segment) or _spread(segment)
    text, offsets = normalise(raw)
    seen: set[int] = set()
    chars = []
    for char, place in zip(text, offsets, strict=True):
        chars.append(Char(char, place, *times[place], place in starts and place not in seen))
        seen.add(place)
    return chars


def _by_words(segment: Mapping[str, Any]) -> tuple[list[tuple[float, float]], set[int]] | None:
    words = segment["words"]
    if "".join(word["word"] for word in words) != segment["text"]:
        return None
    times: list[tuple[float, float]] = []
    starts: set[int] = set()
    for word in words:
        length = len(word["word"])
        step = (word["end"] - word["start"]) / max(length, 1)
        starts.add(len(times))
        times += [(word["start"] + step * place, word["start"] + step * (place + 1)) for place in range(length)]
    return times, starts


def _spread(segment: Mapping[str, Any]) -> tuple[list[tuple[float, float]], set[int]]:
    length = len(segment["text"])
    step = (segment["end"] - segment["start"]) / max(length, 1)
    times = [(segment["start"] + step * place, segment["start"] + step * (place + 1)) for place in range(length)]
    return times, set(range(length))


def _lines(chars: Sequence[Char]) -> list[list[Char]]:
    """Clauses, joined while they fit one line, split where they do not."""
    lines: list[list[Char]] = []
    for clause in _clauses(chars):
        if lines and _joins(lines[-1], clause):
            lines[-1] = lines[-1] + clause
        else:
            lines.append(clause)
    return [part for line in lines for part in _even_parts(line)]


def _clauses(chars: Sequence[Char]) -> list[list[Char]]:
    clauses: list[list[Char]] = []
    current: list[Char] = []
    for place, char in enumerate(chars):
        if current and char.start - current[-1].end >= GAP_S:
            clauses.append(current)
            current = []
        current.append(char)
        follows = chars[place + 1].char if place + 1 < len(chars) else ""
        if (
            (char.char in _STRONG or char.char in _WEAK)
            and follows not in _TRAILING
            and not _inside_number(chars, place)
        ):
            clauses.append(current)
            current = []
    if current:
        clauses.append(current)
    return clauses


def _inside_number(chars: Sequence[Char], place: int) -> bool:
    """1,000 and 12:30 are not two clauses."""
    if not 0 < place < len(chars) - 1:
        return False
    return chars[place - 1].char.isdigit() and chars[place + 1].char.isdigit()


def _joins(line: Sequence[Char], clause: Sequence[Char]) -> bool:
    ended = line[-1].char in _STRONG
    paused = clause[0].start - line[-1].end >= GAP_S
    return not ended and not paused and _visible(line) + _visible(clause) <= MAX_CHARS


def _visible(chars: Sequence[Char]) -> int:
    return sum(char.char not in _TRAILING for char in chars)


def _even_parts(line: list[Char]) -> list[list[Char]]:
    """A long clause in even parts, cut where a word starts and never inside a number or a Latin word."""
    count = math.ceil(_visible(line) / MAX_CHARS)
    parts: list[list[Char]] = []
    rest = line
    while count > 1:
        target = math.ceil(len(rest) / count)
        cuts = [place for place in range(1, len(rest)) if _may_cut(rest, place)]
        place = min(cuts, key=lambda cut_at: abs(cut_at - target), default=0)
        if not place:
            break
        parts.append(rest[:place])
        rest = rest[place:]
        count -= 1
    return [*parts, rest]


def _may_cut(chars: Sequence[Char], place: int) -> bool:
    before, after = chars[place - 1].char, chars[place].char
    if after in _TRAILING:
        return False
    joined = not is_han(before) and not is_han(after) and before not in _TRAILING
    return chars[place].word_start and not joined


def _cue(index: int, line: Sequence[Char], raw: str, segment: Mapping[str, Any], t: Thresholds) -> Cue | None:
    """A line as a cue, blanks at its ends dropped; None when nothing is left."""
    first, last = 0, len(line)
    while first < last and (line[first].char.isspace() or line[first].char in _WEAK):
        first += 1
    while last > first and line[last - 1].char.isspace():
        last -= 1
    kept = line[first:last]
    if not any(char.char.isalnum() for char in kept):
        return None
    base, stop = kept[0].raw, kept[-1].raw + 1
    return Cue(
        index=index,
        start=round(kept[0].start, 2),
        end=round(max(kept[-1].end, kept[0].start + 0.1), 2),
        text="".join(char.char for char in kept),
        raw=raw[base:stop],
        offsets=tuple(char.raw - base for char in kept),
        avg_logprob=round(segment["avg_logprob"], 3),
        no_speech_prob=round(segment["no_speech_prob"], 3),
        compression_ratio=round(segment["compression_ratio"], 3),
        low_trust=low_trust(segment, t),
        words=_words(kept),
    )


def _words(chars: Sequence[Char]) -> tuple[Word, ...]:
    """The recogniser's words inside a cue, for the second of each character."""
    starts = [place for place, char in enumerate(chars) if char.word_start or place == 0]
    return tuple(
        Word(start, end, round(chars[start].start, 2), round(chars[end - 1].end, 2))
        for start, end in zip(starts, [*starts[1:], len(chars)], strict=True)
    )


def second_of(cue: Cue, char: int) -> float:
    """The second at which character `char` of the cue's text begins; `len(text)` gives the end."""
    for word in cue.words:
        if word.char_start <= char < word.char_end:
            share = (char - word.char_start) / (word.char_end - word.char_start)
            return round(word.start + share * (word.end - word.start), 2)
    return cue.end
