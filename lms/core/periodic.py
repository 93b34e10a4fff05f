"""The ground floor's own background work; imported by `CoreConfig.ready`."""

from lms.core import audit, clock
from lms.core.jobs import RunningJob, job_kind


# Many attempts with growing pauses: a database that is away for an hour must not end the sealing.
@job_kind("core.audit_seal", cluster="short", every_s=60, max_attempts=50, timeout_s=120)
def seal_audit(job: RunningJob) -> None:
    """Seal what was recorded in the last minute."""
    audit.seal(now=clock.now())
