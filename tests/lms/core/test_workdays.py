from datetime import date, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.core.audit import events_of
from lms.core.workdays.api import (
    FilingMode,
    FilingWindow,
    WorkCalendar,
    add_working_days,
    filing_days,
    filing_window,
    is_working_day,
    load_workdays,
    missing_years,
    shifted,
    works,
    write_year,
    year_table,
)
from lms.core.workdays.models import WorkYear
from tests.lms.accounts.world import NOW
from tests.lms.policies.shelf import calendar

DAYS = st.dates(date(2020, 1, 1), date(2027, 12, 31))
SHIPPED = calendar()


@pytest.fixture
def table(db: None) -> None:
    load_workdays()


@pytest.mark.req("S2-42")
def test_publicity_of_five_working_days_over_the_national_day(table: None) -> None:
    ends = [add_working_days(date(2021, 9, 29), count) for count in range(1, 6)]
    assert ends == [date(2021, 9, 30), date(2021, 10, 8), date(2021, 10, 9), date(2021, 10, 11), date(2021, 10, 12)]


@pytest.mark.req("S3-26")
def test_filing_window_over_the_dragon_boat_festival(table: None) -> None:
    back = [add_working_days(date(2023, 6, 28), -count) for count in range(1, 6)]
    assert back == [date(2023, 6, day) for day in (27, 26, 25, 21, 20)]
    assert filing_window(date(2023, 6, 28), 5) == FilingWindow(date(2023, 6, 20), date(2023, 6, 27))
    ahead = filing_window(date(2023, 6, 28), 5, FilingMode.AT_LEAST)
    assert ahead == FilingWindow(None, date(2023, 6, 20))
    assert ahead.holds(date(2023, 1, 1))
    assert not ahead.holds(date(2023, 6, 21))


def test_a_make_up_sunday_is_worked_and_a_holiday_monday_is_not(table: None) -> None:
    assert is_working_day(date(2023, 6, 25))
    assert not is_working_day(date(2026, 9, 25))
    assert not is_working_day(date(2026, 11, 21))


def test_a_missing_year_is_named_and_counts_weekends_only(table: None) -> None:
    assert missing_years(date(2021, 12, 1), date(2026, 1, 5)) == (2022, 2024)
    assert missing_years(date(2026, 1, 5), date(2025, 12, 1)) == ()
    assert is_working_day(date(2024, 10, 1))


def test_loading_again_changes_nothing_and_never_touches_what_people_wrote(table: None) -> None:
    assert load_workdays() == 0
    WorkYear.objects.filter(year=2021).update(reference_hash="older")
    assert load_workdays() == 1
    write_year(by=uuid4(), year=2026, source="公告", days=[(date(2026, 1, 1), False, "元旦")], now=NOW)
    assert load_workdays() == 0
    shown = year_table(2026)
    assert (shown.source, [day.day for day in shown.days]) == ("公告", [date(2026, 1, 1)])
    row = WorkYear.objects.get(year=2026)
    assert [event.action for event in events_of(row.uuid)] == ["work_year_written"]


def test_a_table_holds_its_own_year_once(table: None) -> None:
    for days in ([(date(2025, 1, 1), False, "")], [(date(2026, 1, 1), False, ""), (date(2026, 1, 1), True, "")]):
        with pytest.raises(ValueError, match="lies in the year"):
            write_year(by=uuid4(), year=2026, source="", days=days, now=NOW)


def test_a_window_of_no_days_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        filing_days(SHIPPED, date(2026, 3, 2), 0, FilingMode.WITHIN)


@given(start=DAYS, count=st.integers(-30, 30).filter(bool))
def test_shifting_lands_on_a_working_day_and_counts_right(start: date, count: int) -> None:
    end = shifted(SHIPPED, start, count)
    step = timedelta(days=1 if count > 0 else -1)
    passed, day = 0, start
    while day != end:
        day += step
        passed += works(SHIPPED, day)
    assert works(SHIPPED, end)
    assert passed == abs(count)


@given(start=DAYS, count=st.integers(1, 20), holiday=DAYS)
def test_another_holiday_never_makes_a_period_end_earlier(start: date, count: int, holiday: date) -> None:
    more = WorkCalendar(SHIPPED.holidays | {holiday}, SHIPPED.workdays, SHIPPED.years)
    assert shifted(more, start, count) >= shifted(SHIPPED, start, count)
