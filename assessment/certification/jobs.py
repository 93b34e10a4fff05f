"""Background work of this room; imported by `AssessmentConfig.ready`."""

from datetime import timedelta

from assessment.certification.papers import discard_orphans
from lms.core import clock
from lms.core.jobs import RunningJob, job_kind

_KEPT_S = 24 * 3600


@job_kind("certification.tidy_papers", every_s=_KEPT_S, timeout_s=240)
def tidy_papers(job: RunningJob) -> None:
    """Remove papers that a process stored a day ago or earlier and was killed before it issued them."""
    discard_orphans(before=clock.real_now() - timedelta(seconds=_KEPT_S))
