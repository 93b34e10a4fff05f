"""The pool of examiners (考评员库)."""

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from assessment.examiners.types import MOVES, ExaminerGrade, ExaminerState
from lms.accounts.api import Organisation
from lms.core.crypto import EncryptedTextField
from lms.core.records import Record
from lms.core.states import move_state

__all__ = ["Examiner"]


class Examiner(Record):
    """A qualified person of one evaluation body (S1-29), filed with the labour bureau (S1-30).

    `levels`: numbers 5 to 1 she may assess; `card_no`: of her qualification card, found again by `card_index`.
    Both days of validity are included.
    """

    user = models.UUIDField(db_index=True)
    person = models.UUIDField(null=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="examiners")
    card_no = EncryptedTextField(_("number of the qualification card"))
    card_index = models.CharField(max_length=64, editable=False)
    grade = models.CharField(max_length=10)
    levels = models.JSONField(default=list)
    valid_from = models.DateField()
    valid_to = models.DateField()
    state = models.CharField(max_length=10, default=ExaminerState.DRAFT)
    created_by = models.UUIDField(null=True)
    created_at = models.DateTimeField()
    filed_at = models.DateTimeField(null=True)
    filed_by = models.UUIDField(null=True)
    is_demo = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("examiner")
        verbose_name_plural = _("examiners")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "organisation"],
                condition=~Q(state=ExaminerState.ENDED),
                name="assessment_one_examiner_a_body",
            ),
            models.UniqueConstraint(
                fields=["card_index"], condition=~Q(state=ExaminerState.ENDED), name="assessment_one_examiner_a_card"
            ),
            models.CheckConstraint(condition=~Q(card_index=""), name="assessment_examiner_has_card"),
            models.CheckConstraint(condition=Q(grade__in=sorted(ExaminerGrade)), name="assessment_examiner_grade"),
            models.CheckConstraint(condition=Q(state__in=sorted(ExaminerState)), name="assessment_examiner_state"),
            models.CheckConstraint(condition=Q(valid_to__gte=F("valid_from")), name="assessment_examiner_days"),
            models.CheckConstraint(
                condition=Q(state__in=[ExaminerState.DRAFT, ExaminerState.ENDED]) | Q(filed_at__isnull=False),
                name="assessment_examiner_is_filed",
            ),
        ]

    def __str__(self) -> str:
        return str(self.uuid)

    def move(self, after: ExaminerState, **fields: Any) -> None:
        """Compare-and-set from the state this object was read in; `fields` go into the same UPDATE. Raises IllegalMove."""
        move_state(self, after, MOVES, **fields)
