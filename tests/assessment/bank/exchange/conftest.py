"""Reasons are told in the reader's language; tests that look for words read English."""

from collections.abc import Iterator

import pytest
from django.utils import translation


@pytest.fixture(scope="module")
def english() -> Iterator[None]:
    """English messages in a whole module: `pytestmark = pytest.mark.usefixtures("english")`."""
    with translation.override("en"):
        yield
