"""The door of the ground floor, for those who prefer one; its modules may be imported by name as well."""

from lms.core import audit, clock, crypto, events, ids, jobs
from lms.core.models import Record
from lms.core.types import Level, ProductKind

__all__ = ["Level", "ProductKind", "Record", "audit", "clock", "crypto", "events", "ids", "jobs"]
