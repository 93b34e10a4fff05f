"""What a stage is given and what it gives back."""

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from media_pipeline.stages.ports import Earlier, Hands, Progress, RuleBook
from media_pipeline.stages.thresholds import Thresholds
from media_pipeline.stages.types import Check, Json, Reason, Request, StageTiming, Verdict

WAIVED = "waived"


@dataclass(frozen=True)
class Tools:
    """The engines, rule book and thresholds of an installation. Made fresh for each run: hands count what they spend.

    `language`: what is spoken here, as Whisper names it.
    """

    hands: Hands
    rules: RuleBook
    thresholds: Thresholds
    language: str = "zh"


@dataclass(frozen=True)
class StageContext:
    """One run of a stage.

    `source` is the upload under a name we chose, `workspace` this run's own empty folder, `facts` the data of the
    earlier stages by name, `files` their files by name. `kept` is a folder of this very work (same stage, same key) that
    outlives an attempt which was killed, on the same machine only; it may be missing, and None where nothing is kept.
    `earlier`: the works to compare this one with, None where there is no record of any.
    """

    source: Path
    workspace: Path
    facts: Mapping[str, Json]
    files: Mapping[str, Path]
    request: Request
    tools: Tools
    progress: Progress
    kept: Path | None = None
    earlier: Earlier | None = None


@dataclass(frozen=True)
class StageOutput:
    """What a stage found. `data` is plain JSON and always has "checks"; `refused` is not empty when a check failed."""

    data: Json
    files: Mapping[str, Path] = field(default_factory=dict)
    refused: tuple[Reason, ...] = ()
    timing: StageTiming | None = None


def waived(output: StageOutput, names: Collection[str]) -> StageOutput:
    """The same without a word on the checks of these names: a decision waives them, and they refuse nothing.

    Not even their figures are kept: they would tell what the decision is about.
    """
    if not names:
        return output
    found = [Check.from_json(check) for check in output.data["checks"]]
    checks = [Check(each.name, Verdict.NOT_RUN, note=Reason(WAIVED)) if each.name in names else each for each in found]
    refused = tuple(check.note for check in checks if check.verdict is Verdict.FAIL and check.note)
    return StageOutput(output.data | {"checks": [check.to_json() for check in checks]}, output.files, refused)


@dataclass(frozen=True)
class Stage:
    """A step of the pipeline. `title` is its msgid, `title_zh` the Chinese; `reads` the request's fields it depends on.

    `work` does it; use `execute`, which also takes the time. `asked`: what else it asks an engine, made of request and tools;
    part of the key.
    """

    name: str
    title: str
    title_zh: str
    revision: int
    engines: tuple[str, ...]
    reads: tuple[str, ...]
    work: Callable[[StageContext], StageOutput]
    asked: Callable[[Request, Tools], Json] | None = None

    def version(self, tools: Tools) -> str:
        """Revision, engines, thresholds and, where it judges words, rule pack: same version, same result."""
        engines = tools.hands.versions()
        parts = [
            f"{self.name} {self.revision}",
            *(f"{name} {engines[name]}" for name in self.engines if name in engines),
        ]
        if self.name == "compliance":
            parts.append(f"rules {tools.rules.version}")
        parts.append(f"thresholds {tools.thresholds.version}")
        return "; ".join(parts)

    def execute(self, context: StageContext) -> StageOutput:
        """Do the work and time it. Raises EngineError where an engine is missing; a bad file is a refusal, not an error."""
        wall, own, (children, _) = time.monotonic(), time.thread_time(), context.tools.hands.spent()
        output = waived(self.work(context), context.request.waived)
        spent, rss = context.tools.hands.spent()
        timing = StageTiming(
            stage=self.name,
            wall_s=time.monotonic() - wall,
            cpu_s=time.thread_time() - own + spent - children,
            peak_rss_mb=rss,
        )
        return StageOutput(output.data, output.files, output.refused, timing)
