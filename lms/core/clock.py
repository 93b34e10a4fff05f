"""The one clock. `now()` is real time plus the offset `manage.py set_clock` stored; leases and sessions use `real_now()`."""

from datetime import UTC, date, datetime, timedelta
from time import monotonic
from zoneinfo import ZoneInfo

from django.conf import settings

SHANGHAI = ZoneInfo("Asia/Shanghai")
# Every process reads the row; a second of staleness spares a query on every call.
_CACHE_S = 1.0
_cached: tuple[float, timedelta] | None = None


class ClockRefused(Exception):
    """The clock may not be set here."""


def real_now() -> datetime:
    """The machine's time, aware, UTC: leases, heartbeats, rate limits, sessions and TOTP."""
    return datetime.now(UTC)


def offset() -> timedelta:
    """The simulated offset; always zero in production."""
    global _cached
    if settings.PRODUCTION:
        return timedelta(0)
    if _cached is None or monotonic() - _cached[0] > _CACHE_S:
        from lms.core.models import ClockOffset

        row = ClockOffset.objects.first()
        _cached = (monotonic(), timedelta(seconds=row.seconds) if row else timedelta(0))
    return _cached[1]


def forget_cache() -> None:
    """Read the row again at the next call (after set_clock, between tests)."""
    global _cached
    _cached = None


def set_offset(seconds: int) -> None:
    """Store the simulated offset for every process of this installation; 0 is real time. Raises ClockRefused."""
    if settings.PRODUCTION:
        raise ClockRefused("the clock of a production installation is real time")
    from lms.core.models import ClockOffset

    if seconds:
        ClockOffset.objects.update_or_create(pk=1, defaults={"seconds": seconds})
    else:
        ClockOffset.objects.all().delete()
    forget_cache()


def simulated() -> datetime | None:
    """Kaibo's time when it is not the real one, for the banner every page then shows; None in real time."""
    return now() if offset() else None


def now() -> datetime:
    """Kaibo's time, aware, UTC."""
    return real_now() + offset()


def day_of(moment: datetime) -> date:
    """The date in Shanghai at an aware moment: a day begins and ends (24:00) there."""
    return moment.astimezone(SHANGHAI).date()


def today() -> date:
    """The date in Shanghai now."""
    return day_of(now())
