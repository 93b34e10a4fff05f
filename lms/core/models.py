"""Tables of the ground floor, a line a room. They name people and objects by uuid, never by relation."""

from lms.core.audit.models import AuditEvent, AuditHead, AuditLeaf, AuditSeal
from lms.core.jobs.models import Job
from lms.core.records import ClockOffset, Record, WrittenOnce
from lms.core.workdays.models import WorkYear, WorkYearDay

__all__ = [
    "AuditEvent",
    "AuditHead",
    "AuditLeaf",
    "AuditSeal",
    "ClockOffset",
    "Job",
    "Record",
    "WorkYear",
    "WorkYearDay",
    "WrittenOnce",
]
