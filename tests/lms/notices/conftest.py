"""Fixtures of the notices tests."""

import pytest

from tests.lms.accounts.world import Places, build_places


@pytest.fixture
def places(db: None) -> Places:
    """The small city."""
    return build_places()
