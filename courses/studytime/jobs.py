"""Background work of this room; imported by `CoursesConfig.ready`."""

from courses.studytime.platforms import clear_staged
from courses.studytime.services import refresh_days
from lms.core import clock
from lms.core.jobs import RunningJob, job_kind

_DAYS_A_RUN = 2_000


@job_kind("courses.study_days", cluster="short", every_s=60, timeout_s=240)
def study_days(job: RunningJob) -> None:
    """Make the sums of days that have new beats."""
    refresh_days(limit=_DAYS_A_RUN)


@job_kind("courses.staged_logs", cluster="short", every_s=6 * 3600, timeout_s=60)
def staged_logs(job: RunningJob) -> None:
    """Drop logs of other platforms that were looked at and never handed in."""
    clear_staged(now=clock.real_now())
