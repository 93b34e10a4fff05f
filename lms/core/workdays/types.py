"""What a calendar of working days is. No Django."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class FilingMode(StrEnum):
    """How "5 working days before" is read (domain 2.2 no. 6)."""

    WITHIN = "within"  # inside the last n working days before the day
    AT_LEAST = "at_least"  # n working days ahead, or earlier


@dataclass(frozen=True)
class WorkCalendar:
    """Days that differ from their weekday: `holidays` fall on working days, `workdays` are weekend days made up for.

    `years`: those whose table is known. Outside them Monday to Friday is taken for working days, and `missing_years`
    says so. `holidays` may name weekend days too: they are free anyway.
    """

    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()
    years: frozenset[int] = frozenset()


@dataclass(frozen=True)
class FilingWindow:
    """The days on which filing is in time, both included; no `first`: any day before is early enough."""

    first: date | None
    last: date

    def holds(self, day: date) -> bool:
        """Whether filing on this day is in time."""
        return (self.first is None or self.first <= day) and day <= self.last


@dataclass(frozen=True)
class SpecialDay:
    """One row of the table: a free working day, or a weekend day that is worked."""

    day: date
    works: bool
    name: str
    source: str


@dataclass(frozen=True)
class YearTable:
    """One year as shown and edited. `known` False: no table yet, weekends only."""

    year: int
    known: bool
    source: str
    days: tuple[SpecialDay, ...]
