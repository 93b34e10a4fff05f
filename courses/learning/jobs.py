"""Background work of this room; imported by `CoursesConfig.ready`."""

from courses.learning.services.deadlines import remind
from lms.core import clock
from lms.core.jobs import RunningJob, job_kind


@job_kind("courses.study_reminders", cluster="short", every_s=3600, timeout_s=200)
def study_reminders(job: RunningJob) -> None:
    """Whoever has something to study that is due soon is told; nothing is told twice."""
    remind(now=clock.now())
