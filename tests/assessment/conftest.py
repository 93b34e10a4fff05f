"""The cast, for every test of the evidence pages that touches the database."""

import pytest

from tests.media_pipeline.cast import Cast, build_cast


@pytest.fixture
def cast(db: None) -> Cast:
    return build_cast()
