"""A kept connection that the server has closed is noticed before it is used; one key is added by one of many."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, connections
from django.test import override_settings

from lms.core.sharedcache import SharedCache
from lms.settings.base import SHARED_CACHE

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def test_a_connection_that_the_server_ended_is_replaced() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        first = cursor.fetchone()[0]
    assert connection.is_usable()
    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [first])
            assert cursor.fetchone() == (True,)
    finally:
        other.close()
    assert not connection.is_usable()
    # As at the beginning of a request.
    held: Any = connection
    held.health_check_enabled, held.health_check_done = True, False
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        assert cursor.fetchone()[0] != first


def test_one_of_many_adds_a_key() -> None:
    with override_settings(CACHES={"default": {**SHARED_CACHE, "LOCATION": "test_race_cache"}}):
        call_command("createcachetable")

    def adds(_number: int) -> bool:
        try:
            return SharedCache("test_race_cache", {}).add("lock", 1, 60)
        finally:
            connections.close_all()

    try:
        with ThreadPoolExecutor(8) as pool:
            assert sorted(pool.map(adds, range(8))) == [False] * 7 + [True]
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE test_race_cache")
