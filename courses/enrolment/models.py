"""Who asked to join which class, and how that stands."""

import json
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from courses.classes.models import TrainingClass
from courses.enrolment.logic import packed, unpacked
from courses.enrolment.types import LET_GO, MOVES, Declaration, EnrolmentState
from lms.accounts.api import Person
from lms.core.crypto import EncryptedTextField
from lms.core.records import Record
from lms.core.states import move_state

__all__ = ["Enrolment"]


class Enrolment(Record):
    """One person's enrolment in one class (报名). What she declared may say that she is poor or disabled: encrypted.

    `decision`: the latest on her eligibility; `reason`: what the office wrote when it let her go; `candidacy` and
    `certificate` by uuid, once there are such.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="enrolments")
    training_class = models.ForeignKey(TrainingClass, on_delete=models.PROTECT, related_name="enrolments")
    state = models.CharField(max_length=16, default=EnrolmentState.SUBMITTED)
    declared = EncryptedTextField(_("what was declared"), blank=True)
    decision = models.UUIDField(null=True)
    reason = EncryptedTextField(_("reason"), blank=True)
    candidacy = models.UUIDField(null=True, unique=True)
    certificate = models.UUIDField(null=True)
    submitted_by = models.UUIDField(null=True)
    decided_by = models.UUIDField(null=True)
    is_demo = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    moved_at = models.DateTimeField()

    class Meta:
        verbose_name = _("enrolment")
        verbose_name_plural = _("enrolments")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "training_class"],
                condition=~Q(state__in=sorted(LET_GO)),
                name="courses_one_enrolment_a_class",
            ),
            models.CheckConstraint(condition=Q(state__in=sorted(EnrolmentState)), name="courses_enrolment_state"),
        ]
        indexes = [models.Index(fields=["training_class", "state"], name="courses_enrolment_roster")]

    def __str__(self) -> str:
        return str(self.uuid)

    @property
    def declaration(self) -> Declaration:
        """What she declared."""
        return unpacked(json.loads(self.declared)) if self.declared else Declaration()

    @declaration.setter
    def declaration(self, said: Declaration) -> None:
        self.declared = json.dumps(packed(said), ensure_ascii=False, sort_keys=True)

    def move(self, after: EnrolmentState, *, now: datetime, **fields: Any) -> None:
        """Compare-and-set from the state this object was read in; `fields` go into the same UPDATE. Raises IllegalMove."""
        move_state(self, after, MOVES, moved_at=now, **fields)
