"""Tables of the audit trail. Rows are added, never changed: the database refuses an UPDATE (`triggers.py`)."""

from django.db import models

from lms.core.records import Record

__all__ = ["AuditEvent", "AuditHead", "AuditLeaf", "AuditSeal"]


class AuditEvent(Record):
    """One act on one subject: ids, field names and keyed hashes only, no personal value."""

    subject_kind = models.CharField(max_length=40)
    subject = models.UUIDField()
    sequence = models.PositiveIntegerField()
    action = models.CharField(max_length=60)
    actor = models.UUIDField(null=True)
    fields = models.JSONField(default=dict)
    at = models.DateTimeField()
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject", "subject_kind", "sequence"], name="core_audit_sequence"),
            models.CheckConstraint(condition=models.Q(sequence__gte=1), name="core_audit_from_one"),
        ]
        indexes = [
            models.Index(fields=["at"], name="core_audit_at"),
            models.Index(fields=["actor", "at"], name="core_audit_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.subject_kind} {self.subject} #{self.sequence} {self.action}"


class AuditHead(models.Model):
    """The end of each subject's chain: the row that is locked, last of all, to add an event."""

    subject_kind = models.CharField(max_length=40)
    subject = models.UUIDField()
    sequence = models.PositiveIntegerField(default=0)
    hash = models.CharField(max_length=64)
    sealed_sequence = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject", "subject_kind"], name="core_audit_one_head"),
            models.CheckConstraint(
                condition=models.Q(sealed_sequence__lte=models.F("sequence")), name="core_audit_sealed_behind"
            ),
        ]
        indexes = [
            models.Index(
                fields=["id"],
                condition=models.Q(sealed_sequence__lt=models.F("sequence")),
                name="core_audit_unsealed",
            )
        ]

    def __str__(self) -> str:
        return f"{self.subject_kind} {self.subject} #{self.sequence}"


class AuditSeal(models.Model):
    """A Merkle root over the heads that moved, chained to the seal before; `hash` is what gets printed."""

    sequence = models.PositiveIntegerField(unique=True)
    at = models.DateTimeField()
    leaves = models.PositiveIntegerField()
    root = models.CharField(max_length=64)
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)

    def __str__(self) -> str:
        return f"#{self.sequence} {self.hash}"


class AuditLeaf(models.Model):
    """One head under a seal, in the order it was hashed."""

    seal = models.ForeignKey(AuditSeal, on_delete=models.PROTECT, related_name="leaf_set")
    position = models.PositiveIntegerField()
    subject_kind = models.CharField(max_length=40)
    subject = models.UUIDField()
    sequence = models.PositiveIntegerField()
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["seal", "position"], name="core_audit_leaf_position")]
        indexes = [models.Index(fields=["subject"], name="core_audit_leaf_subject")]

    def __str__(self) -> str:
        return f"{self.seal_id}/{self.position}"
