"""Tables of the law book. Rows are written once: a change is a new version, a change of mind a new decision."""

from django.db import models

from lms.core.crypto import EncryptedTextField
from lms.core.records import Record, WrittenOnce
from lms.policies.types import DecisionKind, Outcome

__all__ = ["PolicyProfile", "StoredDecision"]


class PolicyProfile(Record, WrittenOnce):
    """One version of one profile. `content`: everything it says, the platform's defaults of that day included.

    `in_force_from` (null: from the beginning) is the filing day from which this version holds (S1-01); `valid_from` and
    `valid_to` are the days classes must lie within. `from_file`: ours; otherwise `by` entered it.
    """

    key = models.CharField(max_length=60)
    version = models.PositiveIntegerField()
    content_hash = models.CharField(max_length=64)
    title = models.CharField(max_length=200)
    valid_from = models.DateField(null=True)
    valid_to = models.DateField(null=True)
    in_force_from = models.DateField(null=True)
    content = models.JSONField()
    from_file = models.BooleanField()
    by = models.UUIDField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["key", "version"]
        constraints = [
            models.UniqueConstraint(fields=["key", "version"], name="policies_profile_version"),
            models.CheckConstraint(condition=models.Q(version__gte=1), name="policies_profile_from_one"),
            models.CheckConstraint(
                condition=models.Q(valid_from=None)
                | models.Q(valid_to=None)
                | models.Q(valid_from__lte=models.F("valid_to")),
                name="policies_profile_window",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} v{self.version}"


class StoredDecision(Record, WrittenOnce):
    """A decision with its reasons, as it was explained. The reasons may speak of a person: encrypted."""

    KINDS = [(kind.value, kind.value) for kind in DecisionKind]

    kind = models.CharField(max_length=20, choices=KINDS)
    subject_kind = models.CharField(max_length=40)
    subject = models.UUIDField()
    profile = models.ForeignKey(PolicyProfile, on_delete=models.PROTECT, related_name="+")
    # MET: allowed, NOT_MET: refused, UNKNOWN: pending.
    outcome = models.CharField(max_length=10, choices=[(outcome.value, outcome.value) for outcome in Outcome])
    reasons = EncryptedTextField()
    content_hash = models.CharField(max_length=64)
    by = models.UUIDField(null=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["subject", "kind"], name="policies_decision_subject")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.subject_kind} {self.subject}: {self.outcome}"
