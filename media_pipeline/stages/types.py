"""Words of the pipeline: what is asked, what is found, with its second. No Django.

Times are seconds from the first picture of the work, the player's own timeline. Everything here turns into plain JSON
by `to_json`, and findings, cues and checks come back by `from_json`, because stages hand their results on as data.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from lms.core.types import Level, ProductKind

Json = dict[str, Any]
Range = tuple[float, float]


class Verdict(StrEnum):
    """The only five answers of a check (domain 4.5)."""

    PASS = "pass"  # noqa: S105  # an answer, no password
    WARN = "warn"
    INFO = "info"
    FAIL = "fail"
    NOT_RUN = "not_run"


class Severity(StrEnum):
    """B proposed fail, H high, M medium, L low: a proposal for people, never a mark."""

    B = "B"
    H = "H"
    M = "M"
    L = "L"

    @property
    def rank(self) -> int:
        """0 for the gravest."""
        return "BHML".index(self.value)


@dataclass(frozen=True)
class Request:
    """What the trainee declared with the work; every field may be unknown.

    `declared_ai` is None where nobody was asked (the command line). `waived`: names of checks that a decision waives for
    this work; she declares none of them. `vocabulary`: words of the course that she may say, the likeliest first; the
    recogniser is told of them.
    """

    product: ProductKind | None = None
    level: Level | None = None
    brand: str = ""
    product_name: str = ""
    declared_ai: bool | None = None
    waived: tuple[str, ...] = ()
    vocabulary: tuple[str, ...] = ()

    def to_json(self) -> Json:
        return {
            "product": self.product.value if self.product else None,
            "level": int(self.level) if self.level else None,
            "brand": self.brand,
            "product_name": self.product_name,
            "declared_ai": self.declared_ai,
            "waived": sorted(self.waived),
            "vocabulary": list(self.vocabulary),
        }


@dataclass(frozen=True)
class Reason:
    """A plain reason as a code and its values; `messages.say(reason, language)` gives the words."""

    code: str
    values: Mapping[str, str | int | float] = field(default_factory=dict)

    def to_json(self) -> Json:
        return {"code": self.code, "values": dict(self.values)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Reason":
        return cls(data["code"], dict(data["values"]))


@dataclass(frozen=True)
class Check:
    """One automatic check. `name` is stable snake_case (see `checks.NAMES`).

    `metric` is what was measured and `threshold` the boundary it was held against, both a number where there is one
    number (units in domain 4.5), else a short text, or None where nothing was measured. `ranges` are the seconds to
    look at. `note` says in words what was found, or why the check could not run.
    """

    name: str
    verdict: Verdict
    metric: float | str | None = None
    threshold: float | str | None = None
    ranges: tuple[Range, ...] = ()
    note: Reason | None = None

    def to_json(self) -> Json:
        return {
            "name": self.name,
            "verdict": self.verdict.value,
            "metric": self.metric,
            "threshold": self.threshold,
            "ranges": [list(span) for span in self.ranges],
            "note": self.note.to_json() if self.note else None,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Check":
        return cls(
            name=data["name"],
            verdict=Verdict(data["verdict"]),
            metric=data["metric"],
            threshold=data["threshold"],
            ranges=tuple((float(start), float(end)) for start, end in data["ranges"]),
            note=Reason.from_json(data["note"]) if data["note"] else None,
        )


@dataclass(frozen=True)
class Word:
    """A piece of a cue with its own time, characters `start..end` of the cue's text."""

    char_start: int
    char_end: int
    start: float
    end: float


@dataclass(frozen=True)
class Cue:
    """A caption line. `text` is simplified, NFKC and what offsets of findings count in; `raw` is the engine's own.

    `offsets[i]` is the place in `raw` of character i of `text`. The three engine figures are those of the segment the
    cue was cut from; `low_trust` follows domain 4.5: a finding from such a cue is never above M.
    """

    index: int
    start: float
    end: float
    text: str
    raw: str
    offsets: tuple[int, ...]
    avg_logprob: float
    no_speech_prob: float
    compression_ratio: float
    low_trust: bool
    words: tuple[Word, ...] = ()

    def to_json(self) -> Json:
        return asdict(self) | {"offsets": list(self.offsets), "words": [asdict(word) for word in self.words]}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Cue":
        words = tuple(Word(**word) for word in data["words"])
        return cls(**{**data, "offsets": tuple(data["offsets"]), "words": words})


