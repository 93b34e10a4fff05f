"""Background work of marks; imported by `AssessmentConfig.ready`."""

from collections.abc import Callable

from assessment.theory.services.corrections import TRY_JOB, try_correction
from assessment.theory.services.marking import PAPER_JOB, SITTING_JOB, mark_attempt, mark_sitting
from assessment.theory.services.release import TELL_JOB, tell_released
from lms.core import clock
from lms.core.jobs import RunningJob, job_kind


def _beat(job: RunningJob) -> Callable[[int, int], None]:
    """Each piece asks whether the job is still this worker's, and says how far it is."""

    def beat(done: int, of: int) -> None:
        job.hold()
        job.progress(done / of if of else 1.0)

    return beat


@job_kind(SITTING_JOB, cluster="short", max_attempts=5, timeout_s=200)
def run_marking(job: RunningJob) -> None:
    """Mark a closed sitting, or bring its marks up to date."""
    mark_sitting(sitting=job.subject, now=clock.now(), beat=_beat(job))


@job_kind(PAPER_JOB, cluster="short", max_attempts=5, timeout_s=60)
def run_paper(job: RunningJob) -> None:
    """The same for one paper."""
    mark_attempt(attempt=job.subject, now=clock.now())


@job_kind(TRY_JOB, cluster="short", max_attempts=5, timeout_s=200)
def run_trial(job: RunningJob) -> None:
    """What a correction would change."""
    try_correction(correction=job.subject, now=clock.now(), beat=_beat(job))


@job_kind(TELL_JOB, cluster="short", max_attempts=5, timeout_s=200)
def run_telling(job: RunningJob) -> None:
    """Make released marks known."""
    tell_released(sitting=job.subject, now=clock.now(), beat=_beat(job))
