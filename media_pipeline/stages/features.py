"""Features for scoring support: what can be counted about how a work is spoken and built. Hints and input of suggestions,
never a mark. Pure.

What could not be measured is absent (None with its reason), never zero. Pitch is a spread in semitones, never Hz, and how far
the recogniser trusts itself lowers trust, never a score (engineering notes, score suggestion).
"""

import hashlib
import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from statistics import median
from typing import Any

import yaml

from media_pipeline.stages.text import count_spoken
from media_pipeline.stages.thresholds import Thresholds
from media_pipeline.stages.types import Cue, Json, Range, Reason

SCHEMA = 1
_MARKERS = Path(__file__).parent / "data" / "markers.yaml"
# Upper ends of the classes of pauses, in seconds; the last class has none.
PAUSE_CLASSES = (1.0, 2.0, 4.0)
# The criteria of a selling video (domain 4.1): code → English, Chinese.
CRITERIA = {
    "C1": ("Opening", "开场与定位"),
    "C2": ("Product presentation", "产品讲解"),
    "C3": ("Showing", "展示与演示"),
    "C4": ("Delivery", "语言与形象"),
    "C5": ("Interaction", "互动"),
    "C6": ("Conversion", "促单转化"),
    "C7": ("After-sales and compliance", "售后承诺与合规"),
    "C8": ("Closing", "收尾"),
    "C9": ("Picture and sound", "画面与声音"),
    "C10": ("Planning and data", "策划与数据"),
}
# name → unit; the order is that of the sheet.
UNITS = {
    "speech_rate": "cpm",
    "speech_share": "%",
    "pause_count": "",
    "pause_share": "%",
    "pause_longest": "s",
    "pause_median": "s",
    "loudness": "LUFS",
    "loudness_range": "LU",
    "pitch_spread": "st",
    "brand_count": "",
    "trust": "%",
}
# A feature says nothing where a decision waives a check that asks for the same ability.
_WAIVED_WITH = {
    "speech_rate": ("speech_rate",),
    "speech_share": ("speech_share",),
    "pause_count": ("silence", "speech_share", "speech_rate"),
    "pause_share": ("silence", "speech_share", "speech_rate"),
    "pause_longest": ("silence", "speech_share", "speech_rate"),
    "pause_median": ("silence", "speech_share", "speech_rate"),
    "loudness": ("loudness",),
    "loudness_range": ("loudness",),
    "pitch_spread": ("language", "speech_rate"),
    "brand_count": ("brand_named",),
    "trust": ("asr_trust",),
}


@dataclass(frozen=True)
class Feature:
    """One figure. `value` in the unit of `UNITS` (shares 0 to 1), None where `why` says what was missing."""

    name: str
    value: float | None
    why: Reason | None = None


@dataclass(frozen=True)
class Marker:
    """A part of a selling video by its first second, None where it is not heard.

    `doubtful`: it is heard in caption lines alone that the recogniser does not trust.
    """

    name: str
    zh: str
    en: str
    criterion: str
    at_s: float | None
    doubtful: bool = False


@dataclass(frozen=True)
class Coverage:
    """How many of a criterion's topics are heard. `share` is None where its words could not be heard at all."""

    criterion: str
    share: float | None
    said: tuple[str, ...]
    missing: tuple[str, ...]
    why: Reason | None = None


@dataclass(frozen=True)
class FeatureSheet:
    """All features of one version of a work. `markers_version`: of the patterns; `pauses`: how many in each class."""

    markers_version: str
    features: tuple[Feature, ...]
    markers: tuple[Marker, ...]
    coverage: tuple[Coverage, ...]
    pauses: tuple[int, ...] | None

    def value(self, name: str) -> float | None:
        """The figure of that name, None where it is absent. Raises KeyError for a name there is not."""
        return {each.name: each.value for each in self.features}[name]

    def to_json(self) -> Json:
        return {
            "schema": SCHEMA,
            "markers_version": self.markers_version,
            "features": [
                {"name": each.name, "value": each.value, "unit": UNITS[each.name], "why": _reason_json(each.why)}
                for each in self.features
            ],
            "markers": [
                {"name": each.name, "zh": each.zh, "en": each.en, "criterion": each.criterion, "at_s": each.at_s,
                 "doubtful": each.doubtful}
                for each in self.markers
            ],
            "coverage": [
                {"criterion": each.criterion, "share": each.share, "said": list(each.said),
                 "missing": list(each.missing), "why": _reason_json(each.why)}
                for each in self.coverage
            ],
            "pauses": {"classes": list(PAUSE_CLASSES), "counts": list(self.pauses) if self.pauses is not None else None},
        }  # fmt: skip

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "FeatureSheet":
        """Back from a stored sheet of this schema. Raises ValueError for another."""
        if data["schema"] != SCHEMA:
            raise ValueError(f"features of schema {data['schema']}")
        counts = data["pauses"]["counts"]
        return cls(
            markers_version=data["markers_version"],
            features=tuple(Feature(each["name"], each["value"], _reason(each["why"])) for each in data["features"]),
            markers=tuple(Marker(**each) for each in data["markers"]),
            coverage=tuple(
                Coverage(
                    each["criterion"], each["share"], tuple(each["said"]), tuple(each["missing"]), _reason(each["why"])
                )
                for each in data["coverage"]
            ),
            pauses=tuple(counts) if counts is not None else None,
        )


