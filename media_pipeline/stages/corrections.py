"""A transcript as a person who listened has it: rewritten lines keep their seconds, what is heard again is trusted. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from media_pipeline.stages.context import WAIVED
from media_pipeline.stages.cues import second_of
from media_pipeline.stages.text import normalise
from media_pipeline.stages.thresholds import Thresholds
from media_pipeline.stages.transcribe import rate_check, trust_check
from media_pipeline.stages.types import Check, Cue, Json, Reason, Verdict, Word, checks_json


@dataclass(frozen=True)
class Listened:
    """A line as it was left by whoever listened: `cue` is the one it was made of, None for a line that was not heard before.

    sure: somebody has listened to it, and this is what was said.
    """

    cue: Cue | None
    start: float
    end: float
    text: str
    sure: bool


def relistened(lines: Iterable[Listened]) -> list[Cue]:
    """The cues of the corrected transcript, numbered from 0; a line left as it was keeps its words and figures."""
    cues: list[Cue] = []
    for line in lines:
        cue = _made(line)
        if cue is not None:
            cues.append(replace(cue, index=len(cues), low_trust=cue.low_trust and not line.sure))
    return cues


def _made(line: Listened) -> Cue | None:
    if line.cue is not None and line.text == line.cue.text:
        return line.cue
    text, offsets = normalise(line.text)
    if not any(char.isalnum() for char in text):
        return None
    if line.cue is None:
        words = (Word(0, len(text), line.start, line.end),)
        return Cue(0, line.start, line.end, text, line.text, offsets, 0.0, 0.0, 1.0, low_trust=False, words=words)
    return replace(line.cue, text=text, raw=line.text, offsets=offsets, words=_words(line.cue, text))


def _words(before: Cue, text: str) -> tuple[Word, ...]:
    """What stayed keeps its seconds; what was put in its place takes those of what was taken out."""
    words: list[Word] = []
    for kind, old_start, old_end, start, end in SequenceMatcher(None, before.text, text, autojunk=False).get_opcodes():
        pairs = [(old_start, old_end, start, end)] if start < end else []
        if kind == "equal":
            pairs = [(old_start + by, old_start + by + 1, start + by, start + by + 1) for by in range(end - start)]
        for old_low, old_high, low, high in pairs:
            begin, stop = second_of(before, old_low), second_of(before, old_high)
            words.append(Word(low, high, begin, max(begin, stop)))
    return tuple(words)


def reheard(data: Mapping[str, object], cues: Sequence[Cue], t: Thresholds) -> Json:
    """The data of a transcription with these cues: its checks of the sound as they were, those of the words again."""
    before: Json = dict(data)
    doubt = before.get("doubt", "")
    if not cues:
        doubt = "no_speech"
    elif doubt == "no_speech" or not any(cue.low_trust for cue in cues):
        doubt = ""  # a person has understood it
    again = {check.name: check for check in (rate_check(cues, t, doubt), trust_check(cues, t))}
    checks = [_again(Check.from_json(check), again) for check in before["checks"]]
    return {**before, "cues": [cue.to_json() for cue in cues], "doubt": doubt, "checks": checks_json(checks)}


def _again(check: Check, again: Mapping[str, Check]) -> Check:
    """What a decision waives stays waived."""
    waived = check.verdict is Verdict.NOT_RUN and check.note == Reason(WAIVED)
    return check if waived else again.get(check.name, check)
