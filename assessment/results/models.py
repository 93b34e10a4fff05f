"""Marks as they came in, grade decisions in versions, and where each stands. Decisions are written once."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

from assessment.candidates.models import Candidacy, Submission
from assessment.results.types import MOVES, OPEN_STATES, GradeState, PartGrade
from assessment.specification.types import Part
from lms.core.constraints import one_of
from lms.core.records import Record, WrittenOnce
from lms.core.states import move_state
from lms.policies.types import Grade

__all__ = ["CountedAbsence", "ExpiredPart", "FreshStart", "GradeDecision", "GradeStanding", "PartMark", "UsedUp"]


class PartMark(Record, WrittenOnce):
    """The mark of one part, as the room that marked it told; the newest row of a part counts.

    `attempt`: the paper sat; a mark changed later names the same. A video's attempt is its submission.
    """

    candidacy = models.ForeignKey(Candidacy, on_delete=models.PROTECT, related_name="part_marks")
    part = models.CharField(max_length=20)
    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, null=True, related_name="part_marks")
    mark = models.DecimalField(max_digits=4, decimal_places=1)
    proposed_fail = models.BooleanField()
    outcome = models.UUIDField(unique=True)
    attempt = models.UUIDField(null=True)
    received_at = models.DateTimeField()

    class Meta:
        verbose_name = _("mark of a part")
        verbose_name_plural = _("marks of parts")
        constraints = [
            models.CheckConstraint(condition=one_of("part", list(Part)), name="assessment_part_mark_part"),
            models.CheckConstraint(condition=Q(mark__gte=0, mark__lte=100), name="assessment_part_mark_range"),
        ]

    def __str__(self) -> str:
        return f"{self.part} {self.mark}"

    @property
    def attempted(self) -> UUID:
        """What was sat; for a part without papers or works each mark is its own. Read it with its submission."""
        if self.submission is not None:
            return self.submission.uuid
        return self.attempt or self.outcome


class GradeDecision(Record, WrittenOnce):
    """What one candidacy comes to (成绩认定), pinned to versions: a changed decision is the next version.

    `specification`, `profile` and `policy_decision` are uuids of the versions it stands on; `parts` is a list of
    `PartGrade.to_json`; `grade` is "" and `composite` NULL while a part is missing. `content_hash` covers all of it.
    """

    candidacy = models.ForeignKey(Candidacy, on_delete=models.PROTECT, related_name="grade_decisions")
    version = models.PositiveSmallIntegerField()
    specification = models.UUIDField()
    specification_hash = models.CharField(max_length=64)
    profile = models.UUIDField()
    profile_hash = models.CharField(max_length=64)
    policy_decision = models.UUIDField(unique=True)
    parts = models.JSONField()
    composite = models.DecimalField(max_digits=4, decimal_places=1, null=True)
    grade = models.CharField(max_length=10, blank=True)
    content_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("grade decision")
        verbose_name_plural = _("grade decisions")
        constraints = [
            models.UniqueConstraint(fields=["candidacy", "version"], name="assessment_grade_version"),
            models.CheckConstraint(condition=Q(version__gte=1), name="assessment_grade_version_from_one"),
            models.CheckConstraint(condition=one_of("grade", ["", *Grade]), name="assessment_grade"),
            models.CheckConstraint(
                condition=Q(grade="", composite=None) | (~Q(grade="") & Q(composite__isnull=False)),
                name="assessment_grade_with_composite",
            ),
            models.CheckConstraint(condition=Exact(Length("content_hash"), 64), name="assessment_grade_hash"),
        ]

    def __str__(self) -> str:
        return f"{self.candidacy_id} v{self.version}"

    @property
    def part_grades(self) -> list[PartGrade]:
        """The parts it counts, in the order of the specification."""
        return [PartGrade.from_json(stored) for stored in self.parts]

    @property
    def passed(self) -> bool:
        """False while it is pending, too."""
        return self.grade not in {"", Grade.FAIL}


class GradeStanding(Record):
    """Where a grade decision stands, and who moved it there (users by uuid)."""

    decision = models.OneToOneField(GradeDecision, on_delete=models.PROTECT, related_name="standing")
    candidacy = models.ForeignKey(Candidacy, on_delete=models.PROTECT, related_name="grade_standings")
    state = models.CharField(max_length=20, default=GradeState.COMPUTED)
    confirmed_by = models.UUIDField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    released_by = models.UUIDField(null=True)
    released_at = models.DateTimeField(null=True)
    moved_at = models.DateTimeField()

    class Meta:
        verbose_name = _("standing of a grade decision")
        verbose_name_plural = _("standings of grade decisions")
        indexes = [models.Index(fields=["state", "moved_at"], name="assessment_grade_line")]
        constraints = [
            models.CheckConstraint(condition=one_of("state", list(GradeState)), name="assessment_grade_state"),
            models.UniqueConstraint(
                fields=["candidacy"], condition=one_of("state", list(OPEN_STATES)), name="assessment_one_open_grade"
            ),
            models.UniqueConstraint(
                fields=["candidacy"],
                condition=Q(state=GradeState.PUBLISHED),
                name="assessment_one_published_grade",
            ),
            models.CheckConstraint(
                condition=~one_of("state", [GradeState.CHIEF_CONFIRMED, GradeState.PUBLISHED])
                | Q(confirmed_by__isnull=False, confirmed_at__isnull=False),
                name="assessment_grade_is_confirmed",
            ),
            models.CheckConstraint(
                condition=~Q(state=GradeState.PUBLISHED) | Q(released_by__isnull=False, released_at__isnull=False),
                name="assessment_grade_is_released",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.decision_id} {self.state}"

    def move(self, after: GradeState, *, now: datetime, **changes: Any) -> None:
        """Compare-and-set from the state this object was read in. Raises IllegalMove, also when somebody was first."""
        move_state(self, after, MOVES, moved_at=now, **changes)


class UsedUp(Record, WrittenOnce):
    """No resit is left under this candidacy (S5-24). `retake`: the law book asks for the training to be taken again (S5-25).

    Counts unless a pass was published since. `policy_decision`: the stored decision that refused.
    """

    candidacy = models.OneToOneField(Candidacy, on_delete=models.PROTECT, related_name="used_up")
    retake = models.BooleanField()
    policy_decision = models.UUIDField(unique=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("end of resits")
        verbose_name_plural = _("ends of resits")

    def __str__(self) -> str:
        return f"{self.candidacy_id} {self.retake}"


class FreshStart(Record, WrittenOnce):
    """The training of this candidacy was completed by somebody who had sat before: her attempts count from here on."""

    candidacy = models.OneToOneField(Candidacy, on_delete=models.PROTECT, related_name="fresh_start")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("fresh start")
        verbose_name_plural = _("fresh starts")

    def __str__(self) -> str:
        return str(self.candidacy_id)


class ExpiredPart(Record, WrittenOnce):
    """A part passed alone counts no longer: its law book's months were over before the rest was sat.

    `attempted`: the attempt that had passed; `passed_on` and `until`: its day and the last on which it counted;
    `policy_decision`: the stored decision that says so.
    """

    candidacy = models.ForeignKey(Candidacy, on_delete=models.PROTECT, related_name="expired_parts")
    part = models.CharField(max_length=20)
    attempted = models.UUIDField()
    passed_on = models.DateField()
    until = models.DateField()
    policy_decision = models.UUIDField(unique=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("passed part that counts no longer")
        verbose_name_plural = _("passed parts that count no longer")
        constraints = [
            models.UniqueConstraint(fields=["candidacy", "part", "attempted"], name="assessment_part_expires_once"),
            models.CheckConstraint(condition=one_of("part", list(Part)), name="assessment_expired_part"),
            models.CheckConstraint(condition=Q(until__gt=models.F("passed_on")), name="assessment_expires_later"),
        ]

    def __str__(self) -> str:
        return f"{self.candidacy_id} {self.part} {self.until}"


class CountedAbsence(Record, WrittenOnce):
    """An absence (缺考) that used an attempt, as her law book said then; others are known to the room of the sitting alone."""

    candidacy = models.ForeignKey(Candidacy, on_delete=models.PROTECT, related_name="counted_absences")
    part = models.CharField(max_length=20)
    sitting = models.UUIDField()
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("absence that counts")
        verbose_name_plural = _("absences that count")
        constraints = [
            models.UniqueConstraint(fields=["candidacy", "part", "sitting"], name="assessment_one_absence_a_sitting"),
            models.CheckConstraint(condition=one_of("part", list(Part)), name="assessment_absence_part"),
        ]

    def __str__(self) -> str:
        return f"{self.part} {self.sitting}"
