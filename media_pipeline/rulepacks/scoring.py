"""How well a pack does on labelled sentences. Pure.

A span is found when a finding of its category that is not suspected overlaps it; a false alarm is a `near` sentence
with any finding that is not suspected. Spans of difficulty `sound` are homophones: those, and what is only suspected,
are counted apart.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lms.core.types import ProductKind
from media_pipeline.rulepacks.check import TextFinding


@dataclass(frozen=True)
class Label:
    """Characters `start..end` of the sentence that breach `category`."""

    category: str
    start: int
    end: int


@dataclass(frozen=True)
class Sentence:
    """A sentence people have labelled. `difficulty` is core, hard or sound."""

    id: str
    text: str
    category: str
    difficulty: str
    product: ProductKind | None
    labels: tuple[Label, ...]

    @property
    def near(self) -> bool:
        return not self.labels


@dataclass(frozen=True)
class Figures:
    """Counts of one category, or of all."""

    spans: int = 0
    found: int = 0
    only_suspected: int = 0
    near: int = 0
    alarms: int = 0
    near_suspected: int = 0
    sounds: int = 0
    heard: int = 0

    @property
    def recall(self) -> float:
        return self.found / self.spans if self.spans else 1.0

    @property
    def false_alarms(self) -> float:
        return self.alarms / self.near if self.near else 0.0


@dataclass(frozen=True)
class Score:
    """`missed` and `alarmed` are sentence ids: read them on sentences the patterns are tuned on, never on others."""

    total: Figures
    by_category: dict[str, Figures]
    missed: tuple[str, ...]
    alarmed: tuple[str, ...]


def read_sentences(lines: str) -> tuple[Sentence, ...]:
    """JSON lines as `data/sentences` has them. Raises ValueError, KeyError or TypeError where a line is none."""
    return tuple(sentence_of(json.loads(line)) for line in lines.splitlines() if line.strip())


def score(sentences: Iterable[Sentence], find: Callable[[Sentence], Sequence[TextFinding]]) -> Score:
    counts: dict[str, Counter[str]] = {}
    missed, alarmed = [], []
    for sentence in sentences:
        count = counts.setdefault(sentence.category, Counter())
        findings = find(sentence)
        sure = [item for item in findings if not item.suspected]
        if sentence.near:
            count["near"] += 1
            count["alarms"] += bool(sure)
            count["near_suspected"] += not sure and bool(findings)
            if sure:
                alarmed.append(sentence.id)
            continue
        for label in sentence.labels:
            if sentence.difficulty == "sound":
                count["sounds"] += 1
                count["heard"] += overlaps(label, findings)
                continue
            hit = overlaps(label, sure)
            count["spans"] += 1
            count["found"] += hit
            count["only_suspected"] += not hit and overlaps(label, findings)
            if not hit:
                missed.append(sentence.id)
    total = sum(counts.values(), Counter[str]())
    by_category = {category: Figures(**count) for category, count in sorted(counts.items())}
    return Score(Figures(**total), by_category, tuple(missed), tuple(alarmed))


def overlaps(label: Label, findings: Iterable[TextFinding]) -> bool:
    return any(
        item.category == label.category and item.start < label.end and label.start < item.end for item in findings
    )


def sentence_of(row: Mapping[str, Any]) -> Sentence:
    """A labelled sentence from its JSON."""
    return Sentence(
        id=str(row["id"]),
        text=row["text"],
        category=row["category"],
        difficulty=row["difficulty"],
        product=ProductKind(row["product"]) if row["product"] else None,
        labels=tuple(Label(flag["category"], flag["start"], flag["end"]) for flag in row["flags"]),
    )
