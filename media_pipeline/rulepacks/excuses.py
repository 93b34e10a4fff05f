"""When a hit is none: lawful stretches, negation and warning, refuted quotation. Pure."""

import re
from collections.abc import Iterable

from media_pipeline.rulepacks.stream import Stream
from media_pipeline.rulepacks.types import Excuses, Hit

_REFUTED_WITHIN = 24


def is_excused(hit: Hit, text: Stream, excuses: Excuses) -> bool:
    return (
        _in_stretch(hit, text, excuses)
        or (hit.rule.id not in excuses.deaf and _is_negated(hit, text, excuses))
        or _is_refuted(hit, text, excuses)
    )


def _in_stretch(hit: Hit, text: Stream, excuses: Excuses) -> bool:
    """The hit lies inside a lawful use or another word: sharing a character is not enough, covering it is."""
    low = max(0, hit.start - 20)
    window = text.text[low : hit.end + 20]
    for key in ("all", hit.rule.category, hit.rule.id):
        for pattern in excuses.stretches.get(key, ()):
            for match in pattern.finditer(window):
                if _covers(match, hit.start - low, hit.end - low):
                    return True
    return False


def _covers(match: re.Match[str], start: int, end: int) -> bool:
    """All of a short hit or, of a long one (patterns with a tail), the half that bears the word."""
    shared = min(match.end(), end) - max(match.start(), start)
    return shared > 0 and 2 * shared >= end - start


def _is_negated(hit: Hit, text: Stream, excuses: Excuses) -> bool:
    left, right = text.clause(hit.start, hit.end)
    before = text.text[left : hit.start]
    for match in excuses.negations.finditer(before):
        between = before[match.end() :]
        if len(between) <= excuses.negation_reach and not excuses.turn.search(between):
            return True
    return bool(excuses.denial.match(text.text[hit.end : right]))


def _is_refuted(hit: Hit, text: Stream, excuses: Excuses) -> bool:
    before = text.text[max(0, hit.start - excuses.quotation_reach - 12) : hit.start].rpartition("\n")[2]
    reported = any(len(before) - match.end() <= excuses.quotation_reach for match in excuses.reporter.finditer(before))
    return reported and bool(excuses.refutation.match(text.text[hit.end : hit.end + _REFUTED_WITHIN]))


def longest(hits: Iterable[Hit]) -> list[Hit]:
    """One finding a place and category: the term before a pattern before a sound, then the longer, then the graver."""
    kept: list[Hit] = []
    order = sorted(hits, key=lambda hit: (hit.how, -(hit.end - hit.start), hit.rule.severity.rank, hit.rule.id))
    for hit in order:
        if not any(
            hit.rule.category == other.rule.category and hit.start < other.end and other.start < hit.end
            for other in kept
        ):
            kept.append(hit)
    return sorted(kept, key=lambda hit: (hit.start, hit.end))
