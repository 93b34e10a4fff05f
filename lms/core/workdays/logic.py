"""Arithmetic with Chinese working days (domain 2.3): pure, the table is given. No Django."""

from datetime import date, timedelta

from lms.core.workdays.types import FilingMode, FilingWindow, WorkCalendar

_DAY = timedelta(days=1)


def works(calendar: WorkCalendar, day: date) -> bool:
    """Whether a day is worked: its row in the table, else Monday to Friday."""
    if day in calendar.workdays:
        return True
    return day.weekday() < 5 and day not in calendar.holidays


def shifted(calendar: WorkCalendar, start: date, count: int) -> date:
    """The `count`-th working day after `start` (before it when negative); `start` itself never counts.

    0 is `start`, whatever day it is.
    """
    day, left, step = start, abs(count), _DAY if count > 0 else -_DAY
    while left:
        day += step
        left -= works(calendar, day)
    return day


def filing_days(calendar: WorkCalendar, opening: date, count: int, mode: FilingMode) -> FilingWindow:
    """When to file what must be filed `count` working days before `opening`. The opening day is too late in each mode.

    Raises ValueError when `count` is below 1.
    """
    if count < 1:
        raise ValueError("a filing window has at least one working day")
    edge = shifted(calendar, opening, -count)
    return FilingWindow(edge, opening - _DAY) if mode is FilingMode.WITHIN else FilingWindow(None, edge)


def years_missing(calendar: WorkCalendar, first: date, last: date) -> tuple[int, ...]:
    """The years from `first` to `last` (in either order) whose table is unknown."""
    low, high = sorted((first.year, last.year))
    return tuple(year for year in range(low, high + 1) if year not in calendar.years)
