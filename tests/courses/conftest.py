"""The cast with rules to plan under."""

import pytest

from tests.courses.school import lay_rules
from tests.media_pipeline.cast import Cast, build_cast


@pytest.fixture
def cast(db: None) -> Cast:
    cast = build_cast()
    lay_rules(cast)
    return cast
