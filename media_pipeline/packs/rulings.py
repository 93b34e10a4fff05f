"""What examiners made of findings, and how often each rule was right."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q

from media_pipeline.packs.logic import wilson
from media_pipeline.packs.models import RuleRuling


@dataclass(frozen=True)
class RuledFinding:
    """One finding as it was settled."""

    number: int
    rule: str
    suspected: bool
    confirmed: bool


@dataclass(frozen=True)
class Precision:
    """How often a rule was right: `confirmed` of `judged` findings, with the 95 % interval (Wilson). Only what was read
    counts; of what was only suspected by its sound, `suspected` were judged."""

    rule: str
    version: str
    judged: int
    confirmed: int
    low: float
    high: float
    suspected: int

    @property
    def share(self) -> float:
        return self.confirmed / self.judged if self.judged else 0.0


def record_rulings(*, panel: UUID, version: str, ruled: Iterable[RuledFinding], now: datetime) -> None:
    """Keep what a panel made of its findings. Once a panel: said again, nothing is added."""
    RuleRuling.objects.bulk_create(
        [
            RuleRuling(
                panel=panel,
                number=one.number,
                rule=one.rule,
                version=version[:40],
                suspected=one.suspected,
                confirmed=one.confirmed,
                at=now,
            )
            for one in ruled
        ],
        ignore_conflicts=True,
    )


def precisions() -> Sequence[Precision]:
    """Every rule and version ever judged, by rule and then version; a last row without version sums a rule up. One query."""
    read = Q(suspected=False)
    rows = (
        RuleRuling.objects.values("rule", "version")
        .annotate(
            judged=Count("pk", filter=read),
            confirmed=Count("pk", filter=read & Q(confirmed=True)),
            heard=Count("pk", filter=Q(suspected=True)),
        )
        .order_by("rule", "version")
    )
    by_rule: dict[str, list[Precision]] = {}
    for row in rows:
        one = _precision(row["rule"], row["version"], row["judged"], row["confirmed"], row["heard"])
        by_rule.setdefault(row["rule"], []).append(one)
    return [one for rule, found in by_rule.items() for one in (*found, _sum(rule, found))]


def _sum(rule: str, found: Sequence[Precision]) -> Precision:
    judged, confirmed = sum(one.judged for one in found), sum(one.confirmed for one in found)
    return _precision(rule, "", judged, confirmed, sum(one.suspected for one in found))


def _precision(rule: str, version: str, judged: int, confirmed: int, suspected: int) -> Precision:
    low, high = wilson(confirmed, judged) if judged else (0.0, 1.0)
    return Precision(rule, version, judged, confirmed, low, high, suspected)
