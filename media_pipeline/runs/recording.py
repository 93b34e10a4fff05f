"""From a stage's output to rows and stored files."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from lms.core.reference import content_hash
from media_pipeline.assets import store
from media_pipeline.assets.models import (
    CheckResult,
    CheckThresholds,
    FeatureSheet,
    Finding,
    MediaAsset,
    Rendition,
    StageRun,
    Transcript,
    TranscriptSegment,
)
from media_pipeline.assets.services import discard_unnamed
from media_pipeline.assets.types import Purpose, RenditionKind
from media_pipeline.similarity.services import record_matches
from media_pipeline.stages.api import Check, Cue, Stage, StageOutput, Tools
from media_pipeline.stages.api import Finding as FoundFinding

_MIME = {
    ".mp4": "video/mp4",
    ".wav": "audio/wav",
    ".jpg": "image/jpeg",
    ".json": "application/json",
    ".vtt": "text/vtt",
}


def store_files(files: Mapping[str, Path], folder: str) -> dict[str, store.Stored]:
    """Store a stage's files under names we chose. Raises OSError; then none is left."""
    stored: dict[str, store.Stored] = {}
    try:
        for kind, path in files.items():
            name = RenditionKind(kind).value + path.suffix
            stored[kind] = store.put_path(path, f"{folder}/{name}")
    except BaseException:
        discard_files(stored)
        raise
    return stored


def discard_files(stored: Mapping[str, store.Stored]) -> None:
    """Delete stored files that no row names: an interrupt may arrive after the commit that recorded them."""
    discard_unnamed(file.key for file in stored.values())


def engines_of(stage: Stage, tools: Tools) -> dict[str, str]:
    """Name → version of what this stage worked with, for the line below the evidence.

    With what the children were walled in by: it changes no result, so it is no part of a stage's version.
    """
    versions = tools.hands.versions()
    engines = {name: versions[name] for name in (*stage.engines, "walls" if stage.engines else "") if name in versions}
    engines |= {"rules": tools.rules.version} if stage.name == "compliance" else {}
    return engines | {"thresholds": tools.thresholds.version}


def record_run(
    *,
    asset: MediaAsset,
    stage: Stage,
    tools: Tools,
    input_hash: str,
    output: StageOutput,
    stored: Mapping[str, store.Stored],
    job: Any,
    now: datetime,
    engines: Mapping[str, str] | None = None,
) -> StageRun:
    """The run, its files, checks, transcript and findings. Raises IntegrityError when this result is recorded already.

    job: who did it, with its uuid and attempt; None for a person. engines: where they are not this installation's own.
    """
    timing = output.timing
    run = StageRun.objects.create(
        asset=asset,
        stage=stage.name,
        input_hash=input_hash,
        version=stage.version(tools),
        engines=engines_of(stage, tools) if engines is None else dict(engines),
        state="refused" if output.refused else "done",
        data={name: found for name, found in output.data.items() if name != "matches"},
        wall_s=timing.wall_s if timing else 0.0,
        cpu_s=timing.cpu_s if timing else 0.0,
        peak_rss_mb=timing.peak_rss_mb if timing else 0.0,
        job=job.uuid if job else None,
        attempt=job.attempt if job else 1,
        finished_at=now,
        thresholds=_thresholds(tools, now),
    )
    Rendition.objects.bulk_create(
        [
            Rendition(
                asset=asset, run=run, kind=kind, key=file.key, size=file.size, sha256=file.sha256,
                mime=_MIME.get(Path(file.key).suffix, "application/octet-stream"),
            )
            for kind, file in stored.items()
        ]
    )  # fmt: skip
    _checks(run, [Check.from_json(check) for check in output.data["checks"]])
    if "cues" in output.data:
        _transcript(run, output.data)
    if "findings" in output.data:
        _findings(run, [FoundFinding.from_json(finding) for finding in output.data["findings"]])
    if "matches" in output.data:
        record_matches(run, output.data["matches"], now=now)
    if "features" in output.data and asset.purpose == Purpose.SUBMISSION:
        _features(run, output.data["features"])
    return run


def _thresholds(tools: Tools, now: datetime) -> CheckThresholds:
    held, _ = CheckThresholds.objects.get_or_create(
        content_hash=tools.thresholds.content_hash, defaults={"content": asdict(tools.thresholds), "created_at": now}
    )
    return held


def _features(run: StageRun, sheet: Mapping[str, Any]) -> None:
    FeatureSheet.objects.create(
        asset=run.asset,
        run=run,
        schema=sheet["schema"],
        content=sheet,
        content_hash=content_hash(json.dumps(sheet, ensure_ascii=False, sort_keys=True)),
    )


def _checks(run: StageRun, checks: Sequence[Check]) -> None:
    CheckResult.objects.bulk_create(
        [
            CheckResult(
                run=run, position=position, name=check.name, verdict=check.verdict, metric=check.metric,
                threshold=check.threshold, ranges=[list(span) for span in check.ranges],
                note=check.note.to_json() if check.note else None,
            )
            for position, check in enumerate(checks)
        ]
    )  # fmt: skip


def _transcript(run: StageRun, data: Mapping[str, Any]) -> None:
    transcript = Transcript.objects.create(
        run=run, language=data["language"], language_probability=min(1.0, max(0.0, data["language_probability"]))
    )
    TranscriptSegment.objects.bulk_create(
        [
            TranscriptSegment(
                transcript=transcript, index=cue.index, start_s=cue.start, end_s=cue.end, text=cue.text, raw=cue.raw,
                offsets=list(cue.offsets), words=cue.to_json()["words"], avg_logprob=cue.avg_logprob,
                no_speech_prob=cue.no_speech_prob, compression_ratio=cue.compression_ratio, low_trust=cue.low_trust,
            )
            for cue in map(Cue.from_json, data["cues"])
        ],
        batch_size=200,
    )  # fmt: skip


def _findings(run: StageRun, findings: Sequence[FoundFinding]) -> None:
    Finding.objects.bulk_create(
        [
            Finding(
                run=run, position=position, category=found.category, category_name=found.category_name,
                category_name_en=found.category_name_en, severity=found.severity, listed_severity=found.listed_severity,
                rule=found.rule, term=found.term, law=found.law, law_note=found.law_note, rewording=found.rewording,
                text=found.text,
                start_s=found.start_s, end_s=found.end_s, suspected=found.suspected, low_trust=found.low_trust,
                cue_index=found.cue_index, char_start=found.char_start, char_end=found.char_end,
                spans=found.to_json()["spans"],
            )
            for position, found in enumerate(findings)
        ],
        batch_size=200,
    )  # fmt: skip
