"""A world for every test of the room that touches the database."""

from collections.abc import Iterator

import pytest

from tests.assessment.delivery.world import World, build_world, plugged_in


@pytest.fixture
def world(db: None) -> Iterator[World]:
    with plugged_in() as fakes:
        yield build_world(fakes)
