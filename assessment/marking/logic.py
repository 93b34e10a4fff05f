"""From what the machine found to what the blind page shows. Pure."""

from collections.abc import Iterable

from assessment.marking.types import HeardLine, Hint, Span

# What stands in the place of a name, one for each character, where words are quoted or captioned.
MASK = "＊"
_GRAVE = frozenset({"B", "H"})
_VERDICT_TONES = {"pass": "ok", "warn": "warn", "info": "info", "fail": "bad", "not_run": "notrun"}


def severity_tone(severity: str) -> str:
    """B and H are "bad", M and L "warn"."""
    return "bad" if severity in _GRAVE else "warn"


def verdict_tone(verdict: str) -> str:
    """The tone of a check's tag."""
    return _VERDICT_TONES[verdict]


def masked(text: str, masks: Iterable[tuple[int, int]]) -> str:
    """The text with the characters of every mask replaced one by one, so that places in it stay true."""
    letters = list(text)
    for start, end in masks:
        letters[start:end] = MASK * len(letters[start:end])
    return "".join(letters)


def spans_of(cue: HeardLine, findings: Iterable[tuple[int, Hint]]) -> list[Span]:
    """The cue cut where findings and masks begin and end.

    Where findings overlap, the graver shows (then the earlier number); a mask hides whatever lies below it.
    """
    length = len(cue.text)
    owner: list[tuple[str, int | None]] = [("", None)] * length
    ordered = sorted(findings, key=lambda pair: ("BHML".index(pair[1].severity), pair[0]), reverse=True)
    for found, hint in ordered:
        for index, start, end in hint.spans:
            if index == cue.index:
                for place in range(max(0, start), min(end, length)):
                    owner[place] = (severity_tone(hint.severity), found)
    for start, end in cue.masks:
        for place in range(max(0, start), min(end, length)):
            owner[place] = ("masked", None)
    spans: list[Span] = []
    begun = 0
    for place in range(1, length + 1):
        if place == length or owner[place] != owner[begun]:
            tone, number = owner[begun]
            piece = cue.text[begun:place]
            spans.append(Span(MASK * len(piece) if tone == "masked" else piece, tone, number))
            begun = place
    return spans


def quoted(finding: Hint, cues: Iterable[HeardLine]) -> str:
    """The words of a finding, with names masked as in the transcript."""
    by_index = {cue.index: cue for cue in cues}
    pieces = [
        masked(by_index[index].text, by_index[index].masks)[start:end]
        for index, start, end in finding.spans
        if index in by_index
    ]
    return "".join(pieces) or MASK * len(finding.text)


def webvtt(cues: Iterable[HeardLine]) -> str:
    """WebVTT captions with names masked."""
    blocks = ["WEBVTT"]
    for cue in cues:
        if cue.end_s <= cue.start_s:
            continue
        words = masked(cue.text, cue.masks).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        blocks.append(f"{cue.index + 1}\n{_stamp(cue.start_s)} --> {_stamp(cue.end_s)}\n{words}")
    return "\n\n".join(blocks) + "\n"


def _stamp(seconds: float) -> str:
    """00:00:41.600"""
    milliseconds = round(seconds * 1000)
    hours, rest = divmod(milliseconds, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    whole, part = divmod(rest, 1000)
    return f"{hours:02}:{minutes:02}:{whole:02}.{part:03}"
