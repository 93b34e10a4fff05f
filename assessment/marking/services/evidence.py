"""Opening the evidence of a work to an examiner (and to its owner, when her result is released), and closing it."""

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from assessment.marking.models import EvidenceGrant
from lms.core import audit


@transaction.atomic
def grant_evidence(*, examiner: UUID, asset: UUID, granted_by: UUID | None, now: datetime) -> EvidenceGrant:
    """Open one work to one user, by uuids; twice is once. Without `granted_by`: the installation itself."""
    grant, opened = open_evidence(examiner=examiner, asset=asset, granted_by=granted_by, now=now)
    if opened:
        audit.record(
            subject_kind="submission",
            subject=asset,
            action="evidence_granted",
            actor=granted_by,
            fields={"examiner": examiner},
            now=now,
        )
    return grant


def open_evidence(*, examiner: UUID, asset: UUID, granted_by: UUID | None, now: datetime) -> tuple[EvidenceGrant, bool]:
    """The grant and whether it was not open before, for a service that records it in its own event."""
    held = EvidenceGrant.objects.filter(examiner_user=examiner, asset=asset)
    try:
        with transaction.atomic():
            grant, made = EvidenceGrant.objects.get_or_create(
                examiner_user=examiner, asset=asset, defaults={"granted_by": granted_by, "created_at": now}
            )
    except IntegrityError:
        return held.get(), False
    reopened = 0 if made else held.exclude(ended_at=None).update(ended_at=None)
    return grant, bool(made or reopened)


def close_evidence(*, examiner: UUID, asset: UUID, now: datetime) -> None:
    """She is off this work: its evidence is no longer hers to see."""
    EvidenceGrant.objects.filter(examiner_user=examiner, asset=asset, ended_at=None).update(ended_at=now)
