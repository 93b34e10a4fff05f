"""Values as JSON holds them. Pure."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from lms.accounts.held.types import Plain


def plain(value: str | int | bool | Decimal | date | datetime | UUID | None) -> Plain:
    """Numbers, booleans and null as they are; days and moments as ISO 8601; everything else as text."""
    if value is None or isinstance(value, (str, bool, int)):
        return value
    return value.isoformat() if isinstance(value, date) else str(value)
