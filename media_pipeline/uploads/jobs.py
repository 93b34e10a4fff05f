"""Background work of uploads; imported by `MediaPipelineConfig.ready`."""

from datetime import timedelta

from lms.core import clock
from lms.core.events import subscribe
from lms.core.jobs import JobDied, RunningJob, job_kind
from media_pipeline.uploads.models import Upload
from media_pipeline.uploads.transfers import (
    RECEIVE_JOB,
    discard_orphan_parts,
    expire_uploads,
    finish_upload,
)
from media_pipeline.uploads.types import UploadState

_DAY = timedelta(days=1)


@job_kind(RECEIVE_JOB, cluster="short", max_attempts=8, timeout_s=280)
def receive(job: RunningJob) -> None:
    """Make the work of an upload that has arrived whole, unless the request of its last piece did."""
    finish_upload(uuid=job.subject, now=clock.now())


@job_kind("media.expire_uploads", cluster="short", every_s=600, timeout_s=240)
def expire(job: RunningJob) -> None:
    """End abandoned uploads."""
    expire_uploads(real=clock.real_now())


@job_kind("media.tidy_uploads", cluster="short", every_s=24 * 3600, timeout_s=240)
def tidy(job: RunningJob) -> None:
    """Remove bytes that no upload and no work names, a day after they were written."""
    discard_orphan_parts(before=clock.real_now() - _DAY)


def note_dead_job(event: JobDied) -> None:
    """Hears JobDied: her page says what stands in the way; the job waits for staff."""
    if event.kind == RECEIVE_JOB:
        Upload.objects.filter(uuid=event.subject, state=UploadState.RECEIVED).update(message=event.reason[:500])


subscribe(JobDied, note_dead_job)
