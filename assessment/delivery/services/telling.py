"""What the room of marks writes here: that an attempt's mark is known."""

from collections.abc import Collection
from datetime import datetime

from assessment.delivery.models import Attempt


def note_told(*, attempts: Collection[int], now: datetime) -> None:
    """The marks of these attempts (ids) are known to the results from this transaction on; the first hour stays."""
    Attempt.objects.filter(pk__in=list(attempts), told_at=None).update(told_at=now)
