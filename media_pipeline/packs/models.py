"""Rule packs: texts are written once; states, trials and moves are rows of their own."""

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact
from django.utils.translation import pgettext_lazy

from lms.core.models import Record, WrittenOnce
from lms.core.states import move_state
from media_pipeline.packs.logic import MOVES
from media_pipeline.packs.types import PackState

__all__ = ["PackMove", "PackText", "PackTrial", "RulePack", "RuleRuling"]


class RulePack(Record):
    """One version of the compliance rules. In force: the published one whose `effective_from` (included) is the newest."""

    number = models.PositiveIntegerField(unique=True)
    title = models.CharField(max_length=200)
    state = models.CharField(max_length=10, default=PackState.DRAFT)
    base = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="successors")
    effective_from = models.DateField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = pgettext_lazy("rules", "rule pack")
        verbose_name_plural = pgettext_lazy("rules", "rule packs")
        ordering = ["-number"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=sorted(PackState)), name="media_pack_known_state"),
            models.CheckConstraint(
                condition=~Q(state=PackState.PUBLISHED) | Q(effective_from__isnull=False), name="media_pack_effective"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} v{self.number}"

    def move(self, after: PackState, **fields: Any) -> None:
        """Compare-and-set from the state this object was read in. Raises IllegalMove, also when somebody was first."""
        move_state(self, after, MOVES, **fields)


class PackText(Record, WrittenOnce):
    """One revision of a pack's document (`rulepacks.document`). `author` NULL: the installation, from our files."""

    pack = models.ForeignKey(RulePack, on_delete=models.PROTECT, related_name="texts")
    revision = models.PositiveIntegerField()
    content = models.JSONField()
    content_hash = models.CharField(max_length=64)
    note = models.CharField(max_length=500, blank=True, default="")
    author = models.UUIDField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["pack", "revision"], name="media_pack_revision"),
            models.CheckConstraint(condition=Exact(Length("content_hash"), 64), name="media_pack_hash"),
        ]

    def __str__(self) -> str:
        return f"{self.pack_id} r{self.revision}"


class PackTrial(WrittenOnce):
    """What a text did on its own test sentences, under which matcher (`rulepacks.trial`)."""

    id = models.BigAutoField(primary_key=True)
    text = models.ForeignKey(PackText, on_delete=models.PROTECT, related_name="trials")
    matcher = models.PositiveIntegerField()
    passed = models.BooleanField()
    outcome = models.JSONField()
    by = models.UUIDField(null=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.text_id} {'passed' if self.passed else 'failed'}"


class PackMove(WrittenOnce):
    """One change of a pack's state, on which text, by whom and why. `by` NULL: the installation."""

    id = models.BigAutoField(primary_key=True)
    pack = models.ForeignKey(RulePack, on_delete=models.PROTECT, related_name="moves")
    text = models.ForeignKey(PackText, on_delete=models.PROTECT, related_name="moves")
    before = models.CharField(max_length=10)
    after = models.CharField(max_length=10)
    reason = models.CharField(max_length=500, blank=True, default="")
    by = models.UUIDField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(before=F("after")), name="media_pack_moved"),
            models.CheckConstraint(
                condition=~Q(after__in=[PackState.WITHDRAWN, PackState.DRAFT]) | ~Q(reason=""), name="media_pack_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pack_id} {self.after}"


class RuleRuling(WrittenOnce):
    """What became of one finding before a panel: the panel's majority, or its chief. `version`: of the pack that found it."""

    id = models.BigAutoField(primary_key=True)
    panel = models.UUIDField()
    number = models.PositiveSmallIntegerField()
    rule = models.CharField(max_length=30)
    version = models.CharField(max_length=40)
    suspected = models.BooleanField()
    confirmed = models.BooleanField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["panel", "number"], name="media_ruling_one_a_finding")]
        indexes = [models.Index(fields=["rule", "version"], name="media_ruling_by_rule")]

    def __str__(self) -> str:
        return f"{self.rule} {'confirmed' if self.confirmed else 'dismissed'}"
