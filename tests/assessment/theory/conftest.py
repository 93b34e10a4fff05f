"""A room of marks for every test that touches the database."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from assessment.theory import booklets
from tests.assessment.theory.world import Room, build_room


@pytest.fixture
def room(db: None, tmp_path: Path) -> Iterator[Room]:
    before = booklets.source
    try:
        yield build_room(tmp_path)
    finally:
        booklets.source = before
