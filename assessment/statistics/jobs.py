"""Background work of statistics; imported by `AssessmentConfig.ready`."""

from assessment.statistics.services.concerns import lay_before_committee
from assessment.statistics.services.runs import (
    GROUP_JOB,
    LEVEL_JOB,
    SITTING_JOB,
    analyse_group,
    analyse_level,
    refresh_sitting,
)
from lms.core import clock
from lms.core.jobs import RunningJob, job_kind
from lms.core.types import Level


@job_kind(SITTING_JOB, cluster="short", timeout_s=240)
def run_sitting(job: RunningJob) -> None:
    """One released sitting and its level."""
    refresh_sitting(sitting=job.subject, now=clock.now())


@job_kind(GROUP_JOB, cluster="short", timeout_s=240)
def run_group(job: RunningJob) -> None:
    """Parallel papers over all sittings."""
    analyse_group(group=job.subject, now=clock.now())


@job_kind(LEVEL_JOB, cluster="short", timeout_s=240)
def run_level(job: RunningJob) -> None:
    """Every version of a level."""
    level = Level(job.subject.int)
    analyse_level(level=level, now=clock.now())
    lay_before_committee(level=level, now=clock.now())
