"""When a hit is none: lawful stretches, negation, forbidden words named, warning, refuted quotation, judgement. Pure."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from media_pipeline.rulepacks.stream import Stream
from media_pipeline.rulepacks.types import Excuses, Hit, How

_REFUTED_WITHIN = 26
_WARNED_WITHIN = 24
_DENIED_WITHIN = 40
_JUDGED_WITHIN = 40
_LONGEST_STRETCH = 80


@dataclass(frozen=True)
class Stretches:
    """Lawful stretches of one text by category, rule or `all`: (start, end), in order."""

    places: Mapping[str, Sequence[tuple[int, int]]]

    @classmethod
    def of(cls, found: Iterable[tuple[str, int, int]]) -> "Stretches":
        places: dict[str, list[tuple[int, int]]] = {}
        for key, start, end in found:
            places.setdefault(key, []).append((start, end))
        return cls({key: sorted(pairs) for key, pairs in places.items()})

    def near(self, hit: Hit) -> Iterator[tuple[int, int]]:
        """Those that may share a character with the hit."""
        for key in ("all", hit.rule.category, hit.rule.id):
            pairs = self.places.get(key, ())
            first = bisect_left(pairs, (hit.start - _LONGEST_STRETCH, 0))
            yield from pairs[first : bisect_left(pairs, (hit.end, 0))]


def is_excused(hit: Hit, text: Stream, excuses: Excuses, stretches: Stretches) -> bool:
    return (
        _in_stretch(hit, text, stretches)
        or _is_negated(hit, text, excuses)
        or _is_forbidden_word(hit, text, excuses)
        or _is_warned_of(hit, text, excuses)
        or _is_refuted(hit, text, excuses)
        or _is_judged(hit, text, excuses)
    )


def _in_stretch(hit: Hit, text: Stream, stretches: Stretches) -> bool:
    """The hit lies inside a lawful use or another word: sharing a character is not enough, covering it is."""
    return any(_covers(place, hit) and not _other_clause(place, hit, text) for place in stretches.near(hit))


def _other_clause(place: tuple[int, int], hit: Hit, text: Stream) -> bool:
    """The stretch is the hit and a word of the next clause: 色泽最好，别处没有 is no advice (最好别)."""
    start, end = place
    return start >= hit.start and hit.end < end <= hit.end + 2 and hit.end in text.breaks


def _covers(place: tuple[int, int], hit: Hit) -> bool:
    """All of a short hit or, of a long one (patterns with a tail), the half that bears the word."""
    shared = min(place[1], hit.end) - max(place[0], hit.start)
    return shared > 0 and 2 * shared >= hit.end - hit.start


def _is_negated(hit: Hit, text: Stream, excuses: Excuses) -> bool:
    left, right = text.clause(hit.start, hit.end)
    # A deaf rule begins with a negation itself: only what is said behind it denies it.
    before = "" if hit.rule.id in excuses.deaf else text.text[left : hit.start]
    for reach, negations in excuses.negations:
        for match in negations.finditer(before):
            between = before[match.end() :]
            if len(between) <= reach and not excuses.turn.search(between):
                return True
    if (
        hit.rule.id not in excuses.deaf
        and hit.how is How.PATTERN
        and excuses.negated_within.search(text.text, hit.start, hit.end)
    ):
        return True
    if excuses.denial.match(text.text[hit.end : right]):
        return True
    return bool(excuses.denial_beyond.match(text.text[hit.end : hit.end + _DENIED_WITHIN].partition("\n")[0]))


def _is_forbidden_word(hit: Hit, text: Stream, excuses: Excuses) -> bool:
    """Named as what must not be said, earlier in the sentence."""
    before = _sentence_before(hit, text, excuses.forbidden_reach + 8)
    return any(
        len(before) - match.end() <= excuses.forbidden_reach and not excuses.forbidden_turn.search(before, match.end())
        for match in excuses.forbidden.finditer(before)
    )


def _is_warned_of(hit: Hit, text: Stream, excuses: Excuses) -> bool:
    if hit.rule.category not in excuses.warned:
        return False
    before = _sentence_before(hit, text, _WARNED_WITHIN)
    after = text.text[hit.end : hit.end + _WARNED_WITHIN].partition("\n")[0]
    return bool(excuses.warning_before.search(before) or excuses.warning_after.match(after))


def _is_refuted(hit: Hit, text: Stream, excuses: Excuses) -> bool:
    before = _sentence_before(hit, text, excuses.quotation_reach + 12)
    reported = any(len(before) - match.end() <= excuses.quotation_reach for match in excuses.reporter.finditer(before))
    return reported and bool(excuses.refutation.match(text.text[hit.end : hit.end + _REFUTED_WITHIN]))


def _is_judged(hit: Hit, text: Stream, excuses: Excuses) -> bool:
    """Further on, the same sentence says that it is unlawful or a swindle, or shows the proof of it."""
    after = text.text[hit.end : hit.end + _JUDGED_WITHIN].partition("\n")[0]
    for categories, words, unless in excuses.judgements:
        if categories and hit.rule.category not in categories:
            continue
        match = words.search(after)
        if match and not unless.search(after[: match.end()]):
            return True
    return False


def _sentence_before(hit: Hit, text: Stream, reach: int) -> str:
    return text.text[max(0, hit.start - reach) : hit.start].rpartition("\n")[2]


def longest(hits: Iterable[Hit]) -> list[Hit]:
    """One finding a place and category: the term before a pattern before a sound, then the longer, then the graver."""
    taken: dict[str, set[int]] = {}
    kept: list[Hit] = []
    order = sorted(hits, key=lambda hit: (hit.how, -(hit.end - hit.start), hit.rule.severity.rank, hit.rule.id))
    for hit in order:
        places = taken.setdefault(hit.rule.category, set())
        if places.isdisjoint(range(hit.start, hit.end)):
            places.update(range(hit.start, hit.end))
            kept.append(hit)
    return sorted(kept, key=lambda hit: (hit.start, hit.end))
