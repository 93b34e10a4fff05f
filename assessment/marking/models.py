"""Who may look at which evidence."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from lms.core.models import Record

__all__ = ["EvidenceGrant"]


class EvidenceGrant(Record):
    """An examiner is assigned one work, or a trainee may read her own after its release (users and works by uuid).

    Allocation writes the first, the release of a result the second."""

    examiner_user = models.UUIDField()
    asset = models.UUIDField(db_index=True)
    granted_by = models.UUIDField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("evidence grant")
        verbose_name_plural = _("evidence grants")
        constraints = [models.UniqueConstraint(fields=["examiner_user", "asset"], name="assessment_one_evidence_grant")]

    def __str__(self) -> str:
        return str(self.uuid)
