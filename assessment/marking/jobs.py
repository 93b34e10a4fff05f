"""Background work of marking; imported by `AssessmentConfig.ready`."""

from django.utils.translation import gettext_noop

from assessment.candidates.types import NoCandidacy
from assessment.marking.services.allocation import ALLOCATION_JOB, NotMarkable, allocate, ask_for_waiting
from lms.core import clock
from lms.core.jobs import GiveUp, RunningJob, job_kind

_NOT_MARKABLE = gettext_noop("The assessment specification names no rubric that is installed here.")
_NO_SUCH_WORK = gettext_noop("The work is not handed in for an examination.")
_EVERY_S = 15 * 60


@job_kind(ALLOCATION_JOB, cluster="short", max_attempts=5, timeout_s=60)
def run_allocation(job: RunningJob) -> None:
    """Form or complete one panel."""
    try:
        allocate(submission=job.subject, now=clock.now())
    except NotMarkable as wrong:
        raise GiveUp(_NOT_MARKABLE) from wrong
    except NoCandidacy as wrong:
        raise GiveUp(_NO_SUCH_WORK) from wrong


@job_kind("marking.ask_again", cluster="short", every_s=_EVERY_S, timeout_s=60)
def ask_again(job: RunningJob) -> None:
    """Panels with empty seats: cards become valid, ties end, people join without any news of it."""
    ask_for_waiting()
