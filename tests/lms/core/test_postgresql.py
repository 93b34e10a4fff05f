"""A kept connection that the server closed is noticed; one key is added by one of many; what comes again is planned once."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, connections
from django.test import override_settings

from lms.accounts.people.models import User
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


def test_a_statement_that_comes_again_is_planned_by_the_server_once() -> None:
    for number in range(4):
        assert list(User.objects.filter(username=f"nobody {number}")) == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE %s", ["%username%= $1%"])
        assert cursor.fetchone() == (1,)


def test_the_shared_cache_waits_for_no_disk() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relpersistence FROM pg_class WHERE relname = %s", [SHARED_CACHE["LOCATION"]])
        assert cursor.fetchone() == ("u",)


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
