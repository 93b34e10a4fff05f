"""The matcher: which breaches a transcript may hold. Pure; implements `stages.ports.RuleBook`."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lms.core.types import ProductKind
from media_pipeline.rulepacks.excuses import Stretches, is_excused, longest
from media_pipeline.rulepacks.literals import PatternIndex
from media_pipeline.rulepacks.sounds import SoundIndex
from media_pipeline.rulepacks.stream import Stream, plain, stream
from media_pipeline.rulepacks.types import Excuses, Hit, How, Rule, StatementRule
from media_pipeline.stages.numbers import readings
from media_pipeline.stages.ports import Statement
from media_pipeline.stages.types import Cue, Finding, Request, Severity

# Names in the rule list that stand for a kind of thing and are never said as such: only their patterns count.
_UNSPOKEN = frozenset(
    {"DISP-04", "DISP-05", "MINOR-09", "PRIV-02", "PRIV-03", "VULG-09", "VULG-11", "FAKE-04", "FAKE-18", "PRIZE-03"}
)
# A single character is part of too many words.
_MIN_TERM = 2


@dataclass(frozen=True)
class Matcher:
    """One rule pack, ready to read."""

    version: str
    rules: tuple[Rule, ...]
    excuses: Excuses
    statement_rules: tuple[StatementRule, ...]
    terms: Any
    patterns: PatternIndex
    stretches: PatternIndex
    sounds: SoundIndex

    @classmethod
    def build(
        cls, version: str, rules: tuple[Rule, ...], excuses: Excuses, statement_rules: tuple[StatementRule, ...]
    ) -> "Matcher":
        from ahocorasick import Automaton

        terms = Automaton()
        spoken = [
            (rule, plain(rule.term)) for rule in rules if rule.id not in _UNSPOKEN and len(rule.term) >= _MIN_TERM
        ]
        for rule, term in spoken:
            terms.add_word(term, (rule, len(term)))
        terms.make_automaton()
        patterns = PatternIndex((rule, pattern) for rule in rules for pattern in rule.patterns)
        stretches = PatternIndex((key, stretch) for key, found in excuses.stretches.items() for stretch in found)
        return cls(version, rules, excuses, statement_rules, terms, patterns, stretches, SoundIndex(spoken))

    def find(self, cues: Sequence[Cue], product: ProductKind | None) -> list[Finding]:
        """Findings in the order they are said."""
        text = stream(cues)
        hits = [hit for hit in self._hits(text) if hit.rule.applies_to(product)]
        if not hits:
            return []
        read = [hit for hit in hits if not hit.suspected]
        # What was read need not be suspected by its sound too; what is excused when read stays excused when heard.
        at: dict[int, list[Hit]] = {}
        for hit in read:
            for place in range(hit.start, hit.end):
                at.setdefault(place, []).append(hit)
        heard = [hit for hit in hits if hit.suspected and not _was_read(hit, at)]
        lawful = Stretches.of(self.stretches.find(text.text))
        kept = [hit for hit in (*read, *heard) if not is_excused(hit, text, self.excuses, lawful)]
        return [_finding(hit, text) for hit in longest(kept)]

    def statements(self, cues: Sequence[Cue], request: Request) -> list[Statement]:
        """The required statements of the declared product, said or not."""
        text = stream(cues)
        answers = []
        for rule in self.statement_rules:
            if not _asked_for(rule, request, text):
                continue
            if rule.id == "R2":
                if not request.product_name.strip():
                    continue
                places = self.mentions(cues, request.product_name)
                answers.append(Statement(rule.id, rule.zh, rule.en, bool(places), places[0] if places else None))
                continue
            place = _said(rule, text)
            answers.append(Statement(rule.id, rule.zh, rule.en, place is not None, place))
        return answers

    def mentions(self, cues: Sequence[Cue], name: str) -> list[float]:
        """The seconds at which a name is said, read or, from three syllables on, heard; numbers in either reading."""
        text = stream(cues)
        found: set[int] = set()
        for reading in readings(name):
            wanted = "".join(char for char in plain(reading) if char.isalnum())
            if wanted:
                found |= {match.start() for match in re.finditer(re.escape(wanted), text.text)}
                found |= {start for _, start, _ in SoundIndex([(name, wanted)]).find(text.text)}
        return sorted(text.seconds(start, start + 1)[0] for start in found)

    def vocabulary(self, request: Request) -> tuple[str, ...]:
        """Words of the statements required of the declared product, those of its own kind first.

        Never the terms a host may not say: a recogniser that is told of them hears them (measured, ADR 0029).
        """
        asked = [rule for rule in self.statement_rules if _applies(rule, request) and not rule.when]
        ordered = sorted(asked, key=lambda rule: "all" in rule.applies)
        return tuple(word for rule in ordered for word in rule.words)

    def _hits(self, text: Stream) -> Iterable[Hit]:
        for last, (rule, length) in self.terms.iter(text.text):
            yield Hit(rule, last + 1 - length, last + 1, How.TERM)
        for rule, start, end in self.patterns.find(text.text):
            yield Hit(rule, start, end, How.PATTERN)
        for rule, start, end in self.sounds.find(text.text):
            if text.text[start:end] != plain(rule.term):
                yield Hit(rule, start, end, How.SOUND)


def _was_read(heard: Hit, at: Mapping[int, list[Hit]]) -> bool:
    near = {id(hit): hit for place in range(heard.start, heard.end) for hit in at.get(place, ())}
    return any(_same_place(heard, read) for read in near.values())


def _same_place(heard: Hit, read: Hit) -> bool:
    shared = min(heard.end, read.end) - max(heard.start, read.start)
    return shared > 0 and (heard.rule is read.rule or shared == heard.end - heard.start)


def _asked_for(rule: StatementRule, request: Request, text: Stream) -> bool:
    """For this kind of goods, and where it hangs on what was said or declared, there too."""
    return _applies(rule, request) and (rule.when is None or bool(rule.when.search(text.text)))


def _applies(rule: StatementRule, request: Request) -> bool:
    """As far as it hangs on what was declared."""
    if "all" not in rule.applies and (request.product is None or request.product.value not in rule.applies):
        return False
    return bool(request.declared_ai) or not rule.declared_ai


def _said(rule: StatementRule, text: Stream) -> float | None:
    """The second of a statement; where it may be spread over the work, of its first part."""
    for pattern in rule.patterns:
        match = pattern.search(text.text)
        if match and match.end() > match.start():
            return text.seconds(match.start(), match.end())[0]
    if rule.across:
        parts = [pattern.search(text.text) for pattern in rule.across]
        if all(part is not None for part in parts):
            return min(text.seconds(part.start(), part.end())[0] for part in parts if part is not None)
    return None


def _finding(hit: Hit, text: Stream) -> Finding:
    spans = text.spans(hit.start, hit.end)
    start_s, end_s = text.seconds(hit.start, hit.end)
    doubtful = text.low_trust(hit.start, hit.end)
    severity = Severity.M if doubtful and hit.rule.severity.rank < Severity.M.rank else hit.rule.severity
    return Finding(
        category=hit.rule.category,
        severity=severity,
        text=text.said(hit.start, hit.end),
        start_s=start_s,
        end_s=end_s,
        rule=hit.rule.id,
        suspected=hit.suspected,
        cue_index=spans[0].cue_index,
        char_start=spans[0].start,
        char_end=spans[0].end,
        spans=spans,
        term=hit.rule.term,
        listed_severity=hit.rule.severity,
        low_trust=doubtful,
        category_name=hit.rule.category_name,
        category_name_en=hit.rule.category_name_en,
        law=hit.rule.law,
        law_note=hit.rule.law_note,
        rewording=hit.rule.rewording,
    )
