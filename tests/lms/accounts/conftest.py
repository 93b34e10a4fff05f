"""Fixtures of the accounts tests."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache

from tests.lms.accounts.world import Places, build_places


@pytest.fixture
def places(db: None) -> Places:
    return build_places()


@pytest.fixture(autouse=True)
def _no_earlier_tries() -> Iterator[None]:
    """Wrong tries are counted in the cache, which outlives a test."""
    cache.clear()
    yield
    cache.clear()
