"""What is kept of a run: its figures as plain JSON, rounded so that the same answers give the same bytes. Pure.

Below `shown_min` candidates no figure is made at all: it would be somebody's mark. Which option is right stands in
`ItemRecord.options` alone.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

import numpy as np

from assessment.statistics.drift import difficulty_drift, facility_drift
from assessment.statistics.flags import drift_flags, weightiest_first
from assessment.statistics.logic import analyse, item_person_map, score_steps
from assessment.statistics.matrix import responses_of
from assessment.statistics.types import (
    Booklet,
    Code,
    Drift,
    Flag,
    ItemFigures,
    ItemRecord,
    MapRow,
    OptionFigures,
    OptionRow,
    PartRecord,
    RaschFigures,
    RaschItem,
    Report,
    Responses,
    Same,
    TestFigures,
    Thresholds,
    Weight,
)

# Raised whenever the same answers would give other figures.
ENGINE: Final = "1"
_DIGITS: Final = 6
_FIT = ("difficulty", "error", "infit", "outfit", "infit_z", "outfit_z", "left")
_CLASSIC = (
    "asked",
    "answered",
    "omitted",
    "not_reached",
    "facility",
    "correlation",
    "upper_lower",
    "alpha_without",
    "partial",
    "rest_of_right",
)


def build_parts(
    booklets: Sequence[Booklet], limits: Thresholds, *, earlier: Booklet | None = None
) -> tuple[PartRecord, ...]:
    """Every booklet's figures. earlier: what was answered before, against which drift is measured."""
    before = _responses(earlier) if earlier is not None and len(earlier.sheets) >= limits.shown_min else None
    before_model = analyse(before, limits).rasch if before is not None else None
    return tuple(_part(booklet, limits, before, before_model) for booklet in booklets)


def _responses(booklet: Booklet) -> Responses:
    return responses_of(booklet.items, booklet.sheets)


def _part(
    booklet: Booklet, limits: Thresholds, before: Responses | None, before_model: RaschFigures | None
) -> PartRecord:
    head: dict[str, Any] = {
        "paper": str(booklet.paper) if booklet.paper else None,
        "form": booklet.form,
        "candidates": len(booklet.sheets),
        "items": len(booklet.items),
    }
    if len(booklet.sheets) < limits.shown_min:
        return PartRecord(head | {"shown": False}, ())
    responses = _responses(booklet)
    report = analyse(responses, limits)
    drifts = _drifts(responses, report.rasch, before, before_model, limits) if before is not None else {}
    test = {field.name: _plain(getattr(report.test, field.name)) for field in fields(TestFigures)}
    content = head | {
        "shown": True,
        "test": test,
        "scores": list(score_steps(responses)),
        "map": [[row.lowest, row.candidates, row.items] for row in _map(report)],
        "separation": _plain(report.rasch.separation) if report.rasch else None,
        "no_rasch": report.no_rasch,
        "flags": [flag_json(flag) for flag in report.flags if flag.version is None],
    }
    items = [
        _item(figures, booklet.positions[at], report, at, drifts, limits) for at, figures in enumerate(report.items)
    ]
    return PartRecord(content, tuple(items))


def _map(report: Report) -> tuple[MapRow, ...]:
    return item_person_map(report.rasch) if report.rasch else ()


def _item(
    found: ItemFigures,
    position: int,
    report: Report,
    at: int,
    drifts: Mapping[UUID, tuple[dict[str, Any], tuple[Flag, ...]]],
    limits: Thresholds,
) -> ItemRecord:
    drift, drifted = drifts.get(found.item.version, (None, ()))
    figures = {name: _plain(getattr(found, name)) for name in _CLASSIC}
    figures |= dict.fromkeys(_FIT) | (_fit(report.rasch.items[at]) if report.rasch else {})
    figures |= {"maximum": _plain(found.item.maximum), "drift": drift}
    flags = weightiest_first([*report.flags_of(found.item.version), *drifted])
    rows: Sequence[OptionRow] = found.options
    if found.reached < limits.shown_min:
        # Of a version that few have met: how many, and nothing else.
        figures = {name: value for name, value in figures.items() if name in ("asked", "maximum")}
        flags, rows = tuple(flag for flag in flags if flag.code is Code.TOO_FEW), ()
    options = {
        "rows": [[_plain(getattr(row, field.name)) for field in fields(OptionRow)] for row in rows],
        "flags": [[flag.code.value, flag.option] for flag in flags if flag.option],
    }
    return ItemRecord(found.item.question, found.item.version, position, figures, flags, options)


