"""Blueprints and papers: written once; their approvals, states and uses are rows of their own."""

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact
from django.utils.translation import pgettext_lazy

from assessment.papers.logic import MOVES
from assessment.papers.types import FORMS, PaperState
from lms.core.models import Record, WrittenOnce
from lms.core.states import move_state
from lms.core.types import Level

__all__ = ["Blueprint", "BlueprintApproval", "PaperForm", "PaperMove", "PaperStanding", "PaperUse"]


class Blueprint(Record, WrittenOnce):
    """One version of the blueprint of one key and level. `content`: as `logic.read_blueprint` reads it; `author` NULL: the
    installation, from our file."""

    key = models.CharField(max_length=60)
    level = models.PositiveSmallIntegerField(choices=[(int(level), level.label_zh) for level in Level])
    version = models.PositiveIntegerField()
    content_hash = models.CharField(max_length=64)
    title = models.CharField(max_length=200)
    content = models.JSONField()
    author = models.UUIDField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = pgettext_lazy("paper", "blueprint")
        verbose_name_plural = pgettext_lazy("paper", "blueprints")
        ordering = ["key", "-level", "version"]
        constraints = [
            models.UniqueConstraint(fields=["key", "level", "version"], name="assessment_blueprint_version"),
            models.CheckConstraint(
                condition=Q(version__gte=1, level__gte=1, level__lte=5) & ~Q(key=""), name="assessment_blueprint_sane"
            ),
            models.CheckConstraint(condition=Exact(Length("content_hash"), 64), name="assessment_blueprint_hash"),
        ]

    def __str__(self) -> str:
        return f"{self.key} level {self.level} v{self.version}"


class BlueprintApproval(WrittenOnce):
    """The bureau's word that papers may be drawn by a version. `by` NULL: the installation, for the demonstration."""

    id = models.BigAutoField(primary_key=True)
    blueprint = models.OneToOneField(Blueprint, on_delete=models.PROTECT, related_name="approval")
    by = models.UUIDField(null=True)
    organisation = models.UUIDField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(by=None, organisation=None) | Q(by__isnull=False, organisation__isnull=False),
                name="assessment_blueprint_approver",
            )
        ]

    def __str__(self) -> str:
        return f"{self.blueprint_id} approved {self.at:%Y-%m-%d}"


class PaperForm(Record, WrittenOnce):
    """One form of a paper, frozen. `group`: the same for parallel forms; `content`: sections, versions and marks, no text and
    no key (`logic.paper_content`), so its plain hash betrays nothing."""

    blueprint = models.ForeignKey(Blueprint, on_delete=models.PROTECT, related_name="papers")
    group = models.UUIDField()
    form = models.CharField(max_length=1)
    seed = models.BigIntegerField()
    content = models.JSONField()
    content_hash = models.CharField(max_length=64)
    by = models.UUIDField(null=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = pgettext_lazy("paper", "paper")
        verbose_name_plural = pgettext_lazy("paper", "papers")
        constraints = [
            models.UniqueConstraint(fields=["group", "form"], name="assessment_paper_form"),
            models.CheckConstraint(condition=Q(form__in=sorted(FORMS), seed__gte=0), name="assessment_paper_sane"),
            models.CheckConstraint(condition=Exact(Length("content_hash"), 64), name="assessment_paper_hash"),
        ]

    def __str__(self) -> str:
        return f"{self.uuid} {self.form}"


class PaperStanding(models.Model):
    """Where a paper stands now."""

    id = models.BigAutoField(primary_key=True)
    paper = models.OneToOneField(PaperForm, on_delete=models.PROTECT, related_name="standing")
    state = models.CharField(max_length=10, default=PaperState.DRAWN)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=sorted(PaperState)), name="assessment_paper_known_state")
        ]

    def __str__(self) -> str:
        return f"{self.paper_id} {self.state}"

    def move(self, after: PaperState, **fields: Any) -> None:
        """Compare-and-set from the state this object was read in. Raises IllegalMove, also when somebody was first."""
        move_state(self, after, MOVES, **fields)


class PaperMove(WrittenOnce):
    """One change of a paper's state, by whom and why. `by` NULL: the installation."""

    id = models.BigAutoField(primary_key=True)
    paper = models.ForeignKey(PaperForm, on_delete=models.PROTECT, related_name="moves")
    before = models.CharField(max_length=10)
    after = models.CharField(max_length=10)
    reason = models.CharField(max_length=300, blank=True, default="")
    by = models.UUIDField(null=True)
    organisation = models.UUIDField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(before=F("after")), name="assessment_paper_moved"),
            models.CheckConstraint(
                condition=~Q(after=PaperState.WITHDRAWN) | ~Q(reason=""), name="assessment_paper_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.paper_id} {self.after}"


class PaperUse(WrittenOnce):
    """A sitting uses a paper: its questions were counted as used once for it."""

    id = models.BigAutoField(primary_key=True)
    paper = models.ForeignKey(PaperForm, on_delete=models.PROTECT, related_name="uses")
    sitting = models.UUIDField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["paper", "sitting"], name="assessment_paper_use_once")]

    def __str__(self) -> str:
        return f"{self.paper_id} {self.sitting}"
