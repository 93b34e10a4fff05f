"""Runs of the analysis: written once, reproducible from marks named by a hash; what the committee decides on flags.

Nothing here is about a candidate: counts, shares and figures of questions. Which option is right stands encrypted.
"""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from assessment.statistics.types import CONCERN_MOVES, ConcernState, RunKind
from lms.core.constraints import is_sha256, one_of
from lms.core.crypto import EncryptedTextField
from lms.core.records import Record, WrittenOnce
from lms.core.states import move_state
from lms.core.types import Level

__all__ = ["AnalysedItem", "AnalysisRun", "Concern", "ConcernDecision"]


class AnalysisRun(Record, WrittenOnce):
    """One analysis (统计分析). `subject`: sitting, group of parallel papers, or the level's number as a uuid; its highest
    `number` stands.

    `parts`: list of `PartRecord.content`, a booklet each. `source_hash`: over the marked answers, thresholds and engine: the
    same again makes no new run. `content_hash`: keyed, over all of it with the items' options. The worker makes runs.
    """

    kind = models.CharField(max_length=10)
    subject = models.UUIDField()
    number = models.PositiveIntegerField()
    level = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=200)
    place = models.CharField(max_length=200, blank=True, default="")
    held_at = models.DateTimeField()
    sittings = models.PositiveIntegerField()
    candidates = models.PositiveIntegerField()
    flagged = models.PositiveIntegerField()
    parts = models.JSONField()
    engine = models.CharField(max_length=20)
    limits_hash = models.CharField(max_length=64)
    source_hash = models.CharField(max_length=64)
    content_hash = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("statistical analysis")
        verbose_name_plural = _("statistical analyses")
        indexes = [models.Index(fields=["kind", "held_at"], name="assessment_run_held")]
        constraints = [
            models.UniqueConstraint(fields=["kind", "subject", "number"], name="assessment_run_number"),
            models.CheckConstraint(condition=one_of("kind", list(RunKind)), name="assessment_run_kind"),
            models.CheckConstraint(condition=one_of("level", [int(one) for one in Level]), name="assessment_run_level"),
            models.CheckConstraint(condition=Q(number__gte=1), name="assessment_run_from_one"),
            models.CheckConstraint(
                condition=Q(is_sha256("source_hash"), is_sha256("content_hash"), is_sha256("limits_hash")),
                name="assessment_run_hashes",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject} #{self.number}"


class AnalysedItem(WrittenOnce):
    """One question version in one booklet of a run. `part`: which of `AnalysisRun.parts`, from 0; `serial`, `version_number`,
    `topic`: as the bank numbers and places it; `figures` and `flags` as in `ItemRecord`; `options`: JSON, the key is in it."""

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(AnalysisRun, on_delete=models.PROTECT, related_name="items")
    part = models.PositiveSmallIntegerField()
    position = models.PositiveSmallIntegerField()
    question = models.UUIDField(db_index=True)
    version = models.UUIDField()
    serial = models.PositiveBigIntegerField()
    version_number = models.PositiveIntegerField()
    type = models.CharField(max_length=12)
    topic = models.CharField(max_length=10)
    figures = models.JSONField()
    flags = models.JSONField()
    options = EncryptedTextField()

    class Meta:
        verbose_name = _("analysed question")
        verbose_name_plural = _("analysed questions")
        constraints = [
            models.UniqueConstraint(fields=["run", "part", "version"], name="assessment_analysed_once"),
        ]

    def __str__(self) -> str:
        return f"{self.run_id}/{self.part} {self.version}"


class Concern(Record):
    """A question version whose figures people should look at (统计异常). `flags`: as `ItemRecord.flags`, of the run that told
    them last; the run can be read again and says the same."""

    question = models.UUIDField(db_index=True)
    version = models.UUIDField()
    level = models.PositiveSmallIntegerField()
    serial = models.PositiveBigIntegerField()
    version_number = models.PositiveIntegerField()
    topic = models.CharField(max_length=10)
    run = models.ForeignKey(AnalysisRun, on_delete=models.PROTECT, related_name="concerns")
    flags = models.JSONField()
    urgent = models.BooleanField()
    state = models.CharField(max_length=10, default=ConcernState.OPEN)
    raised_at = models.DateTimeField()
    moved_at = models.DateTimeField()

    class Meta:
        verbose_name = _("question with bad statistics")
        verbose_name_plural = _("questions with bad statistics")
        indexes = [models.Index(fields=["state", "id"], name="assessment_concern_state")]
        constraints = [
            models.CheckConstraint(
                condition=one_of("state", list(ConcernState)), name="assessment_concern_known_state"
            ),
            models.UniqueConstraint(
                fields=["version"], condition=Q(state=ConcernState.OPEN), name="assessment_one_open_concern"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version} {self.state}"

    def move(self, after: ConcernState, **fields: Any) -> None:
        """Compare-and-set from the state this object was read in. Raises IllegalMove, also when somebody was first."""
        move_state(self, after, CONCERN_MOVES, **fields)


class ConcernDecision(WrittenOnce):
    """What a member of the committee decided, on which flags, and why; her words may name the key. `run`: the figures she had
    before her."""

    id = models.BigAutoField(primary_key=True)
    concern = models.OneToOneField(Concern, on_delete=models.PROTECT, related_name="decision")
    verdict = models.CharField(max_length=10)
    reason = EncryptedTextField()
    run = models.ForeignKey(AnalysisRun, on_delete=models.PROTECT, related_name="decisions")
    flags = models.JSONField()
    by = models.UUIDField()
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("decision on a question with bad statistics")
        verbose_name_plural = _("decisions on questions with bad statistics")
        constraints = [
            models.CheckConstraint(
                condition=one_of("verdict", [ConcernState.KEPT, ConcernState.SUSPENDED]),
                name="assessment_concern_verdict",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="assessment_concern_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.concern_id} {self.verdict}"
