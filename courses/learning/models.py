"""What a trainee did in her lessons, and what she was told. Lessons and their versions are named by uuid."""

import json

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from courses.classes.models import TrainingClass
from courses.enrolment.models import Enrolment
from courses.learning.types import (
    Aim,
    Background,
    Experience,
    Happening,
    PackageSaid,
    PackageStatus,
    Place,
    Schooling,
    Standing,
    StudyState,
)
from lms.accounts.api import Person
from lms.core.crypto import EncryptedTextField
from lms.core.records import Record, WrittenOnce

__all__ = [
    "Bookmark",
    "CheckAttempt",
    "LessonAnswer",
    "LessonNote",
    "LessonProgress",
    "LessonQuestion",
    "PackageState",
    "ProgressEvent",
    "StudyBackground",
    "StudyDeadline",
]


class ProgressEvent(WrittenOnce):
    """One thing a device told of a lesson. `key` is the device's own name for it: told again it is the same.

    `at`: when it happened, on our clock; `block` from 1, 0 is the lesson's top; `second` of its video.
    """

    id = models.BigAutoField(primary_key=True)
    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="progress_events")
    lesson = models.UUIDField()
    version = models.UUIDField()
    key = models.UUIDField()
    kind = models.CharField(max_length=10)
    block = models.PositiveSmallIntegerField(default=0)
    second = models.PositiveIntegerField(null=True)
    percent = models.PositiveSmallIntegerField(default=0)
    at = models.DateTimeField()
    received_at = models.DateTimeField()

    class Meta:
        verbose_name = _("event of studying")
        verbose_name_plural = _("events of studying")
        constraints = [
            models.UniqueConstraint(fields=["enrolment", "key"], name="courses_one_event_a_key"),
            models.CheckConstraint(condition=Q(kind__in=sorted(Happening)), name="courses_event_kind"),
            models.CheckConstraint(condition=Q(percent__lte=100), name="courses_event_percent"),
            models.CheckConstraint(condition=Q(at__lte=F("received_at")), name="courses_event_past"),
        ]
        indexes = [
            models.Index(fields=["enrolment", "lesson", "at"], name="courses_event_lesson"),
            models.Index(fields=["received_at", "id"], name="courses_event_received"),
        ]

    def __str__(self) -> str:
        return str(self.key)


class LessonProgress(Record):
    """How one lesson stands for one trainee: the join of its events (`logic.progress.joined`)."""

    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="progress")
    lesson = models.UUIDField()
    version = models.UUIDField()
    percent = models.PositiveSmallIntegerField(default=0)
    block = models.PositiveSmallIntegerField(default=0)
    second = models.PositiveIntegerField(null=True)
    place_at = models.DateTimeField(null=True)
    place_key = models.UUIDField(null=True)
    opened_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("progress in a lesson")
        verbose_name_plural = _("progress in lessons")
        constraints = [
            models.UniqueConstraint(fields=["enrolment", "lesson"], name="courses_one_progress_a_lesson"),
            models.CheckConstraint(condition=Q(percent__lte=100), name="courses_progress_percent"),
            models.CheckConstraint(
                condition=Q(completed_at=None) | Q(completed_at__gte=F("opened_at")), name="courses_progress_order"
            ),
        ]

    def __str__(self) -> str:
        return str(self.uuid)

    @property
    def standing(self) -> Standing:
        """As the logic knows it."""
        return Standing(
            opened_at=self.opened_at,
            completed_at=self.completed_at,
            percent=self.percent,
            place=Place(self.block, self.second),
            place_at=self.place_at,
            place_key=self.place_key,
        )

    @standing.setter
    def standing(self, value: Standing) -> None:
        if value.opened_at is None:
            raise ValueError("a lesson that nothing was told of has no progress")
        self.opened_at, self.completed_at, self.percent = value.opened_at, value.completed_at, value.percent
        self.block, self.second = value.place.block, value.place.second
        self.place_at, self.place_key = value.place_at, value.place_key

    @property
    def state(self) -> StudyState:
        """How it stands."""
        return self.standing.state


class LessonNote(Record):
    """Her own note on a lesson; nobody else reads it."""

    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="lesson_notes")
    lesson = models.UUIDField()
    text = EncryptedTextField(_("note"), blank=True)
    revision = models.PositiveIntegerField(default=0)
    saved_at = models.DateTimeField()

    class Meta:
        verbose_name = _("note on a lesson")
        verbose_name_plural = _("notes on lessons")
        constraints = [models.UniqueConstraint(fields=["enrolment", "lesson"], name="courses_one_note_a_lesson")]

    def __str__(self) -> str:
        return str(self.uuid)


