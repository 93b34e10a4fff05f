"""Marks of papers in versions, what they stand on, and the decisions about them. All of it is written once."""

from decimal import Decimal
from uuid import UUID

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from assessment.delivery.models import Attempt, Sitting
from assessment.theory.types import (
    Cause,
    CorrectionKind,
    ItemMark,
    PaperContent,
    Step,
    VideoMark,
    Waits,
)
from lms.core.constraints import is_sha256, one_of
from lms.core.crypto import EncryptedTextField
from lms.core.records import Record, WrittenOnce
from lms.policies.types import Shown

__all__ = [
    "Absence",
    "BookletMark",
    "BookletOpening",
    "CorrectionDecision",
    "CorrectionTrial",
    "MarksDecision",
    "PaperMark",
    "PaperRelease",
    "PaperVideo",
    "QuestionCorrection",
    "Settlement",
]


class PaperMark(Record, WrittenOnce):
    """What one attempt's paper is worth, number by number; the highest number stands. No key and no explanation is in it.

    `items`: list of `ItemMark.to_json`; `code`: random, the same in every number, all that a chief knows the paper by; `mark`
    NULL: pending. `content_hash` covers everything but number, code and hour.
    """

    attempt = models.ForeignKey(Attempt, on_delete=models.PROTECT, related_name="marks")
    number = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=16)
    cause = models.CharField(max_length=10)
    paper = models.UUIDField()
    items = models.JSONField()
    total = models.DecimalField(max_digits=6, decimal_places=2)
    pass_mark = models.DecimalField(max_digits=6, decimal_places=2)
    video_section = models.CharField(max_length=100, blank=True, default="")
    video_share = models.DecimalField(max_digits=6, decimal_places=2)
    machine = models.DecimalField(max_digits=6, decimal_places=2)
    people = models.DecimalField(max_digits=6, decimal_places=2, null=True)
    video = models.DecimalField(max_digits=6, decimal_places=2, null=True)
    mark = models.DecimalField(max_digits=4, decimal_places=1, null=True)
    proposed_fail = models.BooleanField(default=False)
    credit_key = models.CharField(max_length=40)
    credit_hash = models.CharField(max_length=64)
    corrections = models.JSONField(default=list)
    settled = models.JSONField(default=list)
    people_outcome = models.UUIDField(null=True)
    video_outcome = models.UUIDField(null=True)
    content_hash = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("mark of a paper")
        verbose_name_plural = _("marks of papers")
        constraints = [
            models.UniqueConstraint(fields=["attempt", "number"], name="assessment_paper_mark_number"),
            models.UniqueConstraint(fields=["code"], condition=Q(number=1), name="assessment_paper_mark_code"),
            models.CheckConstraint(condition=Q(number__gte=1), name="assessment_paper_mark_from_one"),
            models.CheckConstraint(condition=one_of("cause", list(Cause)), name="assessment_paper_mark_cause"),
            models.CheckConstraint(
                condition=Q(mark=None) | Q(mark__gte=0, mark__lte=100), name="assessment_paper_mark_range"
            ),
            # Pending exactly while a part of it is.
            models.CheckConstraint(
                condition=Q(mark=None) & (Q(people=None) | Q(video=None))
                | Q(mark__isnull=False, people__isnull=False, video__isnull=False),
                name="assessment_paper_mark_whole",
            ),
            models.CheckConstraint(condition=is_sha256("content_hash"), name="assessment_paper_mark_hash"),
        ]

    def __str__(self) -> str:
        return f"{self.code} v{self.number}"

    def as_content(self) -> PaperContent:
        """As the arithmetic has it."""
        return PaperContent(
            items=tuple(ItemMark.from_json(item) for item in self.items),
            total=self.total,
            pass_mark=self.pass_mark,
            video_section=self.video_section,
            video_share=self.video_share,
            machine=self.machine,
            people=self.people,
            video=self.video,
            mark=self.mark,
            proposed_fail=self.proposed_fail,
            credit_key=self.credit_key,
            credit_hash=self.credit_hash,
            corrections=tuple(sorted(UUID(one) for one in self.corrections)),
            video_outcome=self.video_outcome,
            people_outcome=self.people_outcome,
            settled=tuple(Waits(one) for one in self.settled),
            content_hash=self.content_hash,
        )


