"""Background work of this room; imported by `AssessmentConfig.ready`."""

from assessment.results.services import expire_due
from lms.core import clock
from lms.core.jobs import RunningJob, job_kind

_DAY_S = 24 * 3600


@job_kind("results.expire_parts", every_s=_DAY_S, timeout_s=240)
def expire_parts_due(job: RunningJob) -> None:
    """Passed parts whose months are over count no longer."""
    expire_due(now=clock.now(), beat=job.hold)
