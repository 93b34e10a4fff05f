"""Background work of notices; imported by `NoticesConfig.ready`."""

from lms.core.jobs import job_kind
from lms.notices.services import DELIVER_JOB, deliver

deliver_job = job_kind(DELIVER_JOB, cluster="short", max_attempts=5, timeout_s=60)(deliver)
