"""Loading and editing the working-day table."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import yaml
from django.db import transaction

from lms.core import audit
from lms.core.reference import content_hash
from lms.core.workdays.models import WorkYear, WorkYearDay
from lms.core.workdays.types import SpecialDay

_FILE = Path(__file__).with_name("data") / "workdays.yaml"


@transaction.atomic
def load_workdays() -> int:
    """Lay our years where there are none, renew those nobody has edited; returns years changed."""
    frame: dict[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return sum(_load_year(entry) for entry in frame["years"])


def _load_year(entry: dict[str, Any]) -> int:
    number, source = int(entry["year"]), str(entry["source"])
    days = _days(entry)
    ours = content_hash(f"{source}\n{_lines(days)}")
    year = WorkYear.objects.select_for_update().filter(year=number).first()
    if year is not None and (year.reference_hash == ours or year.reference_hash == ""):
        return 0
    if year is None:
        year = WorkYear(year=number)
    year.source, year.reference_hash = source, ours
    year.save()
    _write(number, days)
    return 1


def _days(entry: dict[str, Any]) -> list[SpecialDay]:
    source = str(entry["source"])
    days = []
    for holiday in entry["holidays"]:
        day = holiday["from"]
        while day <= holiday["to"]:
            days.append(SpecialDay(day, False, str(holiday["name"]), source))
            day += timedelta(days=1)
    days += [SpecialDay(day, True, "调休", source) for day in entry["workdays"]]
    return days


def _lines(days: Collection[SpecialDay]) -> str:
    return "\n".join(f"{day.day} {int(day.works)} {day.name}" for day in sorted(days, key=lambda day: day.day))


def _write(year: int, days: Collection[SpecialDay]) -> None:
    WorkYearDay.objects.filter(day__year=year).delete()
    WorkYearDay.objects.bulk_create(WorkYearDay(day=day.day, works=day.works, name=day.name) for day in days)


@transaction.atomic
def write_year(
    *, by: UUID, year: int, source: str, days: Collection[tuple[date, bool, str]], now: datetime
) -> WorkYear:
    """Write a year's whole table as a person entered it; our file never touches it again.

    days: (day, works, name). Raises ValueError when a day is of another year or named twice.
    """
    if any(day.year != year for day, _, _ in days) or len({day for day, _, _ in days}) != len(days):
        raise ValueError("every day of a year's table lies in the year and is named once")
    row, _ = WorkYear.objects.select_for_update().get_or_create(year=year)
    row.source, row.reference_hash = source, ""
    row.save()
    _write(year, [SpecialDay(day, works, name, source) for day, works, name in days])
    audit.record(
        subject_kind="work_year",
        subject=row.uuid,
        action="work_year_written",
        actor=by,
        fields={"year": year, "days": len(days)},
        now=now,
    )
    return row
