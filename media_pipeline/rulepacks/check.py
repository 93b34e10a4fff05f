"""A pack on one plain text: findings with offsets in the text as it was given. Pure."""

from dataclasses import dataclass

from lms.core.types import ProductKind
from media_pipeline.rulepacks.logic import Matcher
from media_pipeline.stages.text import normalise
from media_pipeline.stages.types import Cue, Severity


@dataclass(frozen=True)
class TextFinding:
    """A possible breach in characters `start..end` of the given text. Ids and letters are those of the rule list."""

    category: str
    severity: Severity
    start: int
    end: int
    text: str
    rule: str
    suspected: bool


def check(pack: Matcher, text: str, product: ProductKind | None) -> list[TextFinding]:
    """Findings in the order they stand. An undeclared product (None) is held to food and cosmetics rules too."""
    shown, offsets = normalise(text)
    found = []
    for item in pack.find([untimed(0, shown)], product):
        start, end = offsets[item.char_start], offsets[item.char_end - 1] + 1
        found.append(TextFinding(item.category, item.severity, start, end, text[start:end], item.rule, item.suspected))
    return found


def untimed(index: int, shown: str) -> Cue:
    """A cue of normalised text that was never spoken: trusted, at no second."""
    return Cue(
        index=index,
        start=0.0,
        end=0.0,
        text=shown,
        raw=shown,
        offsets=tuple(range(len(shown))),
        avg_logprob=0.0,
        no_speech_prob=0.0,
        compression_ratio=1.0,
        low_trust=False,
    )