class Bookmark(Record):
    """A place she marked, or marked no more; `at`: when she last changed her mind, on our clock."""

    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="bookmarks")
    lesson = models.UUIDField()
    block = models.PositiveSmallIntegerField()
    is_set = models.BooleanField(default=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("bookmark")
        verbose_name_plural = _("bookmarks")
        constraints = [models.UniqueConstraint(fields=["enrolment", "lesson", "block"], name="courses_one_bookmark")]

    def __str__(self) -> str:
        return str(self.uuid)


class PackageState(Record):
    """How far a trainee came in a SCORM package, in its own words; it decides nothing but that the lesson is studied.

    seconds: of all sessions, as the package counts; study time is counted elsewhere.
    """

    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="package_states")
    package = models.UUIDField()
    status = models.CharField(max_length=13, default=PackageStatus.NOT_ATTEMPTED.value)
    score = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    location = EncryptedTextField(_("place in a package"), blank=True)
    suspend_data = EncryptedTextField(_("what a package keeps"), blank=True)
    seconds = models.PositiveIntegerField(default=0)
    revision = models.PositiveIntegerField(default=0)
    saved_at = models.DateTimeField()

    class Meta:
        verbose_name = _("state of a package")
        verbose_name_plural = _("states of packages")
        constraints = [
            models.UniqueConstraint(fields=["enrolment", "package"], name="courses_one_state_a_package"),
            models.CheckConstraint(condition=Q(status__in=sorted(PackageStatus)), name="courses_package_status"),
            models.CheckConstraint(
                condition=Q(score=None) | Q(score__gte=0, score__lte=100), name="courses_package_score"
            ),
        ]

    def __str__(self) -> str:
        return str(self.uuid)

    @property
    def said(self) -> PackageSaid:
        """What it says."""
        return PackageSaid(PackageStatus(self.status), self.score, self.location, self.suspend_data, self.seconds)

    @said.setter
    def said(self, value: PackageSaid) -> None:
        self.status, self.score = value.status.value, value.score
        self.location, self.suspend_data, self.seconds = value.location, value.suspend_data, value.seconds


class CheckAttempt(WrittenOnce):
    """An answer to a self-check question. `chosen`: keys of options, sorted; `key`: the device's name for the answer."""

    id = models.BigAutoField(primary_key=True)
    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="check_attempts")
    lesson = models.UUIDField()
    version = models.UUIDField()
    check_uid = models.UUIDField()
    key = models.UUIDField()
    chosen = models.JSONField()
    correct = models.BooleanField()
    at = models.DateTimeField()
    received_at = models.DateTimeField()

    class Meta:
        verbose_name = _("answer to a self-check question")
        verbose_name_plural = _("answers to self-check questions")
        constraints = [models.UniqueConstraint(fields=["enrolment", "key"], name="courses_one_answer_a_key")]
        indexes = [
            models.Index(fields=["enrolment", "lesson", "at"], name="courses_attempt_lesson"),
            models.Index(fields=["received_at", "id"], name="courses_attempt_received"),
        ]

    def __str__(self) -> str:
        return str(self.key)


class LessonQuestion(Record):
    """What a trainee asked her teacher about a lesson (S5-19). `waiting_since`: None while nobody waits for an answer.

    `is_shared`: the teacher shows question and answers to the whole class, without the asker's name.
    """

    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="lesson_questions")
    lesson = models.UUIDField()
    version = models.UUIDField()
    key = models.UUIDField()
    text = EncryptedTextField(_("question"))
    asked_at = models.DateTimeField()
    waiting_since = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    is_shared = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("question to the teacher")
        verbose_name_plural = _("questions to the teacher")
        constraints = [models.UniqueConstraint(fields=["enrolment", "key"], name="courses_one_question_a_key")]
        indexes = [models.Index(fields=["waiting_since"], name="courses_question_waiting")]

    def __str__(self) -> str:
        return str(self.uuid)


class LessonAnswer(WrittenOnce):
    """One more message under a question: the teacher's answer, or what the asker adds."""

    id = models.BigAutoField(primary_key=True)
    question = models.ForeignKey(LessonQuestion, on_delete=models.PROTECT, related_name="answers")
    by_teacher = models.BooleanField()
    by_person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="lesson_answers")
    by_user = models.UUIDField(null=True)
    text = EncryptedTextField(_("answer"))
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("answer of the teacher")
        verbose_name_plural = _("answers of the teacher")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.question} {self.at}"


class StudyDeadline(Record):
    """Until when a class studies a lesson, or all of them (`lesson` None). The day is included to 24:00."""

    training_class = models.ForeignKey(TrainingClass, on_delete=models.PROTECT, related_name="study_deadlines")
    lesson = models.UUIDField(null=True)
    due = models.DateField(_("due"))
    set_by = models.UUIDField(null=True)
    set_at = models.DateTimeField()

    class Meta:
        verbose_name = _("study deadline")
        verbose_name_plural = _("study deadlines")
        ordering = ["due", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["training_class", "lesson"], condition=~Q(lesson=None), name="courses_one_deadline_a_lesson"
            ),
            models.UniqueConstraint(
                fields=["training_class"], condition=Q(lesson=None), name="courses_one_deadline_for_all"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.training_class} {self.due}"


class StudyBackground(Record):
    """What she says of her schooling, experience and aim, for her path alone (S3-13): encrypted."""

    enrolment = models.OneToOneField(Enrolment, on_delete=models.PROTECT, related_name="study_background")
    said = EncryptedTextField(_("what was said"), blank=True)
    said_at = models.DateTimeField()

    class Meta:
        verbose_name = _("background of a trainee")
        verbose_name_plural = _("backgrounds of trainees")

    def __str__(self) -> str:
        return str(self.uuid)

    @property
    def background(self) -> Background:
        """What she said."""
        said = json.loads(self.said) if self.said else {}
        return Background(
            schooling=Schooling(said["schooling"]) if said.get("schooling") else None,
            experience=Experience(said["experience"]) if said.get("experience") else None,
            aim=Aim(said["aim"]) if said.get("aim") else None,
        )

    @background.setter
    def background(self, value: Background) -> None:
        said = {"schooling": value.schooling, "experience": value.experience, "aim": value.aim}
        self.said = json.dumps({name: word for name, word in said.items() if word}, sort_keys=True)
