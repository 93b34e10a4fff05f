"""The door of the working-day calendar."""

from lms.core.workdays.logic import filing_days, shifted, works, years_missing
from lms.core.workdays.selectors import (
    add_working_days,
    calendar,
    filing_window,
    is_working_day,
    known_years,
    missing_years,
    year_table,
)
from lms.core.workdays.services import load_workdays, write_year
from lms.core.workdays.types import FilingMode, FilingWindow, SpecialDay, WorkCalendar, YearTable

__all__ = [
    "FilingMode",
    "FilingWindow",
    "SpecialDay",
    "WorkCalendar",
    "YearTable",
    "add_working_days",
    "calendar",
    "filing_days",
    "filing_window",
    "is_working_day",
    "known_years",
    "load_workdays",
    "missing_years",
    "shifted",
    "works",
    "write_year",
    "year_table",
    "years_missing",
]
