"""When a day is over, and the words of a notice. Pure."""

import json
from collections.abc import Mapping
from datetime import date, datetime, tzinfo

from lms.notices.types import Param

_DATE = "$date"
SOON_DAYS = 3


def days_left(due: date, *, now: datetime, zone: tzinfo) -> int:
    """Whole days from today to the day due; 0 on the day itself, which is included to 24:00; negative afterwards."""
    return (due - now.astimezone(zone).date()).days


def stored(params: Mapping[str, Param]) -> str:
    """Parameters as text: JSON, dates marked, names sorted."""
    plain = {name: {_DATE: value.isoformat()} if isinstance(value, date) else value for name, value in params.items()}
    return json.dumps(plain, ensure_ascii=False, sort_keys=True)


def restored(text: str) -> dict[str, Param]:
    """And back."""
    held = json.loads(text) if text else {}
    return {
        name: date.fromisoformat(value[_DATE]) if isinstance(value, dict) else value for name, value in held.items()
    }
