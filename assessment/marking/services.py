"""Assigning works to examiners, one by one."""

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from assessment.marking.models import EvidenceGrant
from lms.core import audit


@transaction.atomic
def grant_evidence(*, examiner: UUID, asset: UUID, granted_by: UUID | None, now: datetime) -> EvidenceGrant:
    """Assign one work to one examiner, by uuids; twice is once. Without `granted_by`: the installation itself."""
    held = EvidenceGrant.objects.filter(examiner_user=examiner, asset=asset).first()
    if held:
        return held
    try:
        with transaction.atomic():
            grant = EvidenceGrant.objects.create(
                examiner_user=examiner, asset=asset, granted_by=granted_by, created_at=now
            )
    except IntegrityError:
        return EvidenceGrant.objects.get(examiner_user=examiner, asset=asset)
    audit.record(
        subject_kind="submission",
        subject=asset,
        action="evidence_granted",
        actor=granted_by,
        fields={"examiner": examiner},
        now=now,
    )
    return grant
