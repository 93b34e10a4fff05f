"""Fixtures of the accounts tests."""

import pytest
from django.core.cache import cache

from tests.lms.accounts.world import Places, build_places


@pytest.fixture
def places(db: None) -> Places:
    """The small city; nobody has tried a password yet (tries are counted in the cache, which outlives a test)."""
    cache.clear()
    return build_places()
