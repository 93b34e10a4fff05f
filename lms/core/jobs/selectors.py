"""What pages may know of jobs. Whether a person may see it is decided above (accounts' matrix: "dead_letter")."""

from datetime import datetime
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext

from lms.core.jobs.models import Job
from lms.core.jobs.types import DeadJob, JobState, JobView


def _plain(reason: str) -> str:
    return gettext(reason) if reason else ""


def dead_jobs(*, limit: int = 200) -> list[DeadJob]:
    """The dead-letter list, latest first. For administrators: `detail` is a traceback."""
    rows = Job.objects.filter(state=JobState.DEAD).order_by("-finished_at", "-id")[:limit]
    return [
        DeadJob(
            uuid=row.uuid,
            kind=row.kind,
            subject=row.subject,
            key=row.key,
            reason=_plain(row.error),
            attempts=row.attempt,
            max_attempts=row.max_attempts,
            died_at=row.finished_at or row.created_at,
            detail=row.error_detail,
        )
        for row in rows
    ]


def dead_count() -> int:
    """How many jobs wait for a person."""
    return Job.objects.filter(state=JobState.DEAD).count()


def latest_job(*, subject: UUID, kind: str | None = None) -> JobView | None:
    """The newest job about a subject (of one kind), with the number of jobs ahead of it when it waits."""
    rows = Job.objects.filter(subject=subject)
    if kind:
        rows = rows.filter(kind=kind)
    row = rows.order_by("-id").first()
    if row is None:
        return None
    return JobView(
        uuid=row.uuid,
        kind=row.kind,
        subject=row.subject,
        key=row.key,
        state=JobState(row.state),
        attempt=row.attempt,
        max_attempts=row.max_attempts,
        progress=row.progress,
        note=_plain(row.note),
        reason=_plain(row.error),
        ahead=_ahead(row.cluster, row.not_before, row.pk) if row.state == JobState.WAITING else 0,
    )


def _ahead(cluster: str, not_before: datetime, pk: int) -> int:
    """Jobs the cluster takes first: those running and those due earlier."""
    earlier = Q(state=JobState.WAITING) & (Q(not_before__lt=not_before) | Q(not_before=not_before, pk__lt=pk))
    return Job.objects.filter(Q(state=JobState.RUNNING) | earlier, cluster=cluster).count()
