"""What the pipeline says to one file, and what it cost."""

from dataclasses import dataclass
from pathlib import Path

from media_pipeline.stages.context import StageContext
from media_pipeline.stages.messages import TEXTS, say
from media_pipeline.stages.pipeline import stage_named
from media_pipeline.stages.types import Json, Request
from tests.media_pipeline.clips import tools

# All that the two stages may leave behind.
OUTPUTS = {"proxy.mp4", "sound.wav", "poster.jpg", "thumbs.jpg", "waveform.json"}


@dataclass(frozen=True)
class Examined:
    """`refused`: codes. `cpu_s`, `wall_s` of both stages; `rss_mb` of the largest child."""

    refused: list[str]
    facts: dict[str, Json]
    cpu_s: float
    wall_s: float
    rss_mb: float


def examine(path: Path, folder: Path, *names: str) -> Examined:
    """Run the stages that touch the upload; every refusal must be a plain sentence in both languages."""
    facts: dict[str, Json] = {}
    refused: list[str] = []
    cpu_s = wall_s = rss_mb = 0.0
    for name in names or ("intake", "measure"):
        workspace = folder / name
        workspace.mkdir(parents=True)
        context = StageContext(path, workspace, facts, {}, Request(), tools(), lambda share: None)
        output = stage_named(name).execute(context)
        assert output.timing is not None
        cpu_s, wall_s = cpu_s + output.timing.cpu_s, wall_s + output.timing.wall_s
        rss_mb = max(rss_mb, output.timing.peak_rss_mb)
        facts[name] = output.data
        left = {str(file.relative_to(workspace)) for file in workspace.rglob("*")}
        if output.refused:
            refused = [reason.code for reason in output.refused]
            for reason in output.refused:
                assert reason.code in TEXTS
                assert all("{" not in say(reason, language) for language in ("zh", "en"))
            break
        assert left <= OUTPUTS, left
    return Examined(refused, facts, cpu_s, wall_s, rss_mb)
