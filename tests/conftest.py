"""What every test stands on: no network, one clock, small Hypothesis runs, Debian's Chromium."""

import ipaddress
import os
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from scripts.pattern import from_dump, from_pattern
from scripts.postgres import BINARIES

SOAK_FULL = os.environ.get("SOAK") == "full"

# Time limits would fail on a busy machine; the seed is fixed so that a red run can be repeated. SOAK=full searches wider.
hypothesis_settings.register_profile(
    "kaibo",
    deadline=None,
    derandomize=not SOAK_FULL,
    max_examples=2000 if SOAK_FULL else 60,
    suppress_health_check=[HealthCheck.too_slow],
)
hypothesis_settings.load_profile("kaibo")


class NetworkForbidden(AssertionError):
    """A test tried to leave the machine."""


def _is_local(family: int, address: Any) -> bool:
    if family == socket.AF_UNIX:
        return True
    if family not in {socket.AF_INET, socket.AF_INET6}:
        return False
    host = address[0]
    if host in {"localhost", ""}:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class _GuardedSocket(socket.socket):
    """A socket that reaches loopback and unix addresses only."""

    def connect(self, address: Any) -> None:
        if not _is_local(self.family, address):
            raise NetworkForbidden(f"a test tried to reach {address}")
        super().connect(address)

    def connect_ex(self, address: Any) -> int:
        if not _is_local(self.family, address):
            raise NetworkForbidden(f"a test tried to reach {address}")
        return super().connect_ex(address)


def pytest_configure(config: pytest.Config) -> None:
    socket.socket = _GuardedSocket  # type: ignore[misc]
    # Playwright's synchronous door keeps an event loop running in the thread that also uses the ORM.
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


def _asks_database(item: pytest.Item) -> bool:
    fixtures = getattr(item, "fixturenames", ())
    marked = any(item.get_closest_marker(name) for name in ("django_db", "postgres"))
    return marked or not {"db", "transactional_db"}.isdisjoint(fixtures)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    from django.conf import settings

    if settings.DATABASES["default"]["ENGINE"].endswith("postgresql"):
        # What asks no database, or has one of its own, is no different there.
        config.hook.pytest_deselected(items=[item for item in items if not _asks_database(item)])
        items[:] = [item for item in items if _asks_database(item)]
        return
    needs_server = pytest.mark.skip(reason="needs PostgreSQL: make test-postgres")
    for item in items:
        if item.get_closest_marker("postgres"):
            item.add_marker(needs_server)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    request: pytest.FixtureRequest,
    django_db_modify_db_settings_parallel_suffix: None,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """A browser asks the live server while the test asks the database: in memory both would share one SQLite connection,
    whose cache of statements two threads break. On disk each has its own, as in life."""
    from django.db import connection

    if connection.vendor == "postgresql":
        if BINARIES in os.environ:
            from_dump(connection)
        return
    if any(item.get_closest_marker("browser") for item in request.session.items):
        connection.settings_dict["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "test.sqlite3")
    from_pattern(connection)


@pytest.fixture(autouse=True)
def _fresh_clock() -> Iterator[None]:
    """No test sees the clock offset another one stored, and a slow machine counts no query of the clock more: what was read
    once holds for the test."""
    from lms.core import clock

    clock.forget_cache()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "_CACHE_S", 3600.0)
        yield
    clock.forget_cache()


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Debian's Chromium (Playwright cannot download its own here); KAIBO_CHROMIUM names another."""
    return {
        **browser_type_launch_args,
        "executable_path": os.environ.get("KAIBO_CHROMIUM", "/usr/bin/chromium"),
        "args": [
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-quic",
            "--no-first-run",
        ],
    }


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """A visitor from Shanghai who reads Chinese."""
    return {**browser_context_args, "locale": "zh-CN", "timezone_id": "Asia/Shanghai"}