def _reason_json(reason: Reason | None) -> Json | None:
    return reason.to_json() if reason else None


def _reason(data: Mapping[str, Any] | None) -> Reason | None:
    return Reason.from_json(data) if data else None


@dataclass(frozen=True)
class Topic:
    """A line of `data/markers.yaml`."""

    key: str
    criterion: str
    zh: str
    en: str
    pattern: re.Pattern[str]
    structure: bool


@dataclass(frozen=True)
class Topics:
    """All of them, and the first 8 hex digits of the file's sha256."""

    version: str
    topics: tuple[Topic, ...]


@lru_cache
def topics() -> Topics:
    """The topics of this version."""
    content = _MARKERS.read_bytes()
    read = tuple(
        Topic(
            each["key"],
            each["criterion"],
            each["zh"],
            each["en"],
            re.compile("|".join(f"(?:{one})" for one in each["patterns"])),
            bool(each.get("structure")),
        )
        for each in yaml.safe_load(content)
    )
    return Topics(hashlib.sha256(content).hexdigest()[:8], read)


def measure(
    cues: Sequence[Cue],
    facts: Mapping[str, Json],
    brand_at: Sequence[float] | None,
    waived: Sequence[str],
    t: Thresholds,
) -> FeatureSheet:
    """The sheet of a work. `facts`: of the stages before; `brand_at`: seconds the brand is named, None where none is."""
    measured, heard = facts["measure"], facts["transcribe"]
    spoken = _spoken(cues)
    gaps = _gaps(spoken, t.pause_min_s) if cues else None
    found = {
        **_speech(cues, float(measured["duration_s"]), heard.get("speech_s")),
        **_pauses(gaps, spoken),
        **_sound(measured),
        "brand_count": _brand(cues, brand_at),
    }
    guessed = bool(cues) and heard.get("doubt") == "not_mandarin"
    if guessed:
        found |= _absent("not_understood", "speech_rate", "speech_share")
    if guessed and brand_at is not None and not brand_at:
        found |= _absent("not_understood", "brand_count")
    features = tuple(
        Feature(name, None, Reason("waived")) if set(_WAIVED_WITH[name]) & set(waived) else found[name]
        for name in UNITS
    )
    silent = Reason("waived") if "required_statements" in waived else None if cues else Reason("no_speech")
    silent = Reason("not_understood") if silent is None and guessed else silent
    book = topics()
    seen = {topic.key: _first(topic, cues) for topic in book.topics} if silent is None else {}
    return FeatureSheet(
        markers_version=book.version,
        features=features,
        markers=tuple(
            Marker(topic.key, topic.zh, topic.en, topic.criterion, *seen.get(topic.key, (None, False)))
            for topic in book.topics
            if topic.structure
        ),
        coverage=_coverage(book.topics, seen, silent),
        pauses=_classes(gaps) if gaps is not None and found["pause_count"] in features else None,
    )


def _absent(code: str, *names: str) -> dict[str, Feature]:
    return {name: Feature(name, None, Reason(code)) for name in names}


def _speech(cues: Sequence[Cue], seconds: float, voice_s: float | None) -> dict[str, Feature]:
    """Rate, share and trust. `voice_s`: seconds the recogniser's voice detector let pass."""
    spoken_s = sum(cue.end - cue.start for cue in cues)
    if spoken_s <= 0:
        return _absent("no_speech", "speech_rate", "speech_share", "trust")
    trusted_s = sum(cue.end - cue.start for cue in cues if not cue.low_trust)
    share = min(spoken_s, voice_s if voice_s is not None else spoken_s) / seconds if seconds > 0 else None
    return {
        "speech_rate": Feature("speech_rate", round(sum(count_spoken(cue.text) for cue in cues) / spoken_s * 60, 1)),
        "speech_share": Feature("speech_share", round(min(1.0, share), 4))
        if share is not None
        else Feature("speech_share", None, Reason("no_picture")),
        "trust": Feature("trust", round(trusted_s / spoken_s, 4)),
    }


