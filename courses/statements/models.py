"""Systems of an institution that may fetch its statements."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lms.accounts.api import Organisation
from lms.core.records import Record

__all__ = ["StatementClient"]


class StatementClient(Record):
    """One system. Its key is its uuid, its secret is shown once and kept as a SHA-256 (it has 256 random bits)."""

    institution = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="statement_clients")
    name = models.CharField(pgettext_lazy("statement client", "name"), max_length=60)
    secret_hash = models.CharField(max_length=64, editable=False)
    created_by = models.UUIDField(null=True, editable=False)
    created_at = models.DateTimeField(editable=False)
    used_at = models.DateTimeField(null=True, editable=False)
    revoked_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("statement client")
        verbose_name_plural = _("statement clients")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["institution", "name"], condition=Q(revoked_at=None), name="courses_one_client_a_name"
            ),
            models.CheckConstraint(condition=Exact(Length("secret_hash"), 64), name="courses_client_secret"),
            models.CheckConstraint(
                condition=Q(revoked_at=None) | Q(revoked_at__gte=F("created_at")), name="courses_client_order"
            ),
        ]

    def __str__(self) -> str:
        return self.name
