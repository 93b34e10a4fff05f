from datetime import date, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from lms.core import clock

pytestmark = pytest.mark.django_db


def set_clock(*args: str) -> str:
    out = StringIO()
    call_command("set_clock", *args, stdout=out)
    return out.getvalue()


def test_set_clock_moves_business_time_only() -> None:
    assert clock.simulated() is None
    said = set_clock("2026-03-20T23:59:30")
    assert said.startswith("2026-03-20 23:59:3")
    assert "simulated" in said
    assert clock.today() == date(2026, 3, 20)
    simulated = clock.simulated()
    assert simulated is not None
    assert abs(simulated - datetime(2026, 3, 20, 23, 59, 30, tzinfo=clock.SHANGHAI)) < timedelta(seconds=5)
    assert abs(clock.real_now() - clock.now()) > timedelta(days=1)


def test_steps_add_up_and_real_returns() -> None:
    set_clock("+3d")
    set_clock("-2h")
    assert clock.offset() == timedelta(days=3, hours=-2)
    assert "real" in set_clock("real")
    assert clock.offset() == timedelta(0)


def test_production_refuses_and_ignores_an_offset(settings: Settings) -> None:
    set_clock("+3d")
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="Refused"):
        set_clock("+1d")
    assert clock.offset() == timedelta(0)
    assert clock.simulated() is None


def test_nonsense_is_refused() -> None:
    with pytest.raises(CommandError, match="Not a time"):
        set_clock("tomorrow")
