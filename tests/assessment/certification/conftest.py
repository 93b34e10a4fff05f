"""The world of certification, three passes waiting."""

import pytest

from tests.assessment.certification.world import World, build_world


@pytest.fixture
def world(db: None) -> World:
    return build_world()
