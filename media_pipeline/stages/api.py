"""The door of the stages: what happens to a work, in which order, and how one run of a stage is done.

    tools = media_pipeline.toolbox.tools()                       # hands, rule book and thresholds of this installation
    for stage in STAGES:
        key = input_hash(stage, source_sha256, request, tools)   # same key: the finished result may be reused
        output = stage.execute(StageContext(source, workspace, facts, files, request, tools, progress))
        facts[stage.name] = output.data                          # JSON
        files |= output.files                                    # name → path inside the workspace
        if output.refused:
            break                                                # the later checks stay "not run"
    report = assemble_report(facts, timings, tools)

A stage may be killed at any time: it writes only into its own empty `workspace`, and every file is written aside and
then renamed. Nothing here knows Django or the database.

Files after `measure`: proxy (mp4, H.264/AAC, short side 480 at most, or the remuxed original), wav (16 kHz mono, absent
when the work has no sound), poster (jpg), thumbs (jpg sprite), waveform (JSON list of peaks 0..1). After `transcribe`:
captions (WebVTT).
"""

from media_pipeline.stages.measure_plan import PROXY_ENCODER
from media_pipeline.stages.pipeline import (
    STAGES,
    Stage,
    StageContext,
    StageOutput,
    Tools,
    assemble_report,
    input_hash,
    run_offline,
    stage_named,
    stages_for,
)
from media_pipeline.stages.ports import (
    Command,
    EngineError,
    EngineLimit,
    Hands,
    Interrupted,
    Limits,
    NoRoom,
    Outcome,
    Recognition,
    RuleBook,
)
from media_pipeline.stages.types import (
    Check,
    Cue,
    Finding,
    Reason,
    Report,
    Request,
    Severity,
    Span,
    StageTiming,
    Verdict,
    Word,
)

__all__ = [
    "PROXY_ENCODER",
    "STAGES",
    "Check",
    "Command",
    "Cue",
    "EngineError",
    "EngineLimit",
    "Finding",
    "Hands",
    "Interrupted",
    "Limits",
    "NoRoom",
    "Outcome",
    "Reason",
    "Recognition",
    "Report",
    "Request",
    "RuleBook",
    "Severity",
    "Span",
    "Stage",
    "StageContext",
    "StageOutput",
    "StageTiming",
    "Tools",
    "Verdict",
    "Word",
    "assemble_report",
    "input_hash",
    "run_offline",
    "stage_named",
    "stages_for",
]
