"""The stages in order, the key of a run, and the whole pipeline on one file without any record."""

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from media_pipeline.stages import compliance, intake, measure, similarity, transcribe
from media_pipeline.stages.checks import complete
from media_pipeline.stages.context import Stage, StageContext, StageOutput, Tools
from media_pipeline.stages.ports import Progress
from media_pipeline.stages.thresholds import Thresholds
from media_pipeline.stages.types import Check, Cue, Finding, Json, Reason, Report, Request, StageTiming, Verdict

__all__ = [
    "STAGES",
    "Stage",
    "StageContext",
    "StageOutput",
    "Tools",
    "assemble_report",
    "input_hash",
    "run_offline",
    "stage_named",
    "stages_for",
]

STAGES: tuple[Stage, ...] = (
    Stage("intake", "File check", "文件检查", 1, ("av",), ("waived",), intake.work),
    Stage("measure", "Picture and sound", "画面和声音检测", 4, ("ffmpeg",), (), measure.work),
    Stage(
        "transcribe",
        "Speech to text",
        "语音转文字",
        3,
        ("whisper",),
        ("brand", "product_name"),
        transcribe.work,
        transcribe.asked,
    ),
    Stage(
        "compliance",
        "Words",
        "用语检查",
        2,
        (),
        ("product", "brand", "product_name", "declared_ai"),
        compliance.work,
    ),
    Stage("similarity", "Comparison", "查重比对", 1, ("ffmpeg",), (), similarity.work),
)


class OnStage(Protocol):
    """Hears how far a stage is: its place in STAGES and 0..1; exactly 1 once it is finished."""

    def __call__(self, stage: Stage, share: float, /) -> None: ...


def stages_for(thresholds: Thresholds) -> tuple[Stage, ...]:
    """The stages of a work: where only some checks of picture and sound are wanted, nothing is heard or read after them."""
    return STAGES[:2] if thresholds.only else STAGES


def stage_named(name: str) -> Stage:
    """Raises KeyError."""
    return {stage.name: stage for stage in STAGES}[name]


def input_hash(stage: Stage, source_sha256: str, request: Request, tools: Tools) -> str:
    """Everything a stage's result depends on: the file, versions of the stages so far, the request's fields they read, and
    what else they ask the engines (language and hotwords).

    Same key, same result: a finished run may be reused, also for another upload of the same file.
    """
    chain = STAGES[: STAGES.index(stage) + 1]
    fields = request.to_json()
    parts = {
        "source": source_sha256,
        "versions": [step.version(tools) for step in chain],
        "request": {name: fields[name] for step in chain for name in step.reads},
        "asked": {step.name: step.asked(request, tools) for step in chain if step.asked},
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def assemble_report(facts: Mapping[str, Json], timings: Sequence[StageTiming], tools: Tools) -> Report:
    """The report from the data of the stages that ran; checks of the others are "not run"."""
    done = [Check.from_json(check) for stage in STAGES if stage.name in facts for check in facts[stage.name]["checks"]]
    checks = complete(done, otherwise="not_wanted" if tools.thresholds.only else "")
    refused = tuple(check.note or Reason(check.name) for check in checks if check.verdict is Verdict.FAIL)
    return Report(
        refused=refused,
        duration_s=_duration(facts),
        checks=checks,
        cues=tuple(Cue.from_json(cue) for cue in facts.get("transcribe", {}).get("cues", ())),
        findings=tuple(Finding.from_json(finding) for finding in facts.get("compliance", {}).get("findings", ())),
        timings=tuple(timings),
        engines={**tools.hands.versions(), "rules": tools.rules.version, "thresholds": tools.thresholds.version},
    )


def refused_report(reason: Reason, tools: Tools) -> Report:
    """A report for a file that could not even be looked at."""
    check = Check("container", Verdict.FAIL, note=reason)
    return assemble_report({"intake": {"checks": [check.to_json()], "media": {}}}, (), tools)


def run_offline(source: Path, request: Request, tools: Tools, on_stage: OnStage | None = None) -> Report:
    """All stages on one file, in a folder that is gone afterwards. Stops where a failed check makes the rest pointless."""
    if not source.is_file():
        return refused_report(Reason("no_such_file"), tools)
    if not os.access(source, os.R_OK):
        return refused_report(Reason("no_access"), tools)
    facts: dict[str, Json] = {}
    files: dict[str, Path] = {}
    timings: list[StageTiming] = []
    with tempfile.TemporaryDirectory(prefix="kaibo-") as scratch:
        for stage in stages_for(tools.thresholds):
            workspace = Path(scratch) / stage.name
            workspace.mkdir()
            context = StageContext(source, workspace, facts, files, request, tools, _progress(stage, on_stage))
            output = stage.execute(context)
            facts[stage.name] = output.data
            files |= output.files
            if output.timing:
                timings.append(output.timing)
            if on_stage:
                on_stage(stage, 1.0)
            if output.refused:
                break
    return assemble_report(facts, timings, tools)


def _progress(stage: Stage, on_stage: OnStage | None) -> Progress:
    def progress(share: float) -> None:
        if on_stage and share < 1.0:
            on_stage(stage, share)

    return progress


def _duration(facts: Mapping[str, Json]) -> float | None:
    """Decoded length; where nothing was decoded, what the header promises."""
    measured = facts.get("measure", {}).get("duration_s")
    if measured is not None:
        return float(measured)
    media = facts.get("intake", {}).get("media", {})
    if not media.get("video"):
        return None
    promised = intake.promised_s(media)
    return round(promised, 1) if promised is not None else None
