"""What the committee should look at: figures held against thresholds that are data (`data/flags.yaml`). Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from functools import cache
from math import sqrt
from pathlib import Path
from typing import Any

import yaml

from assessment.statistics.types import (
    Code,
    Drift,
    Flag,
    ItemFigures,
    RaschItem,
    TestFigures,
    Thresholds,
    Weight,
)

FILE = Path(__file__).parent / "data" / "flags.yaml"
_ORDER = list(Weight)


class ThresholdFault(ValueError):
    """The thresholds cannot be read or make no sense."""


def read_thresholds(content: Mapping[str, Any]) -> Thresholds:
    """Thresholds out of plain data, every one said. Raises ThresholdFault."""
    wanted = {field.name: field.type for field in fields(Thresholds)}
    if set(content) != set(wanted):
        raise ThresholdFault(f"not one for one: {', '.join(sorted(set(content) ^ set(wanted)))}")
    try:
        weights = {Code(code): Weight(weight) for code, weight in content["weights"].items()}
        worse = {Code(code): float(step) for code, step in content["worse"].items()}
        reach = Weight(content["reach"])
        figures = {
            name: int(content[name]) if kind is int else float(content[name])
            for name, kind in wanted.items()
            if kind in {int, float}
        }
    except (ValueError, TypeError, AttributeError) as fault:
        raise ThresholdFault(f"a threshold cannot be read: {fault}") from fault
    found = Thresholds(**figures, weights=weights, worse=worse, reach=reach)  # type: ignore[arg-type]  # each by its field's own type
    if set(weights) != set(Code) or set(worse) != set(Code):
        raise ThresholdFault("every flag has a weight, and a step from which it is worse than before")
    if not (0 <= found.facility_min < found.facility_max <= 1 and 0 < found.fit_min < 1 < found.fit_max):
        raise ThresholdFault("the lower limit lies below the upper")
    if min(*figures.values(), *worse.values()) < 0:
        raise ThresholdFault("no threshold is negative")
    return found


@cache
def thresholds() -> Thresholds:
    """Those we ship."""
    return read_thresholds(yaml.safe_load(FILE.read_text(encoding="utf-8")))


def weightiest_first(flags: Iterable[Flag]) -> tuple[Flag, ...]:
    """By weight; within it as they come."""
    return tuple(sorted(flags, key=lambda flag: _ORDER.index(flag.weight)))


def test_flags(test: TestFigures, limits: Thresholds) -> Iterator[Flag]:
    """Of the test as a whole."""
    if test.alpha is not None and test.candidates >= limits.candidates_min and test.alpha < limits.alpha_min:
        yield Flag(Code.ALPHA_LOW, limits.weights[Code.ALPHA_LOW], test.alpha, limits.alpha_min)


test_flags.__test__ = False  # type: ignore[attr-defined]  # no test, whatever pytest thinks of its name


def item_flags(figures: ItemFigures, limits: Thresholds) -> Iterator[Flag]:
    """Of one item's classical figures."""

    def flag(code: Code, found: float, limit: float, option: str = "") -> Flag:
        return Flag(code, limits.weights[code], found, limit, figures.item.version, option)

    if figures.asked >= limits.candidates_min and figures.not_reached / figures.asked > limits.not_reached_max:
        yield flag(Code.NOT_REACHED, figures.not_reached / figures.asked, limits.not_reached_max)
    if figures.reached < limits.candidates_min or figures.facility is None:
        yield flag(Code.TOO_FEW, figures.reached, limits.candidates_min)
        return
    if figures.facility < limits.facility_min:
        yield flag(Code.TOO_HARD, figures.facility, limits.facility_min)
    if figures.facility > limits.facility_max:
        yield flag(Code.TOO_EASY, figures.facility, limits.facility_max)
    if figures.correlation is not None and figures.correlation < _weak_below(figures.reached, limits):
        negative = -figures.correlation * sqrt(figures.reached) > limits.negative_z_min
        code, limit = (Code.NEGATIVE, 0.0) if negative else (Code.WEAK, limits.correlation_min)
        yield flag(code, figures.correlation, limit)
    wrong = figures.reached * (1 - figures.facility)
    for row in figures.options:
        if row.right:
            continue
        if (
            row.chosen >= limits.distractor_choosers_min
            and row.lead is not None
            and row.lead > limits.distractor_lead_min
        ):
            yield flag(Code.DISTRACTOR_ABLE, row.lead, limits.distractor_lead_min, row.option)
        telling = wrong >= limits.distractor_wrong_min
        if telling and row.share is not None and row.share < limits.distractor_share_min:
            yield flag(Code.DISTRACTOR_IDLE, row.share, limits.distractor_share_min, row.option)


def _weak_below(candidates: int, limits: Thresholds) -> float:
    """The correlation below which so few candidates would hardly have left an item of the usual one."""
    return min(limits.correlation_min, limits.correlation_usual - limits.chance_z / sqrt(candidates))


def fit_flags(row: RaschItem, limits: Thresholds) -> Iterator[Flag]:
    """Of one item's fit, infit before outfit; one flag a direction."""
    told = set()
    for found, distance in ((row.infit, row.infit_z), (row.outfit, row.outfit_z)):
        if found is None or distance is None or abs(distance) < limits.fit_z_min:
            continue
        for code, limit, beyond in (
            (Code.MISFIT_HIGH, limits.fit_max, found > limits.fit_max),
            (Code.MISFIT_LOW, limits.fit_min, found < limits.fit_min),
        ):
            if beyond and code not in told:
                told.add(code)
                yield Flag(code, limits.weights[code], found, limit, row.item.version)


def reaching(flags: Iterable[Flag], limits: Thresholds) -> tuple[Flag, ...]:
    """Those weighty enough to be laid before the committee."""
    return tuple(flag for flag in flags if _ORDER.index(flag.weight) <= _ORDER.index(limits.reach))


def worsened(before: Iterable[Flag], after: Iterable[Flag], limits: Thresholds) -> tuple[Flag, ...]:
    """What is new since the committee decided, or further out by the step of `limits.worse`."""
    known: dict[str, float] = {}
    for flag in before:
        figure, out = _figure(flag)
        known[figure] = max(out, known.get(figure, out))
    told = [(flag, *_figure(flag)) for flag in after]
    return tuple(
        flag for flag, figure, out in told if figure not in known or out - known[figure] >= limits.worse[flag.code]
    )


def _figure(flag: Flag) -> tuple[str, float]:
    """(which figure a flag speaks of, how far out it lies: the more, the worse)."""
    if flag.code in {Code.NEGATIVE, Code.WEAK}:
        return "correlation", -flag.found
    return flag.code.value, abs(flag.found) if flag.code is Code.DRIFT else abs(flag.found - flag.limit)


def drift_flags(drifts: Iterable[Drift], limits: Thresholds, *, least: float) -> tuple[Flag, ...]:
    """Of `facility_drift` (least: drift_facility_min) or `difficulty_drift` (drift_difficulty_min); of the later version."""
    return tuple(
        Flag(Code.DRIFT, limits.weights[Code.DRIFT], drift.difference, least, drift.after_item.version)
        for drift in drifts
        if drift.q < limits.drift_q_max and abs(drift.difference) >= least
    )
