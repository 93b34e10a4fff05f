"""The audit trail: a hash chain for each subject, all heads sealed every minute under a chained Merkle root."""

from lms.core.audit.models import AuditEvent
from lms.core.audit.selectors import events_of, latest_seals, verify, verify_all, verify_seals
from lms.core.audit.services import keyed_hash, record, seal
from lms.core.audit.types import Fact, Verified

__all__ = [
    "AuditEvent",
    "Fact",
    "Verified",
    "events_of",
    "keyed_hash",
    "latest_seals",
    "record",
    "seal",
    "verify",
    "verify_all",
    "verify_seals",
]
