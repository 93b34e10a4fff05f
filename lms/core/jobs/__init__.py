"""The job ledger: the record of background work, with django-q2 as its doorbell (architecture, "Background work").

    @job_kind("media.stage", cluster="media")
    def run_stage(job: RunningJob) -> None: ...

    with transaction.atomic():
        enqueue("media.stage", asset.uuid, key=f"{asset.uuid}:measure")

A handler runs at least once and may be killed at any moment: its writes are idempotent, or happen in a transaction
that begins with `job.hold()`.
"""

from lms.core.jobs.models import Job
from lms.core.jobs.registry import MEDIA, SHORT, job_kind, kinds
from lms.core.jobs.runner import drain, run_next
from lms.core.jobs.selectors import dead_count, dead_jobs, latest_job
from lms.core.jobs.services import NotDead, cancel, enqueue, retry_dead, sweep
from lms.core.jobs.types import (
    DeadJob,
    GiveUp,
    JobDied,
    JobInterrupted,
    JobState,
    JobTimeout,
    JobView,
    LeaseLost,
    RunningJob,
    TryAgain,
    WorkerStopping,
)

__all__ = [
    "MEDIA",
    "SHORT",
    "DeadJob",
    "GiveUp",
    "Job",
    "JobDied",
    "JobInterrupted",
    "JobState",
    "JobTimeout",
    "JobView",
    "LeaseLost",
    "NotDead",
    "RunningJob",
    "TryAgain",
    "WorkerStopping",
    "cancel",
    "dead_count",
    "dead_jobs",
    "drain",
    "enqueue",
    "job_kind",
    "kinds",
    "latest_job",
    "retry_dead",
    "run_next",
    "sweep",
]
