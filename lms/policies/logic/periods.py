"""Publicity, archives, and what a page may show."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import TypeVar

from lms.core.workdays.logic import shifted
from lms.core.workdays.types import WorkCalendar
from lms.policies.types import ProfileData, PublicityKind, Purpose

V = TypeVar("V")
# What a publicity page never shows (S2-43); acceptance material does (S4-26).
SENSITIVE = frozenset({"document_number", "phone", "address", "bank_account"})


def publicity_end(profile: ProfileData, published_on: date, calendar: WorkCalendar) -> date:
    """The last day of publicity, to 24:00; the day of publication does not count (domain 2.3)."""
    rule = profile.parameters.publicity
    if rule.kind is PublicityKind.WORKING:
        return shifted(calendar, published_on, rule.days)
    return published_on + timedelta(days=rule.days)


def keep_until(profiles: Iterable[ProfileData], closed_on: date) -> date:
    """Until when a class's archive is kept: of several profiles the longest (domain 2.2 no. 8). Raises ValueError."""
    years = max((profile.parameters.archive_years for profile in profiles), default=0)
    if not years:
        raise ValueError("an archive belongs to a profile")
    try:
        return closed_on.replace(year=closed_on.year + years)
    except ValueError:
        return date(closed_on.year + years, 3, 1)


def disclosed(profile: ProfileData, purpose: Purpose, record: Mapping[str, V]) -> dict[str, V]:
    """The fields of one record that a purpose may show: two views, one record (domain 2.2 no. 15)."""
    if purpose is Purpose.ACCEPTANCE or not profile.parameters.publicity.mask_pii:
        return dict(record)
    return {name: value for name, value in record.items() if name not in SENSITIVE}
