"""The cache in the database: what `add`, `set` and `touch` promise, how it stays small, how many statements it takes."""

import random
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from lms.core import clock
from lms.core.sharedcache import SharedCache
from lms.settings.base import SHARED_CACHE

pytestmark = pytest.mark.django_db


@pytest.fixture
def cache() -> Iterator[SharedCache]:
    with override_settings(CACHES={"default": {**SHARED_CACHE, "LOCATION": "test_cache"}}):
        call_command("createcachetable")
        yield SharedCache("test_cache", {"OPTIONS": {"MAX_ENTRIES": 3}})


def _expire(key: str) -> None:
    with connection.cursor() as cursor:
        past = connection.ops.adapt_datetimefield_value(clock.real_now().replace(microsecond=0) - timedelta(minutes=1))
        cursor.execute("UPDATE test_cache SET expires = %s WHERE cache_key = %s", [past, f":1:{key}"])


def test_what_stands_is_not_added_again_until_it_has_run_out(cache: SharedCache) -> None:
    assert cache.add("lock", "first")
    assert not cache.add("lock", "second")
    assert cache.get("lock") == "first"
    _expire("lock")
    assert cache.get("lock") is None
    cache.add("lock", "kept")
    _expire("lock")
    assert cache.add("lock", "third")
    assert cache.get("lock") == "third"


def test_set_writes_over_and_touch_only_what_stands(cache: SharedCache) -> None:
    cache.set("count", [1.5, 2.5], 60)
    cache.set("count", [3.5], None)
    assert cache.get("count") == [3.5]
    assert cache.touch("count", 60)
    assert not cache.touch("nothing", 60)
    cache.set("gone", 1, 60)
    _expire("gone")
    assert not cache.touch("gone", 60)
    assert cache.get("gone") is None


def test_a_write_is_one_statement(cache: SharedCache, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(random, "randrange", lambda _most: 1)
    with CaptureQueriesContext(
        connection,
    ) as told:
        cache.set("count", 1)
        cache.add("count", 2)
    assert len(told) == 2


def test_numbers_are_counted_where_they_stand(cache: SharedCache) -> None:
    with pytest.raises(ValueError, match="count"):
        cache.incr("count")
    cache.add("count", 3, 60)
    with CaptureQueriesContext(connection) as told:
        assert (cache.incr("count"), cache.incr("count", 10), cache.decr("count", 15)) == (4, 14, -1)
    assert len(told) == 3
    assert cache.get_many(["count", "nothing"]) == {"count": -1}
    cache.set("yes", True)
    assert cache.get("yes") is True
    _expire("count")
    with pytest.raises(ValueError, match="count"):
        cache.incr("count")
    assert cache.get("count") is None


def test_what_has_run_out_is_thrown_away(cache: SharedCache, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(random, "randrange", lambda _most: 0)
    for number in range(5):
        cache.set(f"old-{number}", number)
        _expire(f"old-{number}")
    cache.set("new", 1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT cache_key FROM test_cache")
        # The fourth one's write found more than three.
        assert set(cursor.fetchall()) == {(":1:old-4",), (":1:new",)}
