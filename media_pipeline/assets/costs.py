"""What the pipeline spent on a work, stage by stage."""

from dataclasses import dataclass
from uuid import UUID

from media_pipeline.assets.labels import stage_title
from media_pipeline.assets.models import StageRun

__all__ = ["StageCost", "stage_costs"]


@dataclass(frozen=True)
class StageCost:
    """One stage run: wall and CPU seconds (children included), and the resident megabytes of its largest child."""

    stage: str
    title: str
    wall_s: float
    cpu_s: float
    peak_rss_mb: float


def stage_costs(work: UUID) -> list[StageCost]:
    """The newest run of each stage in the order they ran; empty for a work nothing has run on yet."""
    runs = {run.stage: run for run in StageRun.objects.filter(asset__uuid=work).defer("data").order_by("id")}
    return [
        StageCost(run.stage, stage_title(run.stage), run.wall_s, run.cpu_s, run.peak_rss_mb)
        for run in sorted(runs.values(), key=lambda run: run.pk)
    ]
