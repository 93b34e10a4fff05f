"""What every step of batches and certificates shares: moves by compare-and-set, their history, the audit trail."""

from datetime import datetime

from django.utils.translation import gettext as _

from assessment.certification.models import (
    Batch,
    BatchStep,
    Certificate,
)
from assessment.certification.types import (
    BATCH_MOVES,
    BatchState,
    CertificationRefused,
    ReissueReason,
    RevocationReason,
)
from lms.accounts.api import (
    Acting,
    Organisation,
)
from lms.core import audit
from lms.core.states import move_state


def stated(reason: str) -> str:
    reason = " ".join(reason.split())
    if not reason:
        raise CertificationRefused(_("Please write the reason."), code="reason", field="reason")
    return reason


def is_own_body(by: Acting, body: Organisation) -> bool:
    return by.organisation == body.uuid


def same_hands() -> CertificationRefused:
    return CertificationRefused(
        _("Who filed it may not review it or give its numbers. A colleague of the bureau must do this."), code="self"
    )


def move_batch(
    row: Batch,
    after: BatchState,
    *,
    by: Acting,
    now: datetime,
    version: int | None = None,
    snapshot: str = "",
    reason: str = "",
) -> None:
    """Compare-and-set from the state the row was read in, and its line in the history. Raises IllegalMove."""
    move_state(row, after, BATCH_MOVES, changed_at=now, version=version or row.version)
    BatchStep.objects.create(
        batch=row,
        state=after,
        version=row.version,
        snapshot_hash=snapshot,
        reason=reason,
        by=by.user,
        organisation=by.organisation,
        at=now,
    )


def record_batch(row: Batch, action: str, by: Acting, now: datetime, **fields: int | str) -> None:
    audit.record(
        subject_kind="batch",
        subject=row.uuid,
        action=action,
        actor=by.user,
        fields={"version": row.version, **fields},
        now=now,
    )


def record_certificate(
    row: Certificate,
    action: str,
    by: Acting,
    now: datetime,
    category: RevocationReason | ReissueReason | None = None,
) -> None:
    audit.record(
        subject_kind="certificate",
        subject=row.uuid,
        action=action,
        actor=by.user,
        fields={"category": category} if category else {},
        now=now,
    )
