"""The blind side: what the machine found in a finished work, by its blind code. Who may see it is decided above."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Max, Q, QuerySet
from django.utils.translation import gettext, gettext_noop

from media_pipeline.assets import store
from media_pipeline.assets.features import features_shown
from media_pipeline.assets.labels import language, level_label, product_label
from media_pipeline.assets.logic import STAGE_NAMES
from media_pipeline.assets.models import (
    CheckResult,
    Finding,
    MediaAsset,
    Rendition,
    StageRun,
    TranscriptEdit,
    TranscriptSegment,
)
from media_pipeline.assets.types import (
    ROWS_A_PAGE,
    AssetState,
    BlindHead,
    BlindWork,
    Evidence,
    EvidenceCheck,
    EvidenceCue,
    EvidenceFinding,
    Pages,
    RenditionKind,
    StoredFile,
    TranscriptLine,
    TranscriptVersion,
)
from media_pipeline.rulepacks.api import mask_cues
from media_pipeline.rulepacks.check import untimed
from media_pipeline.stages.api import Check, Cue, Reason, Verdict
from media_pipeline.stages.checks import complete, label
from media_pipeline.stages.messages import say

# What a check's metric and threshold are counted in (domain 4.5); the note tells where one check has two measures.
_UNITS = {
    "decodable": "s", "duration": "s", "black": "s", "resolution": "px", "frame_rate": "fps", "rotation": "°",
    "size": "MB", "audio_present": "dB", "loudness": "LUFS", "clipping": "dBTP", "silence": "%", "speech_share": "%",
    "frozen": "%", "language": "%", "asr_trust": "%", "speech_rate": "cpm",
    "duplicate_video": "%", "duplicate_audio": "%", "duplicate_text": "%",
}  # fmt: skip
# What a corrected transcription is marked with among its engines.
CORRECTED = "transcript"
_UNITS_BY_NOTE = {"mostly_black": "%", "often_black": "%", "silent_gap": "s", "clipped": "%"}


def blind_head(code: str) -> BlindHead | None:
    """The finished work of a blind code, None when there is none (yet)."""
    row = MediaAsset.submissions.filter(blind_code=code, state=AssetState.READY).first()
    return BlindHead(row.uuid, row.blind_code, row.organisation_path) if row else None


def _finished_works(uuids: Iterable[UUID] | None, organisation_path: str | None) -> QuerySet[MediaAsset]:
    rows = MediaAsset.submissions.filter(state=AssetState.READY)
    if uuids is not None:
        rows = rows.filter(uuid__in=list(uuids))
    if organisation_path is not None:
        rows = rows.filter(organisation_path__startswith=organisation_path)
    return rows


def count_blind_works(*, uuids: Iterable[UUID] | None = None, organisation_path: str | None = None) -> int:
    """How many finished works there are: of those named, or handed in at or below a place."""
    return _finished_works(uuids, organisation_path).count()


def blind_works(
    *, uuids: Iterable[UUID] | None = None, organisation_path: str | None = None, page: Pages
) -> list[BlindWork]:
    """One page of them, oldest first. Four queries."""
    rows = _finished_works(uuids, organisation_path).order_by("ready_at", "id")
    assets = list(rows[page.start : page.start + ROWS_A_PAGE])
    latest = _latest_runs([asset.pk for asset in assets])
    runs = [run for stages in latest.values() for run in stages.values()]
    severities = _counts(
        Finding.objects.filter(run__in=runs)
        .values("run__asset")
        .annotate(
            bad=Count("pk", filter=Q(severity__in=["B", "H"])), warn=Count("pk", filter=Q(severity__in=["M", "L"]))
        )
    )
    warned = _counts(
        CheckResult.objects.filter(run__in=runs, verdict=Verdict.WARN).values("run__asset").annotate(warn=Count("pk"))
    )
    return [
        BlindWork(
            uuid=asset.uuid,
            code=asset.blind_code,
            level_label=level_label(asset.level),
            product_label=product_label(asset.product),
            duration_s=asset.duration_s or 0.0,
            ready_at=_ready(asset),
            findings_bad=severities.get(asset.pk, {}).get("bad", 0),
            findings_warn=severities.get(asset.pk, {}).get("warn", 0),
            checks_warn=warned.get(asset.pk, {}).get("warn", 0),
        )
        for asset in assets
    ]


def _ready(asset: MediaAsset) -> datetime:
    if asset.ready_at is None:
        raise ValueError("not finished")  # the table's constraint forbids it
    return asset.ready_at


def _counts(rows: Iterable[Mapping[str, Any]]) -> dict[int, Mapping[str, int]]:
    return {row["run__asset"]: row for row in rows}


def _latest_runs(assets: list[int]) -> dict[int, dict[str, int]]:
    """Asset → stage → the newest run: a stage may have been done again by a newer engine."""
    rows = StageRun.objects.filter(asset__in=assets).values("asset", "stage").annotate(run=Max("pk"))
    latest: dict[int, dict[str, int]] = {}
    for row in rows:
        latest.setdefault(row["asset"], {})[row["stage"]] = row["run"]
    return latest


def finished_runs(uuid: UUID) -> tuple[MediaAsset, dict[str, StageRun]]:
    """A finished work and the newest run of each stage. Raises MediaAsset.DoesNotExist."""
    asset = MediaAsset.submissions.get(uuid=uuid, state=AssetState.READY)
    runs = asset.stage_runs.defer("data").select_related("thresholds").order_by("id")
    return asset, {run.stage: run for run in runs}


def evidence_of(uuid: UUID) -> Evidence:
    """Everything found in a finished work. Raises MediaAsset.DoesNotExist."""
    asset, runs = finished_runs(uuid)
    words = language()
    waveform = _file(runs, RenditionKind.WAVEFORM)
    checks = CheckResult.objects.filter(run__in=list(runs.values())).order_by("run__id", "position")
    findings = Finding.objects.filter(run=runs["compliance"]).order_by("start_s", "position")
    return Evidence(
        code=asset.blind_code,
        level_label=level_label(asset.level),
        product_label=product_label(asset.product),
        declared_ai=asset.declared_ai,
        duration_s=asset.duration_s or 0.0,
        waveform=json.loads(store.read(waveform.key)) if waveform else [],
        cues=cues_of(runs["transcribe"]),
        findings=[_finding(row, words) for row in findings],
        checks=[_check(check, words) for check in complete(stored_check(row) for row in checks)],
        engine_line=_engine_line(runs),
        features=features_shown(runs["compliance"], words),
        transcript=int(runs["transcribe"].engines.get(CORRECTED, 0)),
    )


def cues_of(run: StageRun) -> list[EvidenceCue]:
    """The caption lines of a transcription, with the places of names to mask."""
    rows = list(TranscriptSegment.objects.filter(transcript__run=run).order_by("index"))
    masks = mask_cues([_stage_cue(row) for row in rows])
    return [
        EvidenceCue(row.index, row.start_s, row.end_s, row.text, tuple(masks.get(row.index, ())), row.low_trust)
        for row in rows
    ]


def evidence_cues(uuid: UUID) -> list[EvidenceCue]:
    """The caption lines of a finished work. Raises MediaAsset.DoesNotExist."""
    return cues_of(finished_runs(uuid)[1]["transcribe"])


def mask_names(lines: Mapping[int, str]) -> dict[int, list[tuple[int, int]]]:
    """The places of names in lines of a transcript, by line, as `cues_of` masks them."""
    return mask_cues([untimed(number, text) for number, text in lines.items()])


def transcript_versions(uuid: UUID) -> list[TranscriptVersion]:
    """What the machine heard and what people made of it, oldest first. Raises MediaAsset.DoesNotExist."""
    asset = MediaAsset.submissions.get(uuid=uuid, state=AssetState.READY)
    edits = list(TranscriptEdit.objects.filter(asset=asset).order_by("number"))
    corrected = [edit.run_id for edit in edits]
    machine = asset.stage_runs.filter(stage="transcribe").exclude(pk__in=corrected).order_by("-id").values("pk")[:1]
    heard = TranscriptSegment.objects.filter(transcript__run__in=machine).order_by("index")
    lines = tuple(TranscriptLine(row.index, row.start_s, row.end_s, row.text, low_trust=row.low_trust) for row in heard)
    return [
        TranscriptVersion(uuid, 0, lines),
        *(
            TranscriptVersion(
                uuid,
                edit.number,
                tuple(TranscriptLine(**line) for line in edit.lines),
                edit.by,
                edit.reason,
                edit.created_at,
            )
            for edit in edits
        ),
    ]


def evidence_file(uuid: UUID, kind: RenditionKind) -> StoredFile | None:
    """The newest file of a kind of a finished work. Raises MediaAsset.DoesNotExist."""
    return _file(finished_runs(uuid)[1], kind)


def _file(runs: Mapping[str, StageRun], kind: RenditionKind) -> StoredFile | None:
    row = Rendition.objects.filter(run__in=list(runs.values()), kind=kind).order_by("-id").first()
    return StoredFile(row.key, row.size, row.sha256, row.mime) if row else None


def _stage_cue(row: TranscriptSegment) -> Cue:
    return Cue(
        index=row.index,
        start=row.start_s,
        end=row.end_s,
        text=row.text,
        raw=row.raw,
        offsets=tuple(row.offsets),
        avg_logprob=row.avg_logprob,
        no_speech_prob=row.no_speech_prob,
        compression_ratio=row.compression_ratio,
        low_trust=row.low_trust,
    )


def _finding(row: Finding, words: str) -> EvidenceFinding:
    return EvidenceFinding(
        severity=row.severity,
        category_name=row.category_name if words == "zh" else row.category_name_en,
        law=row.law,
        law_note=row.law_note,
        rule=row.rule,
        text=row.text,
        start_s=row.start_s,
        end_s=row.end_s,
        suspected=row.suspected,
        spans=tuple((span["cue_index"], span["start"], span["end"]) for span in row.spans),
        rewording=row.rewording,
    )


def stored_check(row: CheckResult) -> Check:
    """A check of the table as the stages speak of it."""
    note = Reason.from_json(row.note) if row.note else None
    ranges = tuple((float(start), float(end)) for start, end in row.ranges)
    return Check(row.name, Verdict(row.verdict), row.metric, row.threshold, ranges, note)


def _check(check: Check, words: str) -> EvidenceCheck:
    unit = _UNITS_BY_NOTE.get(check.note.code if check.note else "", _UNITS.get(check.name, ""))
    return EvidenceCheck(
        name=check.name,
        label=label(check.name, words),
        verdict=check.verdict.value,
        metric=_figure(check.metric, unit),
        threshold=_figure(check.threshold, unit),
        ranges=check.ranges,
        note=say(check.note, words) if check.note else "",
    )


# Answers among the metrics, in words.
_ANSWERS = {"yes": gettext_noop("declared"), "no": gettext_noop("not declared")}


def _figure(value: float | str | None, unit: str) -> str:
    """A number with its unit; words as they are."""
    if value is None:
        return ""
    if isinstance(value, str):
        return gettext(_ANSWERS[value]) if value in _ANSWERS else value
    if unit == "%":
        return f"{value * 100:.3g}%"
    if unit == "MB":
        return f"{value / (1 << 20):,.1f} MB"
    if unit == "cpm":
        return gettext("%(number)s characters a minute") % {"number": f"{value:g}"}
    if unit == "s":
        return gettext("%(number)s s") % {"number": f"{value:g}"}
    return f"{value:g} {unit}".strip() if unit != "°" else f"{value:g}°"


def _engine_line(runs: Mapping[str, StageRun]) -> str:
    """Engines and rule packs as `ffmpeg 5.1.9; whisper …; rules …`, each once, in the order they worked."""
    engines: dict[str, str] = {}
    for stage in STAGE_NAMES:
        if stage in runs:
            engines |= runs[stage].engines
    return "; ".join(f"{name} {version}" for name, version in engines.items())
