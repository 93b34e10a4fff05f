"""What was handed in for practice tasks, how it was marked, and what it came to."""

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from courses.enrolment.models import Enrolment
from courses.homework.types import MOVES, OPEN_STATES, ItemState
from lms.core.constraints import is_sha256
from lms.core.crypto import EncryptedTextField
from lms.core.records import Record, WrittenOnce
from lms.core.states import move_state

__all__ = ["HomeworkItem", "HomeworkMark", "HomeworkPart", "HomeworkPicture", "HomeworkReturn", "HomeworkRubric"]

_MARK = Q(mark__gte=0, mark__lte=100)


class HomeworkRubric(Record, WrittenOnce):
    """One version of a rubric, loaded from our file. `content` is the entry, `content_hash` its SHA-256."""

    key = models.CharField(max_length=60)
    version = models.PositiveSmallIntegerField()
    content = models.JSONField()
    content_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("homework rubric")
        verbose_name_plural = _("homework rubrics")
        constraints = [
            models.UniqueConstraint(fields=["key", "version"], name="courses_homework_rubric_version"),
            models.CheckConstraint(condition=Q(version__gte=1), name="courses_homework_rubric_from_one"),
            models.CheckConstraint(condition=is_sha256("content_hash"), name="courses_homework_rubric_hash"),
        ]

    def __str__(self) -> str:
        return f"{self.key} v{self.version}"


class HomeworkItem(Record):
    """One attempt at one practice task (作业). What she wrote may be about herself: encrypted.

    `task`, `lesson` and `lesson_version` name the task by uuid, the last as it read when she handed in; `revision` grows
    with every save of the draft; `video` is an asset of the media pipeline.
    """

    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="homework")
    task = models.UUIDField()
    lesson = models.UUIDField()
    lesson_version = models.UUIDField()
    task_title = models.CharField(max_length=200)
    attempt_no = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, default=ItemState.DRAFT)
    text = EncryptedTextField(pgettext_lazy("homework", "text"), blank=True)
    video = models.UUIDField(null=True)
    revision = models.PositiveIntegerField(default=0)
    is_demo = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    saved_at = models.DateTimeField()
    handed_in_at = models.DateTimeField(null=True)
    moved_at = models.DateTimeField()

    class Meta:
        verbose_name = _("homework")
        verbose_name_plural = _("homework")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["enrolment", "task", "attempt_no"], name="courses_homework_attempt"),
            models.UniqueConstraint(
                fields=["enrolment", "task"],
                condition=Q(state__in=sorted(OPEN_STATES)),
                name="courses_one_open_homework",
            ),
            models.UniqueConstraint(
                fields=["enrolment", "task"],
                condition=Q(state=ItemState.MARKED),
                name="courses_one_marked_homework",
            ),
            models.CheckConstraint(condition=Q(state__in=sorted(ItemState)), name="courses_homework_state"),
            models.CheckConstraint(condition=Q(attempt_no__gte=1), name="courses_homework_from_one"),
            models.CheckConstraint(
                condition=Q(state=ItemState.DRAFT) | Q(handed_in_at__isnull=False), name="courses_homework_handed_in"
            ),
        ]
        indexes = [models.Index(fields=["state", "handed_in_at"], name="courses_homework_line")]

    def __str__(self) -> str:
        return str(self.uuid)

    def move(self, after: ItemState, *, now: datetime, **fields: Any) -> None:
        """Compare-and-set from the state this object was read in. Raises IllegalMove, also when somebody was first."""
        move_state(self, after, MOVES, moved_at=now, **fields)


class HomeworkPicture(Record):
    """A picture of a hand-in, drawn anew by us: a JPEG in private storage under `key`, without what the phone wrote in it.

    An attempt after a return begins with the pictures of the one before: rows of their own, the same file.
    """

    item = models.ForeignKey(HomeworkItem, on_delete=models.PROTECT, related_name="pictures")
    key = models.CharField(max_length=200, db_index=True)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("picture of homework")
        verbose_name_plural = _("pictures of homework")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["item", "sha256"], name="courses_homework_picture_once"),
            models.CheckConstraint(
                condition=Q(size__gt=0, width__gt=0, height__gt=0), name="courses_homework_picture_sizes"
            ),
            models.CheckConstraint(condition=is_sha256("sha256"), name="courses_homework_picture_hash"),
        ]

    def __str__(self) -> str:
        return str(self.uuid)


class HomeworkMark(Record, WrittenOnce):
    """What an instructor gave (批改). `levels`: criterion → level; a changed mark is the next version of the same item."""

    item = models.ForeignKey(HomeworkItem, on_delete=models.PROTECT, related_name="marks")
    version = models.PositiveSmallIntegerField()
    rubric = models.ForeignKey(HomeworkRubric, on_delete=models.PROTECT, related_name="marks")
    levels = models.JSONField()
    mark = models.DecimalField(max_digits=4, decimal_places=1)
    words = EncryptedTextField(pgettext_lazy("homework", "words"), blank=True)
    given_by = models.UUIDField()
    content_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("mark of homework")
        verbose_name_plural = _("marks of homework")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["item", "version"], name="courses_homework_mark_version"),
            models.CheckConstraint(condition=_MARK & Q(version__gte=1), name="courses_homework_mark_range"),
            models.CheckConstraint(condition=is_sha256("content_hash"), name="courses_homework_mark_hash"),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} {self.mark}"


class HomeworkReturn(Record, WrittenOnce):
    """Why an attempt was given back (退回)."""

    item = models.OneToOneField(HomeworkItem, on_delete=models.PROTECT, related_name="returned")
    reason = EncryptedTextField(pgettext_lazy("homework", "reason"))
    given_by = models.UUIDField()
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("return of homework")
        verbose_name_plural = _("returns of homework")

    def __str__(self) -> str:
        return str(self.item_id)


class HomeworkPart(Record, WrittenOnce):
    """What all homework of one enrolment came to: the evidence behind the mark of the assessment's part (S5-21).

    `content`: the rubric, and each task with the mark that counted, or none; `settled`: tasks without a mark were
    counted as missing, by the decision of `given_by`. A later mark makes the next version.
    """

    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="homework_parts")
    version = models.PositiveSmallIntegerField()
    mark = models.DecimalField(max_digits=4, decimal_places=1)
    settled = models.BooleanField()
    content = models.JSONField()
    content_hash = models.CharField(max_length=64)
    given_by = models.UUIDField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("homework of a trainee")
        verbose_name_plural = _("homework of trainees")
        constraints = [
            models.UniqueConstraint(fields=["enrolment", "version"], name="courses_homework_part_version"),
            models.CheckConstraint(condition=_MARK & Q(version__gte=1), name="courses_homework_part_range"),
            models.CheckConstraint(condition=is_sha256("content_hash"), name="courses_homework_part_hash"),
        ]

    def __str__(self) -> str:
        return f"{self.enrolment_id} {self.mark}"