class BookletOpening(WrittenOnce):
    """Short answers of an attempt that people were given. `answers`: position → SHA-256 of the answer's JSON; `booklet`: what
    marking calls it, the attempt itself for the first; a later one holds what was ruled to count after that."""

    id = models.BigAutoField(primary_key=True)
    attempt = models.ForeignKey(Attempt, on_delete=models.PROTECT, related_name="booklet_openings")
    booklet = models.UUIDField(unique=True)
    answers = models.JSONField()
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("short answers given to people")
        verbose_name_plural = _("short answers given to people")

    def __str__(self) -> str:
        return f"{self.attempt_id}"


class BookletMark(WrittenOnce):
    """What people gave the short answers of a booklet; of a position the newest row counts whose answer is the one that counts
    still. `marks`: [[position, marks as text]…]; `booklet`: of its opening."""

    id = models.BigAutoField(primary_key=True)
    attempt = models.ForeignKey(Attempt, on_delete=models.PROTECT, related_name="booklet_marks")
    booklet = models.UUIDField()
    marks = models.JSONField()
    outcome = models.UUIDField(unique=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("marks of short answers")
        verbose_name_plural = _("marks of short answers")

    def __str__(self) -> str:
        return f"{self.attempt_id} {self.outcome}"

    def given(self) -> dict[int, Decimal]:
        """Position → marks."""
        return {int(position): Decimal(marks) for position, marks in self.marks}


class PaperVideo(WrittenOnce):
    """The final mark of a candidacy's video, kept until a paper needs it; the newest row counts."""

    id = models.BigAutoField(primary_key=True)
    candidacy = models.UUIDField(db_index=True)
    mark = models.DecimalField(max_digits=4, decimal_places=1)
    proposed_fail = models.BooleanField()
    outcome = models.UUIDField(unique=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("video's mark for papers")
        verbose_name_plural = _("videos' marks for papers")
        constraints = [
            models.CheckConstraint(condition=Q(mark__gte=0, mark__lte=100), name="assessment_paper_video_range")
        ]

    def __str__(self) -> str:
        return f"{self.candidacy} {self.mark}"

    def as_mark(self) -> VideoMark:
        """As the arithmetic has it."""
        return VideoMark(self.mark, self.proposed_fail, self.outcome)


class Settlement(WrittenOnce):
    """The chief's decision not to wait for a part of a paper any more: what is missing of it is worth nothing."""

    id = models.BigAutoField(primary_key=True)
    attempt = models.ForeignKey(Attempt, on_delete=models.PROTECT, related_name="settlements")
    part = models.CharField(max_length=10)
    reason = models.CharField(max_length=300)
    by = models.UUIDField(null=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("decision not to wait for a part of a paper")
        verbose_name_plural = _("decisions not to wait for a part of a paper")
        constraints = [
            models.UniqueConstraint(fields=["attempt", "part"], name="assessment_one_settlement"),
            models.CheckConstraint(condition=one_of("part", list(Waits)), name="assessment_settlement_part"),
            models.CheckConstraint(condition=~Q(reason=""), name="assessment_settlement_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.attempt_id} {self.part}"


class MarksDecision(Record, WrittenOnce):
    """A chief confirms the marks of a sitting, a bureau or chief releases them.

    `seal`: hash over every paper's newest mark; a confirmation counts while the marks are still those. `shown`: what
    candidates see of a released paper, never more than the policy of the sitting; more than marks has a reason.
    """

    sitting = models.ForeignKey(Sitting, on_delete=models.PROTECT, related_name="marks_decisions")
    step = models.CharField(max_length=10)
    seal = models.CharField(max_length=64)
    papers = models.PositiveIntegerField()
    shown = models.CharField(max_length=10, default=Shown.MARKS)
    reason = models.CharField(max_length=300, blank=True, default="")
    by = models.UUIDField(null=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("decision on the marks of a sitting")
        verbose_name_plural = _("decisions on the marks of sittings")
        constraints = [
            models.CheckConstraint(condition=one_of("step", list(Step)), name="assessment_marks_step"),
            models.CheckConstraint(condition=one_of("shown", list(Shown)), name="assessment_marks_shown"),
            models.CheckConstraint(
                condition=Q(shown=Shown.MARKS) | Q(step=Step.RELEASED) & ~Q(reason=""),
                name="assessment_marks_opened_why",
            ),
            models.CheckConstraint(condition=is_sha256("seal"), name="assessment_marks_seal"),
            models.UniqueConstraint(
                fields=["sitting"], condition=Q(step=Step.RELEASED), name="assessment_marks_released_once"
            ),
            models.UniqueConstraint(fields=["sitting", "step", "seal"], name="assessment_marks_decided_once"),
        ]

    def __str__(self) -> str:
        return f"{self.sitting_id} {self.step}"


class PaperRelease(WrittenOnce):
    """A mark was made known: results took it in and she was told. What she sees is the newest of these."""

    id = models.BigAutoField(primary_key=True)
    mark = models.OneToOneField(PaperMark, on_delete=models.PROTECT, related_name="release")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("release of a paper's mark")
        verbose_name_plural = _("releases of papers' marks")

    def __str__(self) -> str:
        return f"{self.mark_id}"


class Absence(WrittenOnce):
    """She could have sat and never began (缺考); written when the sitting's marks were released."""

    id = models.BigAutoField(primary_key=True)
    sitting = models.ForeignKey(Sitting, on_delete=models.PROTECT, related_name="absences")
    candidacy = models.UUIDField(db_index=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("absence from a sitting")
        verbose_name_plural = _("absences from sittings")
        constraints = [models.UniqueConstraint(fields=["sitting", "candidacy"], name="assessment_one_absence")]

    def __str__(self) -> str:
        return f"{self.sitting_id} {self.candidacy}"


class QuestionCorrection(Record, WrittenOnce):
    """The committee proposes that a question version counts otherwise on papers that were sat. `key`: JSON of the new one, ""
    where the question is struck out; reason and key tell the key, so both are encrypted."""

    question = models.UUIDField()
    version = models.UUIDField(db_index=True)
    kind = models.CharField(max_length=10)
    key = EncryptedTextField(blank=True, default="")
    reason = EncryptedTextField()
    proposed_by = models.UUIDField()
    proposed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("correction of a question that was asked")
        verbose_name_plural = _("corrections of questions that were asked")
        constraints = [
            models.CheckConstraint(condition=one_of("kind", list(CorrectionKind)), name="assessment_correction_kind")
        ]

    def __str__(self) -> str:
        return f"{self.version} {self.kind}"


class CorrectionTrial(Record, WrittenOnce):
    """What a correction would change, as the worker found it; the newest row counts while `basis` names the newest mark of any
    paper that asked the version. `figures`: `DryRun.to_json`; `sittings`: [[uuid, title]…]; `rows`: `Difference.to_json`, at
    most so many as a page shows."""

    correction = models.ForeignKey(QuestionCorrection, on_delete=models.PROTECT, related_name="trials")
    basis = models.CharField(max_length=40)
    figures = models.JSONField()
    sittings = models.JSONField()
    rows = models.JSONField()
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("trial of a correction")
        verbose_name_plural = _("trials of corrections")
        constraints = [models.UniqueConstraint(fields=["correction", "basis"], name="assessment_one_trial_a_basis")]

    def __str__(self) -> str:
        return f"{self.correction_id} {self.basis}"


class CorrectionDecision(WrittenOnce):
    """The chief's word on a correction, once, with what it was going to change when she decided (`figures`)."""

    id = models.BigAutoField(primary_key=True)
    correction = models.OneToOneField(QuestionCorrection, on_delete=models.PROTECT, related_name="decision")
    accepted = models.BooleanField()
    reason = models.CharField(max_length=300)
    figures = models.JSONField()
    proposed_by = models.UUIDField()
    by = models.UUIDField()
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("decision on a correction")
        verbose_name_plural = _("decisions on corrections")
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="assessment_correction_has_reason"),
            models.CheckConstraint(condition=~Q(by=F("proposed_by")), name="assessment_correction_two_people"),
        ]

    def __str__(self) -> str:
        return f"{self.correction_id} {self.accepted}"
