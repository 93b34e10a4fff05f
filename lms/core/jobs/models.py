"""The job ledger's one table."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lms.core.jobs.types import LIVE, JobState
from lms.core.records import Record

__all__ = ["Job"]

_WAITING, _RUNNING, _DEAD = JobState.WAITING.value, JobState.RUNNING.value, JobState.DEAD.value
_LIVE = [state.value for state in LIVE]


class Job(Record):
    """A piece of background work about one subject. All times are real time (`clock.real_now`)."""

    kind = models.CharField(max_length=60)
    subject = models.UUIDField()
    key = models.CharField(max_length=200)
    cluster = models.CharField(max_length=20)
    state = models.CharField(max_length=12, choices=[(s.value, s.value) for s in JobState], default=_WAITING)
    attempt = models.PositiveIntegerField(default=0)
    max_attempts = models.PositiveIntegerField()
    # Names one claim: a worker that lost its lease cannot write over the one that holds it now.
    token = models.UUIDField(null=True, editable=False)
    lease_until = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    progress = models.FloatField(null=True)
    note = models.CharField(max_length=200, blank=True, default="")
    error = models.TextField(blank=True, default="")
    error_detail = models.TextField(blank=True, default="")
    not_before = models.DateTimeField()
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        constraints = [
            models.UniqueConstraint(fields=["kind", "key"], condition=Q(state__in=_LIVE), name="core_one_live_job"),
            models.CheckConstraint(
                condition=~Q(state=_RUNNING) | Q(token__isnull=False, lease_until__isnull=False, attempt__gte=1),
                name="core_running_job_leased",
            ),
            models.CheckConstraint(
                condition=Q(progress=None) | Q(progress__gte=0, progress__lte=1), name="core_job_progress"
            ),
        ]
        indexes = [
            models.Index(fields=["cluster", "not_before", "id"], condition=Q(state=_WAITING), name="core_job_due"),
            models.Index(fields=["lease_until"], condition=Q(state=_RUNNING), name="core_job_leased"),
            models.Index(fields=["subject", "kind"], name="core_job_subject"),
            models.Index(fields=["-finished_at"], condition=Q(state=_DEAD), name="core_job_dead"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject} {self.state} {self.attempt}/{self.max_attempts}"
