"""A room of marks for every test that touches the database."""

from pathlib import Path

import pytest

from assessment.theory.services import marking
from tests.assessment.theory.world import Room, build_room


@pytest.fixture
def room(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Room:
    made = build_room(tmp_path)
    monkeypatch.setattr(marking, "open_booklet", made.booklets.open_booklet)
    return made