@dataclass(frozen=True)
class Span:
    """Characters `start..end` of the text of cue `cue_index`."""

    cue_index: int
    start: int
    end: int


@dataclass(frozen=True)
class Finding:
    """A possible breach in the transcript: evidence for a person to rule on.

    `text` is what was said (simplified), `term` the name in the rule list it was found by, `rule` its id there.
    `suspected` findings were heard, not read: same sound, other characters. `cue_index`, `char_start`, `char_end` give
    the first piece; `spans` all pieces, where a finding runs over the end of a cue. `severity` is after the low-trust
    cap, `listed_severity` the rule list's own. `law` is the clause as cited; `law_note` what of it is not verified;
    `rewording` what a host may say instead (empty in findings of packs that had none).
    """

    category: str
    severity: Severity
    text: str
    start_s: float
    end_s: float
    rule: str
    suspected: bool
    cue_index: int
    char_start: int
    char_end: int
    spans: tuple[Span, ...]
    term: str
    listed_severity: Severity
    low_trust: bool
    category_name: str
    category_name_en: str
    law: str
    law_note: str
    rewording: str = ""

    def to_json(self) -> Json:
        return asdict(self) | {
            "severity": self.severity.value,
            "listed_severity": self.listed_severity.value,
            "spans": [asdict(span) for span in self.spans],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Finding":
        return cls(
            **{
                **data,
                "severity": Severity(data["severity"]),
                "listed_severity": Severity(data["listed_severity"]),
                "spans": tuple(Span(**span) for span in data["spans"]),
            }
        )


@dataclass(frozen=True)
class StageTiming:
    """What a stage cost: wall clock, CPU of this process and its children, and the largest child's resident memory."""

    stage: str
    wall_s: float
    cpu_s: float
    peak_rss_mb: float = 0.0

    def to_json(self) -> Json:
        return {
            "stage": self.stage,
            "wall_s": round(self.wall_s, 2),
            "cpu_s": round(self.cpu_s, 2),
            "peak_rss_mb": round(self.peak_rss_mb, 1),
        }


@dataclass(frozen=True)
class Report:
    """Everything known about one work; the JSON of `process_video --json`."""

    refused: tuple[Reason, ...]
    duration_s: float | None
    checks: tuple[Check, ...]
    cues: tuple[Cue, ...]
    findings: tuple[Finding, ...]
    timings: tuple[StageTiming, ...]
    engines: Mapping[str, str]

    @property
    def verdict(self) -> str:
        """ "ready", or "refused" when any check failed."""
        return "refused" if self.refused else "ready"

    def to_json(self, language: str = "zh") -> Json:
        """The report in plain JSON; reasons and notes in words of `language` ("zh" or "en")."""
        from media_pipeline.stages.messages import say

        def check_json(check: Check) -> Json:
            return check.to_json() | {"note": say(check.note, language) if check.note else ""}

        return {
            "verdict": self.verdict,
            "reasons": [say(reason, language) for reason in self.refused],
            "duration_s": self.duration_s,
            "checks": [check_json(check) for check in self.checks],
            "transcript": [
                {"start": round(cue.start, 2), "end": round(cue.end, 2), "text": cue.text, "low_trust": cue.low_trust}
                for cue in self.cues
            ],
            "findings": [
                {
                    "category": finding.category,
                    "severity": finding.severity.value,
                    "text": finding.text,
                    "start_s": round(finding.start_s, 2),
                    "end_s": round(finding.end_s, 2),
                    "rule": finding.rule,
                    "suspected": finding.suspected,
                    "term": finding.term,
                    "category_name": finding.category_name if language == "zh" else finding.category_name_en,
                    "law": finding.law,
                    "law_note": finding.law_note,
                }
                for finding in self.findings
            ],
            "timings": [timing.to_json() for timing in self.timings],
            "engines": dict(self.engines),
        }


def checks_json(checks: Sequence[Check]) -> list[Json]:
    """Checks as a stage stores them."""
    return [check.to_json() for check in checks]
