"""Who teaches, is related to, learns from or declared herself against whom: rows are added, never changed."""

from django.db import models
from django.db.models import F, Q

from lms.accounts.people.models import Person
from lms.accounts.ties.types import ENDS
from lms.core.crypto import EncryptedTextField
from lms.core.records import Record, WrittenOnce

__all__ = ["Tie"]


def _ends() -> Q:
    """A kind binds only to what it may bind to."""
    allowed = Q()
    for kind, objects in ENDS.items():
        allowed |= Q(kind=kind.value, object_kind__in=sorted(end.value for end in objects))
    return allowed


class Tie(Record, WrittenOnce):
    """A tie, or the row that ends one (`ends` set; its `valid_to` is then the last day of the tie it ends).

    A tie ended before its first day was a mistake and never held. `note` may name people, so it is encrypted.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="ties")
    kind = models.CharField(max_length=20)
    object_kind = models.CharField(max_length=20)
    object = models.UUIDField(db_index=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    source = models.CharField(max_length=60)
    note = EncryptedTextField(blank=True)
    ends = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="ended_by")
    by = models.UUIDField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=sorted(kind.value for kind in ENDS)) & _ends(), name="accounts_tie_ends"
            ),
            models.CheckConstraint(
                condition=Q(ends=None, valid_to=None)
                | Q(ends=None, valid_to__gte=F("valid_from"))
                | Q(ends__isnull=False, valid_to__isnull=False),
                name="accounts_tie_days",
            ),
        ]
        indexes = [models.Index(fields=["person", "kind"], name="accounts_tie_person")]

    def __str__(self) -> str:
        return f"{self.kind} {self.object_kind} {self.object}"
