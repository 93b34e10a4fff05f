"""What a finished work's evidence rests on, as plain data to be sealed: files by their hash, versions, figures as measured.

Words are Chinese whoever asks, so that the same evidence is the same record. What was said is not in it: texts hold names, and
the rooms above hide them as on their pages.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from media_pipeline.assets.evidence import finished_runs, stored_check
from media_pipeline.assets.models import (
    CheckResult,
    CheckWaiver,
    FeatureSheet,
    Finding,
    Rendition,
    StageRun,
)
from media_pipeline.assets.types import RenditionKind
from media_pipeline.stages.api import Check
from media_pipeline.stages.checks import complete, label
from media_pipeline.stages.messages import say

Json = dict[str, Any]
_WORDS = "zh"


def work_record(uuid: UUID) -> Json:
    """The record of a finished work: `work`, `files`, `stages`, `thresholds`, `checks`, `waived`, `features`; and of each
    finding, in the order of `evidence_of`, what that does not tell. Raises MediaAsset.DoesNotExist.
    """
    asset, runs = finished_runs(uuid)
    waiver = CheckWaiver.objects.filter(asset=asset).first()
    sheet = FeatureSheet.objects.filter(run=runs["compliance"]).first()
    return {
        "work": {
            "level": asset.level,
            "product": asset.product,
            "declared_ai": asset.declared_ai,
            "duration_s": asset.duration_s,
            "ready_at": asset.ready_at.isoformat() if asset.ready_at else None,
        },
        "files": _files(asset.pk, runs),
        "stages": [_stage(run) for run in runs.values()],
        "thresholds": {
            run.thresholds.content_hash: run.thresholds.content for run in runs.values() if run.thresholds is not None
        },
        "checks": _checks(runs),
        "waived": sorted(waiver.checks) if waiver else [],
        "features": sheet.content if sheet else None,
        "findings": [_finding(row) for row in _findings(runs)],
    }


def rewordings_of(uuid: UUID) -> dict[str, str]:
    """Rule → what may be said instead, of every finding ever made in a work: a finding that a corrected transcript no longer
    holds has its words too."""
    rows = Finding.objects.filter(run__asset__uuid=uuid).order_by("id").values_list("rule", "rewording")
    return {rule: rewording for rule, rewording in rows if rewording}


def _files(asset: int, runs: Mapping[str, StageRun]) -> Json:
    """Kind → size in bytes, SHA-256 and type of the upload and of the newest file of each kind."""
    rows = Rendition.objects.filter(asset=asset).order_by("id")
    newest = {run.pk for run in runs.values()}
    return {
        row.kind: {"bytes": row.size, "sha256": row.sha256, "type": row.mime}
        for row in rows
        if row.kind == RenditionKind.SOURCE or row.run_id in newest
    }


def _stage(run: StageRun) -> Json:
    return {
        "stage": run.stage,
        "version": run.version,
        "engines": run.engines,
        "input_sha256": run.input_hash,
        "thresholds": run.thresholds.content_hash if run.thresholds else None,
        "finished_at": run.finished_at.isoformat(),
    }


def _checks(runs: Mapping[str, StageRun]) -> list[Json]:
    rows = CheckResult.objects.filter(run__in=list(runs.values())).order_by("run__id", "position")
    stages = {run.pk: run.stage for run in runs.values()}
    by_name = {row.name: stages[row.run_id] for row in rows}
    return [_check(check, by_name.get(check.name)) for check in complete(stored_check(row) for row in rows)]


def _check(check: Check, stage: str | None) -> Json:
    """stage: None for one that no stage ran."""
    told = check.to_json()
    note = told["note"] and {**told["note"], "words": say(check.note, _WORDS)} if check.note else None
    return {**told, "label": label(check.name, _WORDS), "stage": stage, "note": note}


def _findings(runs: Mapping[str, StageRun]) -> list[Finding]:
    return list(Finding.objects.filter(run=runs["compliance"]).order_by("start_s", "position"))


def _finding(row: Finding) -> Json:
    return {
        "category": row.category,
        "category_name": row.category_name,
        "listed_severity": row.listed_severity,
        "term": row.term,
        "low_trust": row.low_trust,
    }
