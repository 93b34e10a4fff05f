"""Captions as WebVTT, set for Chinese readers. Pure.

At most two lines of 16 full-width characters at a time, cut at punctuation, a second at least where there is room and seven at
most: longer lines are set one after the other, shorter ones share the picture with their neighbour.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence

from media_pipeline.stages.cues import MAX_CHARS
from media_pipeline.stages.types import Cue

MAX_LINES = 2
MIN_S, MAX_S = 1.0, 7.0
_STRONG = "。！？!?；;"
_WEAK = "，、：,:"
_AT_END = re.compile(r"[，。；：、,;\s]+$")

Line = tuple[float, float, str]


def webvtt(cues: Sequence[Cue], masked: Mapping[int, Sequence[tuple[int, int]]] | None = None) -> str:
    """Captions (WebVTT). `masked`: cue index → character spans shown as ＊ (a name on a blind desk)."""
    lines = []
    for cue in cues:
        text = list(cue.text)
        for start, end in (masked or {}).get(cue.index, ()):
            text[start:end] = "＊" * (end - start)
        lines.append((cue.start, cue.end, "".join(text)))
    return caption_text(lines)


def caption_text(lines: Iterable[Line]) -> str:
    """Lines as (start, end, text), in order, as WebVTT numbered from 1; what WebVTT reads escaped."""
    blocks = ["WEBVTT\n"]
    for number, (start, end, rows) in enumerate(screens(lines), 1):
        text = "\n".join(rows).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        blocks.append(f"{number}\n{_stamp(start)} --> {_stamp(end)}\n{text}\n")
    return "\n".join(blocks)


def screens(lines: Iterable[Line]) -> list[tuple[float, float, list[str]]]:
    """What is shown from when to when: one or two rows each, in order, none over another."""
    shown: list[tuple[float, float, list[str]]] = []
    parts = sorted(part for line in lines for part in _parts(line))
    for place, (start, end, rows) in enumerate(parts):
        follows = parts[place + 1][0] if place + 1 < len(parts) else None
        end = _until(start, end, follows)
        if shown and _shares(shown[-1], start, end, rows):
            before = shown.pop()
            shown.append((before[0], end, before[2] + rows))
        else:
            shown.append((start, end, rows))
    return shown


def _shares(before: tuple[float, float, list[str]], start: float, end: float, rows: list[str]) -> bool:
    """Whether two single rows share the picture, because one of them would be gone before it is read."""
    brief = min(before[1] - before[0], end - start) < MIN_S
    together = end - before[0] <= MAX_S and start - before[1] < 0.05
    return brief and together and len(before[2]) + len(rows) <= MAX_LINES


def _until(start: float, end: float, follows: float | None) -> float:
    """When a screen ends: a second at least where the next leaves room, seven at most, never into the next."""
    wanted = min(max(end, start + MIN_S), start + MAX_S)
    return wanted if follows is None or follows <= start else min(wanted, follows)


def _parts(line: Line) -> Iterator[tuple[float, float, list[str]]]:
    """A line as screens: two rows at most each, the time shared out by width."""
    start, end, text = line[0], line[1], " ".join(line[2].split())
    rows = [row for row in rows_of(text) if row]
    if not rows:
        return
    # Whatever lasts too long for one screen is shown row by row.
    at_once = 1 if end - start > MAX_S else MAX_LINES
    groups = [rows[place : place + at_once] for place in range(0, len(rows), at_once)]
    whole = sum(map(width, rows)) or 1.0
    at = start
    for group in groups:
        share = (end - start) * sum(map(width, group)) / whole
        yield round(at, 3), round(at + share, 3), group
        at += share


def width(text: str) -> float:
    """In full-width characters: a Latin letter or digit takes half."""
    return sum(1.0 if unicodedata.east_asian_width(char) in "WFA" else 0.5 for char in text)


def rows_of(text: str) -> list[str]:
    """The text in rows of 16 full-width characters at most, marks at a row's end dropped."""
    rows: list[str] = []
    rest = text
    while width(shown := _AT_END.sub("", rest)) > MAX_CHARS:
        cut = _cut(rest)
        rows.append(_AT_END.sub("", rest[:cut]))
        rest = rest[cut:].lstrip()
    return [*rows, shown]


def _cut(text: str) -> int:
    """Where the first row ends: behind the last mark that leaves it half full, else before a word, in even rows."""
    fits = [place for place in range(1, len(text)) if width(_AT_END.sub("", text[:place])) <= MAX_CHARS]
    full = fits[-1]
    for marks in (_STRONG, _WEAK):
        ends = [place for place in fits if text[place - 1] in marks and width(text[:place]) >= MAX_CHARS / 3]
        if ends:
            return ends[-1]
    even = width(text) / -(-width(text) // MAX_CHARS)
    places = [place for place in fits if _between_words(text, place)]
    return min(places, key=lambda place: abs(width(text[:place]) - even), default=full)


def _between_words(text: str, place: int) -> bool:
    before, after = text[place - 1], text[place]
    if after in _STRONG + _WEAK + "…”』」）) ":
        return False
    return not (_half(before) and _half(after))


def _half(char: str) -> bool:
    return char.isalnum() and width(char) < 1


def _stamp(seconds: float) -> str:
    milliseconds = round(seconds * 1000)
    hours, rest = divmod(milliseconds, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    return f"{hours:02d}:{minutes:02d}:{rest // 1000:02d}.{rest % 1000:03d}"
