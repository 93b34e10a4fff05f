"""Rubrics, panels, score sheets, rulings and outcomes; who may look at which evidence. What is judged is written once."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Round
from django.utils.translation import gettext_lazy as _

from assessment.marking.types import (
    PANEL_MOVES,
    SEATED_SHEETS,
    SHEET_MOVES,
    Centre,
    PanelKind,
    PanelState,
    Relation,
    SheetState,
    Verdict,
)
from lms.core.constraints import is_sha256, one_of
from lms.core.crypto import EncryptedTextField
from lms.core.models import Record, WrittenOnce
from lms.core.states import move_state
from lms.core.types import Level

__all__ = [
    "BookletAnswer",
    "BookletOutcome",
    "ChiefRuling",
    "EvidenceGrant",
    "Panel",
    "PanelFinding",
    "Rubric",
    "Ruling",
    "ScoreLine",
    "ScoreSheet",
    "SheetSeal",
    "VideoOutcome",
    "Waiver",
]

_SEVERITIES = ["B", "H", "L", "M"]


class EvidenceGrant(Record):
    """A user may see the evidence of one work (both by uuid) until `ended_at`. Allocation writes it for an examiner, the
    release of her result for its owner."""

    examiner_user = models.UUIDField()
    asset = models.UUIDField(db_index=True)
    granted_by = models.UUIDField(null=True)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("evidence grant")
        verbose_name_plural = _("evidence grants")
        constraints = [models.UniqueConstraint(fields=["examiner_user", "asset"], name="assessment_one_evidence_grant")]

    def __str__(self) -> str:
        return str(self.uuid)


class Rubric(Record, WrittenOnce):
    """One version of a rubric (评分标准), loaded from our files. `content` is the entry, `content_hash` its SHA-256.

    Of short answers (`kind` "answers" in `content`): made from a paper's items, one for the same items; which versions and how
    many marks, no text and no key.
    """

    key = models.CharField(max_length=60)
    version = models.PositiveSmallIntegerField()
    level = models.PositiveSmallIntegerField()
    content = models.JSONField()
    content_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("rubric")
        verbose_name_plural = _("rubrics")
        constraints = [
            models.UniqueConstraint(fields=["key", "version"], name="assessment_rubric_version"),
            models.CheckConstraint(condition=Q(version__gte=1), name="assessment_rubric_from_one"),
            models.CheckConstraint(
                condition=Q(level__in=[int(level) for level in Level]), name="assessment_rubric_level"
            ),
            models.CheckConstraint(condition=is_sha256("content_hash"), name="assessment_rubric_hash"),
        ]

    def __str__(self) -> str:
        return f"{self.key} v{self.version}"


class Panel(Record):
    """The examiners of one work (考评组). Submission, candidacy, work and specification are named by uuid.

    `code` is the work's blind code, all that pages show; `organisation_path` is for the gate only. `seats`: how many must
    score; `shortfall`: counts that say why a seat is empty, else NULL. `spread_limit`: of 100 marks, as the specification
    says. `evidence_hash` pins what the machine had found.

    A booklet (`kind` answers) is the short answers of one attempt: `submission` and `asset` are the attempt, or the name of a
    later booklet of it with what came to count after the first was opened; `asked` the
    criteria people score (what was answered; NULL: all), `evidence_hash` pins the answers. A video's panel has `asked` where
    a decision waives a criterion: those that are left.
    """

    kind = models.CharField(max_length=7, default=PanelKind.VIDEO)
    submission = models.UUIDField(unique=True)
    candidacy = models.UUIDField(db_index=True)
    asset = models.UUIDField(unique=True)
    code = models.CharField(max_length=16, unique=True)
    organisation_path = models.CharField(max_length=255, db_index=True)
    level = models.PositiveSmallIntegerField()
    specification = models.UUIDField()
    rubric = models.ForeignKey(Rubric, on_delete=models.PROTECT, related_name="panels")
    asked = models.JSONField(null=True)
    seats = models.PositiveSmallIntegerField()
    spread_limit = models.DecimalField(max_digits=4, decimal_places=1)
    state = models.CharField(max_length=12, default=PanelState.WAITING)
    shortfall = models.JSONField(null=True)
    evidence_hash = models.CharField(max_length=64)
    engine_line = models.CharField(max_length=500, blank=True)
    is_demo = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    moved_at = models.DateTimeField()

    class Meta:
        verbose_name = _("panel")
        verbose_name_plural = _("panels")
        indexes = [models.Index(fields=["state", "moved_at"], name="assessment_panel_line")]
        constraints = [
            models.CheckConstraint(condition=one_of("kind", list(PanelKind)), name="assessment_panel_kind"),
            models.CheckConstraint(
                condition=Q(kind=PanelKind.VIDEO)
                | Q(kind=PanelKind.ANSWERS, asked__isnull=False, asset=F("submission")),
                name="assessment_booklet_of_attempt",
            ),
            models.CheckConstraint(condition=one_of("state", list(PanelState)), name="assessment_panel_state"),
            models.CheckConstraint(condition=Q(seats__gte=1), name="assessment_panel_seats"),
            models.CheckConstraint(condition=Q(spread_limit__gte=0), name="assessment_panel_spread_limit"),
            models.CheckConstraint(condition=is_sha256("evidence_hash"), name="assessment_panel_evidence"),
        ]

    def __str__(self) -> str:
        return self.code

    def move(self, after: PanelState, *, now: datetime) -> None:
        """Compare-and-set from the state this object was read in. Raises IllegalMove, also when somebody was first."""
        move_state(self, after, PANEL_MOVES, moved_at=now)


class Waiver(Record, WrittenOnce):
    """What a chief examiner waives for one candidate (by uuid), from this hour on; her newest row holds, an empty one ends it.

    `checks`: names of automatic checks; `criteria`: codes of the rubric. `reason` may speak of a disability: sealed, read by
    whoever decides, and never by an examiner.
    """

    candidacy = models.UUIDField(db_index=True)
    organisation_path = models.CharField(max_length=255, db_index=True)
    checks = models.JSONField(default=list)
    criteria = models.JSONField(default=list)
    reason = EncryptedTextField()
    by = models.UUIDField()
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("waiver")
        verbose_name_plural = _("waivers")

    def __str__(self) -> str:
        return str(self.uuid)


class PanelFinding(WrittenOnce):
    """A machine finding as it stood when the panel was formed or a corrected transcript was read, numbered as on the evidence
    page; names masked in `text`. None is ever taken away; `replaces`: the lighter one nobody rules on any more, because
    somebody has listened."""

    panel = models.ForeignKey(Panel, on_delete=models.PROTECT, related_name="findings")
    number = models.PositiveSmallIntegerField()
    severity = models.CharField(max_length=1)
    category_name = models.CharField(max_length=60)
    category_name_en = models.CharField(max_length=100)
    law = models.CharField(max_length=300, blank=True)
    law_note = models.CharField(max_length=300, blank=True)
    rule = models.CharField(max_length=30)
    text = models.TextField()
    start_s = models.FloatField()
    end_s = models.FloatField()
    suspected = models.BooleanField()
    replaces = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="replaced_by")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["panel", "number"], name="assessment_finding_number"),
            models.CheckConstraint(condition=one_of("severity", _SEVERITIES), name="assessment_finding_severity"),
        ]

    def __str__(self) -> str:
        return f"{self.rule} {self.severity}"


class BookletAnswer(WrittenOnce):
    """One answer of a booklet as it stood when the panel was formed, her own name hidden: what every examiner judges, whatever
    is ruled later."""

    panel = models.ForeignKey(Panel, on_delete=models.PROTECT, related_name="answers")
    position = models.PositiveSmallIntegerField()
    question = models.UUIDField()
    version = models.UUIDField()
    words = models.TextField()

    class Meta:
        verbose_name = _("answer of a booklet")
        verbose_name_plural = _("answers of booklets")
        constraints = [
            models.UniqueConstraint(fields=["panel", "position"], name="assessment_one_booklet_answer"),
            models.CheckConstraint(condition=~Q(words=""), name="assessment_booklet_answer_says"),
        ]

    def __str__(self) -> str:
        return f"{self.panel_id}/{self.position}"


class ScoreSheet(Record):
    """One examiner's sheet on one panel (评分表); seats count from 1 (甲). Its lines may change until it is handed in.

    `examiner` is the row of the pool; `revision` grows with every save. `relation` and `conflict_reason`: why she withdrew;
    `reassigned_reason`: why the chief gave it to somebody else.
    """

    panel = models.ForeignKey(Panel, on_delete=models.PROTECT, related_name="sheets")
    examiner = models.UUIDField()
    examiner_user = models.UUIDField()
    examiner_person = models.UUIDField()
    seat = models.PositiveSmallIntegerField()
    fourth = models.BooleanField(default=False)
    state = models.CharField(max_length=20, default=SheetState.ASSIGNED)
    revision = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField()
    assigned_at = models.DateTimeField()
    saved_at = models.DateTimeField(null=True)
    submitted_at = models.DateTimeField(null=True)
    relation = models.CharField(max_length=20, blank=True)
    conflict_reason = EncryptedTextField(blank=True, default="")
    reassigned_reason = models.TextField(blank=True, default="")

    class Meta:
        verbose_name = _("score sheet")
        verbose_name_plural = _("score sheets")
        indexes = [models.Index(fields=["examiner_user", "state"], name="assessment_sheet_desk")]
        constraints = [
            models.UniqueConstraint(
                fields=["panel", "seat"],
                condition=one_of("state", list(SEATED_SHEETS)),
                name="assessment_one_sheet_a_seat",
            ),
            models.UniqueConstraint(fields=["panel", "examiner_user"], name="assessment_one_sheet_a_user"),
            models.UniqueConstraint(fields=["panel", "examiner_person"], name="assessment_one_sheet_a_person"),
            models.CheckConstraint(condition=Q(seat__gte=1), name="assessment_sheet_seat"),
            models.CheckConstraint(condition=one_of("state", list(SheetState)), name="assessment_sheet_state"),
            models.CheckConstraint(condition=one_of("relation", ["", *Relation]), name="assessment_sheet_relation"),
            models.CheckConstraint(
                condition=~Q(state=SheetState.CONFLICT_DECLARED) | ~Q(relation=""),
                name="assessment_conflict_has_relation",
            ),
            models.CheckConstraint(
                condition=one_of("state", [SheetState.SUBMITTED, SheetState.INCLUDED, SheetState.SUPERSEDED])
                & Q(submitted_at__isnull=False)
                | ~one_of("state", [SheetState.SUBMITTED, SheetState.INCLUDED, SheetState.SUPERSEDED])
                & Q(submitted_at=None),
                name="assessment_locked_sheet_has_hour",
            ),
        ]

    def __str__(self) -> str:
        return str(self.uuid)

    def move(self, after: SheetState, *, now: datetime, **fields: Any) -> None:
        """Compare-and-set from the state this object was read in; `fields` go into the same UPDATE.

        Raises IllegalMove, also when somebody was first.
        """
        move_state(self, after, SHEET_MOVES, **fields)


class ScoreLine(models.Model):
    """What she has entered for one criterion so far; `score` NULL while empty."""

    sheet = models.ForeignKey(ScoreSheet, on_delete=models.PROTECT, related_name="lines")
    criterion = models.CharField(max_length=4)
    score = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    comment = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sheet", "criterion"], name="assessment_one_line_a_criterion"),
            models.CheckConstraint(
                condition=Q(score=None) | Q(score__gte=0, score__lte=100), name="assessment_line_score"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.criterion} {self.score}"


class Ruling(models.Model):
    """What one examiner says of one finding so far."""

    sheet = models.ForeignKey(ScoreSheet, on_delete=models.PROTECT, related_name="rulings")
    finding = models.ForeignKey(PanelFinding, on_delete=models.PROTECT, related_name="rulings")
    verdict = models.CharField(max_length=10)
    reason = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sheet", "finding"], name="assessment_one_ruling_a_finding"),
            models.CheckConstraint(condition=one_of("verdict", list(Verdict)), name="assessment_ruling_verdict"),
            models.CheckConstraint(
                condition=Q(verdict=Verdict.CONFIRM) | ~Q(reason=""), name="assessment_dismissal_has_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.finding_id} {self.verdict}"


class SheetSeal(Record, WrittenOnce):
    """A sheet as it was handed in: scores, comments and rulings, the rubric's and evidence's hashes, signed by its hash."""

    sheet = models.OneToOneField(ScoreSheet, on_delete=models.PROTECT, related_name="seal")
    content = models.JSONField()
    total = models.DecimalField(max_digits=5, decimal_places=2)
    content_hash = models.CharField(max_length=64)
    signed_by = models.UUIDField()
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("sealed score sheet")
        verbose_name_plural = _("sealed score sheets")
        constraints = [
            models.CheckConstraint(condition=Q(total__gte=0, total__lte=100), name="assessment_seal_total"),
            models.CheckConstraint(condition=is_sha256("content_hash"), name="assessment_seal_hash"),
        ]

    def __str__(self) -> str:
        return f"{self.sheet_id} {self.total}"

    @property
    def scores(self) -> dict[str, Decimal]:
        """Criterion → score."""
        return {code: Decimal(score) for code, score in self.content["scores"].items()}

    @property
    def points(self) -> Decimal:
        """The total with as many decimals as its scores have."""
        return sum(self.scores.values(), Decimal("0.0"))


class ChiefRuling(Record, WrittenOnce):
    """The chief's decision on a finding; a change of mind is a new row, and the newest holds."""

    panel = models.ForeignKey(Panel, on_delete=models.PROTECT, related_name="chief_rulings")
    finding = models.ForeignKey(PanelFinding, on_delete=models.PROTECT, related_name="chief_rulings")
    verdict = models.CharField(max_length=10)
    reason = models.TextField()
    decided_by = models.UUIDField()
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("chief examiner's ruling")
        verbose_name_plural = _("chief examiner's rulings")
        constraints = [
            models.CheckConstraint(condition=one_of("verdict", list(Verdict)), name="assessment_chief_verdict"),
            models.CheckConstraint(condition=~Q(reason=""), name="assessment_chief_ruling_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.finding_id} {self.verdict}"


class VideoOutcome(Record, WrittenOnce):
    """How a work came to its mark: one row a panel, pinned to rubric, evidence, sheets and rulings by `content_hash`."""

    panel = models.OneToOneField(Panel, on_delete=models.PROTECT, related_name="outcome")
    method = models.CharField(max_length=10)
    centre = models.DecimalField(max_digits=4, decimal_places=1)
    removed = models.DecimalField(max_digits=4, decimal_places=1)
    deducted = models.PositiveSmallIntegerField()
    mark = models.DecimalField(max_digits=4, decimal_places=1)
    grade = models.CharField(max_length=10)
    proposed_fail = models.BooleanField()
    content = models.JSONField()
    content_hash = models.CharField(max_length=64, unique=True)
    signed_by = models.UUIDField(null=True)
    reason = models.TextField(blank=True, default="")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("video outcome")
        verbose_name_plural = _("video outcomes")
        constraints = [
            models.CheckConstraint(condition=one_of("method", list(Centre)), name="assessment_outcome_method"),
            models.CheckConstraint(condition=Q(mark__gte=0, mark__lte=100), name="assessment_outcome_mark"),
            models.CheckConstraint(
                condition=Q(mark=0) | Q(mark=Round(F("centre") - F("removed") - F("deducted"), precision=1)),
                name="assessment_outcome_adds_up",
            ),
            models.CheckConstraint(
                condition=~Q(method=Centre.MEDIAN) | (Q(signed_by__isnull=False) & ~Q(reason="")),
                name="assessment_arbitration_is_signed",
            ),
            models.CheckConstraint(condition=is_sha256("content_hash"), name="assessment_outcome_hash"),
        ]

    def __str__(self) -> str:
        return f"{self.panel_id} {self.mark}"


class BookletOutcome(Record, WrittenOnce):
    """How the short answers of an attempt came to their marks, pinned like a video's. `panel` NULL: nothing was answered, so
    nobody was asked. `attempt`: as the panel's `submission`. `content["marks"]`: position → mark."""

    attempt = models.UUIDField(unique=True)
    candidacy = models.UUIDField(db_index=True)
    panel = models.OneToOneField(Panel, on_delete=models.PROTECT, null=True, related_name="booklet_outcome")
    method = models.CharField(max_length=10, blank=True, default="")
    total = models.DecimalField(max_digits=5, decimal_places=2)
    maximum = models.DecimalField(max_digits=5, decimal_places=2)
    content = models.JSONField()
    content_hash = models.CharField(max_length=64, unique=True)
    signed_by = models.UUIDField(null=True)
    reason = models.TextField(blank=True, default="")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("outcome of a booklet")
        verbose_name_plural = _("outcomes of booklets")
        constraints = [
            models.CheckConstraint(
                condition=Q(panel=None, method="", total=0) | Q(panel__isnull=False, method__in=sorted(Centre)),
                name="assessment_booklet_method",
            ),
            models.CheckConstraint(condition=Q(total__gte=0, total__lte=F("maximum")), name="assessment_booklet_total"),
            models.CheckConstraint(
                condition=~Q(method=Centre.MEDIAN) | (Q(signed_by__isnull=False) & ~Q(reason="")),
                name="assessment_booklet_arbitration_signed",
            ),
            models.CheckConstraint(condition=is_sha256("content_hash"), name="assessment_booklet_outcome_hash"),
        ]

    def __str__(self) -> str:
        return f"{self.attempt} {self.total}"
