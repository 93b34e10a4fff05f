"""Tables of assessment specifications. Rows are written once: a change is a new version."""

from django.db import models

from lms.core.records import Record, WrittenOnce
from lms.core.types import Level

__all__ = ["AssessmentSpecification", "SpecificationApproval"]


class AssessmentSpecification(Record, WrittenOnce):
    """One version of the specification of one key and level. `content`: parts, quorum, papers, note (S1-19)."""

    key = models.CharField(max_length=60)
    level = models.PositiveSmallIntegerField(choices=[(int(level), level.label_zh) for level in Level])
    version = models.PositiveIntegerField()
    content_hash = models.CharField(max_length=64)
    title = models.CharField(max_length=200)
    trial = models.BooleanField()
    content = models.JSONField()
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["key", "-level", "version"]
        constraints = [
            models.UniqueConstraint(fields=["key", "level", "version"], name="assessment_spec_version"),
            models.CheckConstraint(
                condition=models.Q(version__gte=1, level__gte=1, level__lte=5), name="assessment_spec_sane"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} level {self.level} v{self.version}"


class SpecificationApproval(WrittenOnce):
    """The bureau's word that a version may be examined by. `by` null: the installation itself, for the demonstration."""

    id = models.BigAutoField(primary_key=True)
    specification = models.OneToOneField(AssessmentSpecification, on_delete=models.PROTECT, related_name="approval")
    by = models.UUIDField(null=True)
    organisation = models.UUIDField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(by=None, organisation=None) | models.Q(by__isnull=False, organisation__isnull=False),
                name="assessment_spec_approver_whole",
            )
        ]

    def __str__(self) -> str:
        return f"{self.specification_id} approved {self.at:%Y-%m-%d}"
