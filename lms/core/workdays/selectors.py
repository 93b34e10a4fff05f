"""The calendar of working days as the table stands now."""

from datetime import date

from lms.core.workdays.logic import filing_days, shifted, works, years_missing
from lms.core.workdays.models import WorkYear, WorkYearDay
from lms.core.workdays.types import FilingMode, FilingWindow, SpecialDay, WorkCalendar, YearTable


def calendar() -> WorkCalendar:
    """The whole table, two queries; hand it to pure functions."""
    rows = WorkYearDay.objects.values_list("day", "works")
    return WorkCalendar(
        holidays=frozenset(day for day, working in rows if not working),
        workdays=frozenset(day for day, working in rows if working),
        years=frozenset(WorkYear.objects.values_list("year", flat=True)),
    )


def is_working_day(day: date) -> bool:
    """Whether a day is worked in China."""
    return works(calendar(), day)


def add_working_days(start: date, count: int) -> date:
    """The `count`-th working day after `start`, which never counts itself; before it when negative."""
    return shifted(calendar(), start, count)


def filing_window(opening: date, count: int, mode: FilingMode = FilingMode.WITHIN) -> FilingWindow:
    """When to file `count` working days before `opening`. Raises ValueError when `count` is below 1."""
    return filing_days(calendar(), opening, count, mode)


def missing_years(first: date, last: date) -> tuple[int, ...]:
    """The years from `first` to `last` whose table is unknown: say so wherever working days are shown."""
    return years_missing(calendar(), first, last)


def year_table(year: int) -> YearTable:
    """One year as shown and edited."""
    row = WorkYear.objects.filter(year=year).first()
    days = tuple(
        SpecialDay(day.day, day.works, day.name, row.source if row else "")
        for day in WorkYearDay.objects.filter(day__year=year)
    )
    return YearTable(year, row is not None, row.source if row else "", days)


def known_years() -> tuple[int, ...]:
    """The years whose table is known, ascending."""
    return tuple(WorkYear.objects.order_by("year").values_list("year", flat=True))
