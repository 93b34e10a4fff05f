"""Text that nobody said: what Whisper invents on silence and music. Pure.

Sources: domain A6 (whisper_streaming #68, Whisper-WebUI #152, screenpipe #4070).
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from media_pipeline.stages.text import normalise
from media_pipeline.stages.thresholds import Thresholds

# Closing credits of the subtitles Whisper was trained on. No host says them.
_BOILERPLATE = re.compile(
    r"字幕由?Amara\.?org|Amara\.?org社群|请不吝点赞|明镜与点点|点点栏目|字幕(?:志愿者|制作|by)|优优独播剧场|YoYoTelevision|中文字幕",
    re.IGNORECASE,
)
_REPEATED = re.compile(r"^(.{1,6}?)\1{2,}$")
# Hosts do say 来来来 and 好好好; nobody says it ten times.
_ALWAYS = re.compile(r"(.{1,6}?)\1{9,}")


def sort_out(
    segments: Iterable[Mapping[str, Any]], prompt: str, t: Thresholds
) -> tuple[list[Mapping[str, Any]], list[Mapping[str, Any]]]:
    """(kept, dropped) segments; a dropped one carries "why": boilerplate, repetition, prompt or empty."""
    kept: list[Mapping[str, Any]] = []
    dropped: list[Mapping[str, Any]] = []
    for segment in segments:
        why = _why(segment, _bare(prompt), t)
        if why:
            dropped.append({**segment, "why": why})
        else:
            kept.append(segment)
    return kept, dropped


def _why(segment: Mapping[str, Any], prompt: str, t: Thresholds) -> str:
    bare = _bare(segment["text"])
    if not bare:
        return "empty"
    if _BOILERPLATE.search(bare):
        return "boilerplate"
    untrusted = (
        segment["no_speech_prob"] > t.high_no_speech
        or segment["compression_ratio"] > t.high_compression
        or segment["avg_logprob"] < t.low_logprob
    )
    if _ALWAYS.search(bare) or (untrusted and _REPEATED.match(bare)):
        return "repetition"
    if prompt and untrusted and bare in prompt:
        return "prompt"
    return ""


def _bare(text: str) -> str:
    """Letters and digits only, simplified."""
    return re.sub(r"[^\w.]|_", "", normalise(text)[0]).strip(".。")