def _spoken(cues: Sequence[Cue]) -> list[Range]:
    """When words are said, in order: word by word where the engine told, else line by line."""
    spans = [(word.start, word.end) for cue in cues for word in cue.words] if all(cue.words for cue in cues) else []
    return sorted(spans or [(cue.start, cue.end) for cue in cues])


def _gaps(spoken: Sequence[Range], least_s: float) -> list[float]:
    """Seconds between words where nobody speaks for so long."""
    reached = itertools.accumulate((end for _, end in spoken), max)
    between = (start - before for before, (start, _) in zip(reached, spoken[1:], strict=False))
    return [round(gap, 3) for gap in between if gap >= least_s]


def _pauses(gaps: Sequence[float] | None, spoken: Sequence[Range]) -> dict[str, Feature]:
    names = ("pause_count", "pause_share", "pause_longest", "pause_median")
    if gaps is None:
        return _absent("no_speech", *names)
    from_first_to_last = max(end for _, end in spoken) - spoken[0][0]
    counted = {"pause_count": Feature("pause_count", float(len(gaps)))}
    if from_first_to_last > 0:
        counted["pause_share"] = Feature("pause_share", round(sum(gaps) / from_first_to_last, 4))
    else:
        counted |= _absent("no_speech", "pause_share")
    if not gaps:
        return counted | _absent("no_pauses", "pause_longest", "pause_median")
    return counted | {
        "pause_longest": Feature("pause_longest", round(max(gaps), 2)),
        "pause_median": Feature("pause_median", round(median(gaps), 2)),
    }


def _classes(gaps: Sequence[float]) -> tuple[int, ...]:
    """How many pauses there are in each class."""
    counts = [0] * (len(PAUSE_CLASSES) + 1)
    for gap in gaps:
        counts[sum(gap >= end for end in PAUSE_CLASSES)] += 1
    return tuple(counts)


def _sound(measured: Mapping[str, Any]) -> dict[str, Feature]:
    """Loudness and pitch, from the pass over the file; a run of an earlier version may not have looked."""
    found: dict[str, Feature] = {}
    for name, key in (("loudness", "integrated_lufs"), ("loudness_range", "loudness_range_lu")):
        value = measured.get(key)
        why = None if value is not None else Reason("needs_sound" if key in measured else "not_measured")
        found[name] = Feature(name, value, why)
    if "pitch" not in measured:
        return found | _absent("not_measured", "pitch_spread")
    pitch = measured["pitch"]
    if pitch is None:
        return found | _absent("needs_sound", "pitch_spread")
    if pitch["spread_semitones"] is None:
        return found | _absent("little_voice", "pitch_spread")
    return found | {"pitch_spread": Feature("pitch_spread", pitch["spread_semitones"])}


def _brand(cues: Sequence[Cue], seconds: Sequence[float] | None) -> Feature:
    if seconds is None:
        return Feature("brand_count", None, Reason("needs_brand"))
    if not cues:
        return Feature("brand_count", None, Reason("no_speech"))
    return Feature("brand_count", float(len(seconds)))


def _first(topic: Topic, cues: Sequence[Cue]) -> tuple[float | None, bool]:
    """When a topic is first heard and whether that is doubtful; in a line that is trusted, if there is one."""
    doubtful: float | None = None
    text = "".join(cue.text for cue in cues)
    places = list(itertools.accumulate((len(cue.text) for cue in cues), initial=0))
    at = 0
    for match in topic.pattern.finditer(text):
        while places[at + 1] <= match.start():
            at += 1
        second = _second(cues[at], match.start() - places[at])
        if not cues[at].low_trust:
            return second, False
        doubtful = second if doubtful is None else doubtful
    return doubtful, doubtful is not None


def _second(cue: Cue, character: int) -> float:
    """When a character of a line is said: its word's beginning, or its share of the line."""
    for word in cue.words:
        if word.char_start <= character < word.char_end:
            return round(word.start, 2)
    return round(cue.start + (cue.end - cue.start) * character / max(1, len(cue.text)), 2)


def _coverage(
    book: Sequence[Topic], seen: Mapping[str, tuple[float | None, bool]], silent: Reason | None
) -> tuple[Coverage, ...]:
    rows = []
    for criterion in CRITERIA:
        mine = [topic.key for topic in book if topic.criterion == criterion]
        if not mine:
            rows.append(Coverage(criterion, None, (), (), Reason("seen_not_said")))
            continue
        if silent is not None:
            rows.append(Coverage(criterion, None, (), (), silent))
            continue
        said = tuple(key for key in mine if seen[key][0] is not None)
        missing = tuple(key for key in mine if seen[key][0] is None)
        rows.append(Coverage(criterion, round(len(said) / len(mine), 4), said, missing))
    return tuple(rows)
