"""Background work of this room; imported by `CoursesConfig.ready`."""

from django.core.management import call_command

from lms.core.jobs import RunningJob, job_kind


@job_kind("courses.publish_scheduled", cluster="short", every_s=60, timeout_s=120)
def publish_scheduled(job: RunningJob) -> None:
    """Let approved texts go live, and expire, on their date (Wagtail's own, in real time)."""
    call_command("publish_scheduled")
