"""Requests for a correction or a merge, and the decisions on them. Each row is written once; the histories stay."""

from django.db import models
from django.db.models import F, Q

from lms.accounts.people.models import Person
from lms.core.crypto import EncryptedTextField
from lms.core.records import Record, WrittenOnce

__all__ = ["Correction", "CorrectionDecision", "Merge", "MergeDecision"]


class Correction(Record, WrittenOnce):
    """What somebody asks to be corrected; "" leaves a field as it is. `before_…` is what the record said when asked."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="corrections")
    name = EncryptedTextField(blank=True)
    document_type = models.CharField(max_length=20, blank=True)
    document_number = EncryptedTextField(blank=True)
    before_name = EncryptedTextField()
    before_document_type = models.CharField(max_length=20, blank=True)
    before_document_number = EncryptedTextField(blank=True)
    # Which paper was shown (household register, new card …), and where its copy lies.
    evidence = EncryptedTextField()
    scan_note = EncryptedTextField(blank=True)
    by = models.UUIDField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(name="", document_number="") & ~Q(evidence=""), name="accounts_correction_says_something"
            ),
            models.CheckConstraint(
                condition=Q(document_number="") | ~Q(document_type=""), name="accounts_correction_number_has_a_kind"
            ),
        ]

    def __str__(self) -> str:
        return str(self.uuid)


class CorrectionDecision(WrittenOnce):
    """The HR bureau's dated decision; allowed, it has changed the record in the same transaction."""

    correction = models.OneToOneField(Correction, on_delete=models.PROTECT, related_name="decision")
    allowed = models.BooleanField()
    reason = EncryptedTextField(blank=True)
    by = models.UUIDField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(allowed=True) | ~Q(reason=""), name="accounts_correction_refusal_why"),
        ]

    def __str__(self) -> str:
        return f"{self.correction_id} {self.allowed}"


class Merge(Record, WrittenOnce):
    """Somebody's finding that `merged` is the same human being as `kept`; a second person decides."""

    kept = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="merges_kept")
    merged = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="merges_away")
    evidence = EncryptedTextField()
    by = models.UUIDField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(kept=F("merged")), name="accounts_merge_of_two"),
            models.CheckConstraint(condition=~Q(evidence=""), name="accounts_merge_says_why"),
        ]

    def __str__(self) -> str:
        return str(self.uuid)


class MergeDecision(WrittenOnce):
    """The second person's decision; `merge_by` repeats who proposed, so the database itself refuses one person for both."""

    merge = models.OneToOneField(Merge, on_delete=models.PROTECT, related_name="decision")
    allowed = models.BooleanField()
    reason = EncryptedTextField(blank=True)
    merge_by = models.UUIDField()
    by = models.UUIDField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(by=F("merge_by")), name="accounts_merge_by_two_people"),
            models.CheckConstraint(condition=Q(allowed=True) | ~Q(reason=""), name="accounts_merge_refusal_why"),
        ]

    def __str__(self) -> str:
        return f"{self.merge_id} {self.allowed}"
