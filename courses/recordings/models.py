"""Recordings of a class's sessions, by name. The file and what was measured of it are the media pipeline's."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from courses.classes.models import TrainingClass
from courses.recordings.types import Mode
from lms.core.constraints import is_sha256, one_of
from lms.core.records import Record

__all__ = ["ClassRecording"]


class ClassRecording(Record):
    """One file of one session. `asset`: the media pipeline's; `by`: the login that handed it in.

    It is evidence and stays for the policy's years: one handed in by mistake is withdrawn with a reason, never deleted.
    `sha256` tells a file that is handed in twice to look like two sessions.
    """

    training_class = models.ForeignKey(TrainingClass, on_delete=models.PROTECT, related_name="recordings")
    asset = models.UUIDField(unique=True)
    sha256 = models.CharField(max_length=64)
    subject = models.CharField(max_length=60)
    mode = models.CharField(max_length=10)
    held_on = models.DateField()
    starts_at = models.TimeField()
    minutes = models.PositiveSmallIntegerField()
    by = models.UUIDField()
    is_demo = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.UUIDField(null=True)
    withdraw_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = _("class recording")
        verbose_name_plural = _("class recordings")
        ordering = ["held_on", "starts_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["training_class", "sha256"],
                condition=Q(withdrawn_at=None),
                name="courses_one_recording_a_file",
            ),
            models.CheckConstraint(condition=one_of("mode", list(Mode)), name="courses_recording_mode"),
            models.CheckConstraint(condition=Q(minutes__gt=0), name="courses_recording_minutes"),
            models.CheckConstraint(condition=is_sha256("sha256"), name="courses_recording_hash"),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdraw_reason="")
                | (Q(withdrawn_at__isnull=False) & ~Q(withdraw_reason="")),
                name="courses_recording_withdrawn_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.training_class} {self.held_on} {self.starts_at:%H:%M}"
