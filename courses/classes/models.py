"""Classes and who teaches them. Profile and specification are named by uuid and pinned for good."""

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from courses.classes.types import MOVES, ClassState
from lms.accounts.api import Organisation, Person
from lms.core.records import Record, WrittenOnce
from lms.core.states import move_state
from lms.core.types import Level

__all__ = ["ClassInstructor", "ManifestPin", "TrainingClass"]


class TrainingClass(Record):
    """One run of a training (班次). Hours are class hours; `decision` is the latest on its opening.

    `opening_note`: what the bureau wrote when it opened or returned it.
    """

    LEVELS = [(level.value, level.rank_zh) for level in Level]

    name = models.CharField(pgettext_lazy("class", "name"), max_length=100)
    institution = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="training_classes")
    profile = models.UUIDField()
    specification = models.UUIDField()
    level = models.PositiveSmallIntegerField(_("level"), choices=LEVELS)
    occupation = models.CharField(max_length=60)
    job = models.CharField(max_length=60)
    starts_on = models.DateField(_("first training day"))
    ends_on = models.DateField(_("last training day"))
    planned_hours = models.PositiveSmallIntegerField(_("planned class hours"))
    theory_hours = models.PositiveSmallIntegerField(null=True)
    practice_hours = models.PositiveSmallIntegerField(null=True)
    hour_minutes = models.PositiveSmallIntegerField(null=True)
    days = models.PositiveSmallIntegerField(null=True)
    offline_days = models.PositiveSmallIntegerField(null=True)
    modes = models.JSONField(default=list)
    training_type = models.CharField(max_length=40, blank=True)
    capacity = models.PositiveSmallIntegerField(_("places"))
    size_reason = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=12, default=ClassState.PLANNED)
    decision = models.UUIDField(null=True)
    opening_note = models.CharField(max_length=300, blank=True)
    filed_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)
    opened_by = models.UUIDField(null=True)
    created_by = models.UUIDField(null=True)
    is_demo = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    moved_at = models.DateTimeField()

    class Meta:
        verbose_name = _("training class")
        verbose_name_plural = _("training classes")
        ordering = ["-starts_on", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["institution", "name"], name="courses_one_class_a_name"),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="courses_class_days"),
            models.CheckConstraint(condition=Q(planned_hours__gt=0, capacity__gt=0), name="courses_class_sizes"),
            models.CheckConstraint(condition=Q(state__in=sorted(ClassState)), name="courses_class_state"),
            models.CheckConstraint(condition=Q(level__in=[int(level) for level in Level]), name="courses_class_level"),
        ]

    def __str__(self) -> str:
        return self.name

    def move(self, after: ClassState, *, now: datetime, **fields: Any) -> None:
        """Compare-and-set from the state this object was read in; `fields` go into the same UPDATE. Raises IllegalMove."""
        move_state(self, after, MOVES, moved_at=now, **fields)


class ClassInstructor(Record):
    """Who teaches a class; the tie that keeps her from judging its people is written beside it."""

    training_class = models.ForeignKey(TrainingClass, on_delete=models.PROTECT, related_name="instructors")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="taught_classes")
    added_by = models.UUIDField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("instructor of a class")
        verbose_name_plural = _("instructors of a class")
        constraints = [
            models.UniqueConstraint(fields=["training_class", "person"], name="courses_one_instructor_a_class"),
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.training_class}"


class ManifestPin(Record, WrittenOnce):
    """The curriculum a class is taught from: the latest pin counts. The first is made with the plan, later ones by decision.

    `manifest` is `courses.catalogue`'s. A reason is given for every pin but the first.
    """

    training_class = models.ForeignKey(TrainingClass, on_delete=models.PROTECT, related_name="manifest_pins")
    manifest = models.UUIDField()
    reason = models.CharField(max_length=300, blank=True)
    by = models.UUIDField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("curriculum of a class")
        verbose_name_plural = _("curricula of classes")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.training_class} {self.manifest}"
