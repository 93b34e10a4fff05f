"""Background work of re-checks; imported by `MediaPipelineConfig.ready`."""

from lms.core.jobs import job_kind
from media_pipeline.rechecks.services import run_recheck
from media_pipeline.rechecks.types import RECHECK_JOB

# Some milliseconds a work: 10,000 works need a minute or two.
recheck_job = job_kind(RECHECK_JOB, cluster="media", max_attempts=5, timeout_s=3600)(run_recheck)
