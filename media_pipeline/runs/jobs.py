"""Background work of the pipeline; imported by `MediaPipelineConfig.ready`."""

import shutil
from datetime import timedelta
from pathlib import Path

from django.conf import settings

from lms.core import clock
from lms.core.events import subscribe
from lms.core.jobs import JobDied, RunningJob, job_kind
from media_pipeline.assets.services import discard_orphans
from media_pipeline.assets.types import STAGE_JOB
from media_pipeline.runs.services import note_dead_job, run_stage

_KEPT_S = 24 * 3600

# A 30-minute video (the longest accepted) takes minutes; the limit is for what hangs, and lies below the cluster's own.
stage_job = job_kind(STAGE_JOB, cluster="media", max_attempts=3, timeout_s=6600)(run_stage)
subscribe(JobDied, note_dead_job)


@job_kind("media.tidy_scratch", cluster="short", every_s=3600, timeout_s=120)
def tidy_scratch(job: RunningJob) -> None:
    """Remove what killed processes left in the scratch folders a day ago: half-received uploads, stage folders."""
    before = clock.real_now().timestamp() - _KEPT_S
    for folder in ("uploads", "stages"):
        place = Path(settings.SCRATCH_DIR) / folder
        for left in place.iterdir() if place.is_dir() else ():
            if left.stat().st_mtime < before:
                shutil.rmtree(left) if left.is_dir() else left.unlink(missing_ok=True)


@job_kind("media.tidy_store", cluster="short", every_s=_KEPT_S, timeout_s=240)
def tidy_store(job: RunningJob) -> None:
    """Remove files that a process stored a day ago or earlier and was killed before it recorded them."""
    discard_orphans(before=clock.real_now() - timedelta(seconds=_KEPT_S))
