"""Text that nobody said: what Whisper invents on silence and music. Pure.

Sources: domain A6 (whisper_streaming #68, Whisper-WebUI #152, screenpipe #4070). The credits it learnt by heart are data
(`data/invented.txt`). What is left out is kept beside the transcript with its seconds, so that a person can listen.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any

from media_pipeline.stages.text import normalise
from media_pipeline.stages.thresholds import Thresholds

_INVENTED = Path(__file__).parent / "data" / "invented.txt"
_REPEATED = re.compile(r"^(.{1,6}?)\1{2,}$")
# Hosts do say 来来来 and 好好好; nobody says it ten times.
_LOOP = re.compile(r"(\w{1,6}?)(?:[\W_]*\1){9,}")
# The same line again and again: three times where one of them is doubtful, six times however sure the engine is.
_DOUBTFUL_LINES, _LINES = 3, 6

Segment = Mapping[str, Any]


@lru_cache(maxsize=1)
def invented() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """The credits: those that nobody says, and those that count where the engine is doubtful."""
    lines = [line for line in _INVENTED.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    always = [line for line in lines if not line.startswith("? ")]
    doubtful = [line.removeprefix("? ") for line in lines if line.startswith("? ")]
    return _any_of(always), _any_of(doubtful)


def _any_of(patterns: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)


def sort_out(segments: Iterable[Segment], prompt: str, t: Thresholds) -> tuple[list[Segment], list[Segment]]:
    """(kept, dropped) segments; a dropped one carries "why": boilerplate, repetition, prompt, no_speech or empty."""
    kept: list[Segment] = []
    dropped: list[Segment] = []
    for segment in segments:
        why = _why(segment, _bare(prompt), t)
        if why:
            dropped.append({**segment, "why": why})
            continue
        head, tail = _without_loop(segment)
        kept.append(head)
        if tail:
            dropped.append({**tail, "why": "repetition"})
    return _without_echo(kept, dropped, t)


def untrusted(segment: Segment, t: Thresholds) -> bool:
    """Whether any of the engine's three figures is out of bounds."""
    return (
        segment["no_speech_prob"] > t.high_no_speech
        or segment["compression_ratio"] > t.high_compression
        or segment["avg_logprob"] < t.low_logprob
    )


def _why(segment: Segment, prompt: str, t: Thresholds) -> str:
    bare = _bare(segment["text"])
    if not bare:
        return "empty"
    doubtful = untrusted(segment, t)
    always, where_doubtful = invented()
    if always.search(bare) or (doubtful and where_doubtful.search(bare)):
        return "boilerplate"
    # Whisper's own rule for silence: the one figure says nobody spoke, the other that the words were guessed.
    if segment["no_speech_prob"] > t.high_no_speech and segment["avg_logprob"] < t.low_logprob:
        return "no_speech"
    if doubtful and _REPEATED.match(bare):
        return "repetition"
    loop = _LOOP.search(bare)
    if loop and loop.start() + len(bare) - loop.end() < _WORTH_KEEPING:
        return "repetition"
    if prompt and doubtful and bare in prompt:
        return "prompt"
    return ""


# What stands before a loop was said, where it is more than a syllable or two.
_WORTH_KEEPING = 4


def _without_loop(segment: Segment) -> tuple[Segment, Segment | None]:
    """What was said before a loop of one word with the first of the loop, and the rest of the segment."""
    text, words = segment["text"], segment["words"]
    loop = _LOOP.search(text)
    if not loop or "".join(word["word"] for word in words) != text:
        return segment, None
    at = number = 0
    while at < loop.end(1):
        at += len(words[number]["word"])
        number += 1
    if number == len(words):
        return segment, None
    head = {**segment, "text": text[:at], "words": list(words[:number]), "end": words[number - 1]["end"]}
    return head, {**segment, "text": text[at:], "words": list(words[number:]), "start": words[number]["start"]}


def _without_echo(
    kept: Sequence[Segment], dropped: list[Segment], t: Thresholds
) -> tuple[list[Segment], list[Segment]]:
    """One line that comes again and again is heard once."""
    left: list[Segment] = []
    for _, group in groupby(kept, key=lambda segment: _bare(segment["text"])):
        same = list(group)
        doubtful = any(untrusted(segment, t) for segment in same)
        if len(same) >= (_DOUBTFUL_LINES if doubtful else _LINES):
            dropped += [{**segment, "why": "repetition"} for segment in same[1:]]
            same = same[:1]
        left += same
    return left, sorted(dropped, key=lambda segment: segment["start"])


def _bare(text: str) -> str:
    """Letters and digits only, simplified."""
    return re.sub(r"[^\w.]|_", "", normalise(text)[0]).strip(".。")