def _fit(row: RaschItem) -> dict[str, Any]:
    return {name: _plain(getattr(row, name)) for name in _FIT}


# Drift -----------------------------------------------------------------------------------------------------------------


def _drifts(
    after: Responses,
    after_model: RaschFigures | None,
    before: Responses,
    before_model: RaschFigures | None,
    limits: Thresholds,
) -> dict[UUID, tuple[dict[str, Any], tuple[Flag, ...]]]:
    """Version → its drift and the flags of it: of the version itself where it was asked before, else of the question's latest
    earlier version. A difficulty, free of who sat, goes before a facility. Groups too small for flags are not compared."""
    enough_after = after.reached.sum(axis=0) >= limits.candidates_min
    enough_before = before.reached.sum(axis=0) >= limits.candidates_min
    now = {item.version for item, enough in zip(after.items, enough_after, strict=True) if enough}
    then = {item.version for item, enough in zip(before.items, enough_before, strict=True) if enough}
    found: dict[UUID, tuple[dict[str, Any], tuple[Flag, ...]]] = {}
    newest = {item.question: item.version for item in before.items if item.version in then}
    for same, allowed in ((Same.QUESTION, set(newest.values())), (Same.VERSION, then)):
        pairs = [
            drift
            for drift in facility_drift(_columns(before, allowed), _columns(after, now), same=same)
            if same is Same.VERSION or drift.before_item.version != drift.after_item.version
        ]
        flagged = {flag.version: flag for flag in drift_flags(pairs, limits, least=limits.drift_facility_min)}
        for drift in pairs:
            version = drift.after_item.version
            one = flagged.get(version)
            found[version] = (_drift_json(drift, same, "facility"), (one,) if one else ())
    if before_model is not None and after_model is not None:
        pairs = [
            drift
            for drift in difficulty_drift(before_model, after_model)
            if drift.after_item.version in now and drift.before_item.version in then
        ]
        flagged = {flag.version: flag for flag in drift_flags(pairs, limits, least=limits.drift_difficulty_min)}
        for drift in pairs:
            version = drift.after_item.version
            one = flagged.get(version)
            found[version] = (_drift_json(drift, Same.VERSION, "difficulty"), (one,) if one else ())
    return found


def _columns(responses: Responses, versions: set[UUID]) -> Responses:
    keep = np.array([item.version in versions for item in responses.items], dtype=bool)
    return Responses(
        tuple(item for item in responses.items if item.version in versions),
        responses.shares[:, keep],
        responses.seen[:, keep],
        responses.chosen[:, keep],
    )


def _drift_json(drift: Drift, same: Same, of: str) -> dict[str, Any]:
    said = {"of": of, "same": same.value}
    return said | {name: _plain(getattr(drift, name)) for name in ("before", "after", "difference", "z", "q")}


# JSON ------------------------------------------------------------------------------------------------------------------


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, _DIGITS) + 0.0  # no minus zero
    return value


def flag_json(flag: Flag) -> list[Any]:
    """[code, weight, found, limit]; which option it speaks of is not said here."""
    return [flag.code.value, flag.weight.value, _plain(flag.found), _plain(flag.limit)]


def flag_of(said: Sequence[Any], version: UUID | None = None, option: str = "") -> Flag:
    """The same again."""
    return Flag(Code(said[0]), Weight(said[1]), said[2], said[3], version, option)


def options_of(stored: str) -> OptionFigures:
    """The options of an item as they were stored."""
    said = json.loads(stored)
    return OptionFigures(
        tuple(OptionRow(*row) for row in said["rows"]), tuple((Code(code), option) for code, option in said["flags"])
    )


def canonical(value: Any) -> str:
    """JSON that is the same for the same value."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def limits_hash(limits: Thresholds) -> str:
    """SHA-256 of the thresholds."""
    said = {field.name: getattr(limits, field.name) for field in fields(Thresholds)}
    return sha256(canonical(said).encode()).hexdigest()


def whole(parts: Sequence[PartRecord]) -> str:
    """Everything a run says, for its keyed hash."""
    return canonical(
        [
            [
                part.content,
                [
                    [str(one.version), one.position, one.figures, [flag_json(flag) for flag in one.flags], one.options]
                    for one in part.items
                ],
            ]
            for part in parts
        ]
    )
