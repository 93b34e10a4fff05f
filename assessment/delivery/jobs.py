"""Background work of delivery; imported by `AssessmentConfig.ready`."""

from assessment.delivery.services import fix_due_rosters, time_out_due
from lms.core import clock
from lms.core.jobs import RunningJob, job_kind


@job_kind("delivery.time_out", cluster="short", every_s=60, timeout_s=120)
def end_what_is_over(job: RunningJob) -> None:
    """Attempts whose time is up and whose page never said so."""
    time_out_due(now=clock.now())


@job_kind("delivery.fix_rosters", cluster="short", every_s=60, timeout_s=120)
def fix_rosters(job: RunningJob) -> None:
    """Rosters at their hour."""
    fix_due_rosters(now=clock.now())
