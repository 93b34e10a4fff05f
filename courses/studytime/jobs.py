"""Background work of this room; imported by `CoursesConfig.ready`."""

from courses.studytime.services import refresh_days
from lms.core.jobs import RunningJob, job_kind

_DAYS_A_RUN = 2_000


@job_kind("courses.study_days", cluster="short", every_s=60, timeout_s=240)
def study_days(job: RunningJob) -> None:
    """Make the sums of days that have new beats."""
    refresh_days(limit=_DAYS_A_RUN)
