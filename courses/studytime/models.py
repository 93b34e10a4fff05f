"""The ledger of study, written once; the day's sums, which can be made again from it; other platforms and their logs."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from courses.classes.models import TrainingClass
from courses.enrolment.models import Enrolment
from lms.accounts.api import Person
from lms.core.records import Record, WrittenOnce

__all__ = ["Beat", "ListedPlatform", "PlatformLog", "PlatformLogFile", "StudyDay", "StudyStream", "StudyTotal"]


class StudyStream(Record, WrittenOnce):
    """One opened lesson page. Opened when the server says so; counted by its version of the rules for good.

    `nonce`: chosen by the page, so that opening twice after a lost answer opens once. `online_minutes`: what the lesson
    can earn, as the class's plan stood at the opening. `device`: a random name the browser keeps.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="study_streams")
    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="study_streams")
    lesson = models.UUIDField()
    nonce = models.UUIDField()
    device = models.UUIDField()
    profile = models.CharField(max_length=60)
    rules_version = models.PositiveSmallIntegerField()
    online_minutes = models.PositiveSmallIntegerField()
    opened_at = models.DateTimeField()

    class Meta:
        verbose_name = _("opened lesson page")
        verbose_name_plural = _("opened lesson pages")
        constraints = [models.UniqueConstraint(fields=["enrolment", "nonce"], name="courses_one_stream_a_nonce")]
        indexes = [models.Index(fields=["person", "opened_at"], name="courses_streams_of_a_day")]

    def __str__(self) -> str:
        return str(self.uuid)


class Beat(WrittenOnce):
    """One heartbeat of a stream; see `types.BeatData`. A second one of the same number is never taken in."""

    id = models.BigAutoField(primary_key=True)
    stream = models.ForeignKey(StudyStream, on_delete=models.PROTECT, related_name="beats", db_index=False)
    seq = models.PositiveIntegerField()
    received_at = models.DateTimeField()
    at_ms = models.PositiveIntegerField()
    span_ms = models.PositiveIntegerField()
    idle_ms = models.PositiveIntegerField()
    flags = models.PositiveSmallIntegerField()
    position_ms = models.PositiveIntegerField(null=True)
    rate = models.PositiveSmallIntegerField(default=100)

    class Meta:
        verbose_name = _("heartbeat")
        verbose_name_plural = _("heartbeats")
        constraints = [models.UniqueConstraint(fields=["stream", "seq"], name="courses_one_beat_a_number")]

    def __str__(self) -> str:
        return f"{self.stream_id}/{self.seq}"


class StudyDay(models.Model):
    """One person's day in Shanghai. `stale`: the ledger holds more than the day's sums; they are made again."""

    id = models.BigAutoField(primary_key=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="study_days", db_index=False)
    day = models.DateField()
    stale = models.BooleanField(default=True)

    class Meta:
        verbose_name = _("day of study")
        verbose_name_plural = _("days of study")
        constraints = [models.UniqueConstraint(fields=["person", "day"], name="courses_one_study_day")]
        indexes = [models.Index(fields=["id"], condition=Q(stale=True), name="courses_stale_days")]

    def __str__(self) -> str:
        return f"{self.person_id} {self.day}"


class StudyTotal(models.Model):
    """What a day earned one lesson of one enrolment, in milliseconds before the lesson's cap. A cache of the ledger.

    `lesson` NULL: time on other platforms. `cap_s`: the most a stream of that day was opened with; NULL: no cap.
    """

    id = models.BigAutoField(primary_key=True)
    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="study_totals", db_index=False)
    lesson = models.UUIDField(null=True)
    day = models.DateField()
    ms = models.PositiveIntegerField()
    cap_s = models.PositiveIntegerField(null=True)

    class Meta:
        verbose_name = _("study time of a day")
        verbose_name_plural = _("study times of a day")
        constraints = [
            models.UniqueConstraint(fields=["enrolment", "day", "lesson"], name="courses_one_total_a_day"),
            models.UniqueConstraint(
                fields=["enrolment", "day"], condition=Q(lesson=None), name="courses_one_platform_total_a_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enrolment_id} {self.day}"


class ListedPlatform(Record):
    """An online platform whose logs count, as the HR bureau of a place listed it (S2-30). Only its last day changes.

    `place`: the tree path within which the listing holds. `document`: the paper it was listed by.
    """

    name = models.CharField(_("name of the platform"), max_length=100)
    name_key = models.CharField(max_length=100, editable=False)
    operator = models.CharField(_("operator"), max_length=100)
    document = models.CharField(_("document"), max_length=200)
    place = models.CharField(max_length=255)
    valid_from = models.DateField(_("listed from"))
    valid_to = models.DateField(_("listed until"), null=True, blank=True)
    created_by = models.UUIDField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("listed platform")
        verbose_name_plural = _("listed platforms")
        ordering = ["name", "valid_from"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")), name="courses_platform_days"
            ),
            models.UniqueConstraint(fields=["place", "name_key", "valid_from"], name="courses_one_listing_a_day"),
        ]

    def __str__(self) -> str:
        return self.name


class PlatformLogFile(Record, WrittenOnce):
    """A log handed in by an institution for one class: kept as it came, with what was read from it."""

    training_class = models.ForeignKey(TrainingClass, on_delete=models.PROTECT, related_name="platform_logs")
    platform = models.CharField(_("name of the platform"), max_length=100)
    platform_key = models.CharField(max_length=100)
    file_name = models.CharField(max_length=200)
    file = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    rows = models.PositiveIntegerField()
    imported_by = models.UUIDField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("log of another platform")
        verbose_name_plural = _("logs of other platforms")
        constraints = [
            models.UniqueConstraint(fields=["training_class", "sha256"], name="courses_one_log_a_file"),
        ]

    def __str__(self) -> str:
        return self.file_name


class PlatformLog(Record, WrittenOnce):
    """One entry of such a log: somebody studied from then until then. Whether it counts is judged when it is counted."""

    log_file = models.ForeignKey(PlatformLogFile, on_delete=models.PROTECT, related_name="entries")
    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="platform_logs")
    row = models.PositiveIntegerField()
    title = models.CharField(max_length=200, blank=True)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()

    class Meta:
        verbose_name = _("entry of a log")
        verbose_name_plural = _("entries of logs")
        constraints = [
            models.CheckConstraint(condition=Q(ended_at__gt=F("started_at")), name="courses_log_entry_lasts"),
            models.UniqueConstraint(fields=["log_file", "row"], name="courses_one_entry_a_row"),
        ]

    def __str__(self) -> str:
        return f"{self.log_file_id}/{self.row}"
