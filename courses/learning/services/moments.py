"""When something a device tells of happened."""

from datetime import datetime, time

from courses.enrolment.selectors import placed_at
from courses.learning.logic.progress import event_time
from courses.learning.selectors.gates import OpenLesson
from lms.core.clock import SHANGHAI


def moment_of(at: OpenLesson, age_ms: int, *, now: datetime) -> datetime:
    """On our clock, not before the first training day and not before she had her place; reading ahead happens when told.

    age_ms: how long ago it happened, by the device.
    """
    if age_ms <= 0:
        return now
    begins = datetime.combine(at.row.starts_on, time(), SHANGHAI)
    return event_time(now, age_ms, max(begins, placed_at(at.enrolment)))
