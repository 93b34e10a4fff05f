"""Export → import → export: the same bytes, the same documents, for every format that keeps everything."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assessment.bank.exchange import formats
from assessment.bank.exchange.checks import document_of
from assessment.bank.types import Place
from lms.core.types import Level
from tests.assessment.bank.exchange.documents import EVERY_TYPE, FILES, sound_documents

KEEPING = ("excel", "moodle", "qti30")
UNKNOWN = Place(Level.SENIOR_TECHNICIAN, difficulty=1)


def again(format_, documents, title="初级 <理论> & 题库"):
    """The documents that come back, and the bytes of both exports."""
    first = formats.write(format_, documents, FILES, title=title)
    assert formats.detect(first, "x") == format_
    reading = formats.read(first, "x")
    assert reading.refused == ()
    assert (reading.format, reading.title) == (format_, title)
    back = [
        document_of(read, UNKNOWN, document.uid) for read, document in zip(reading.accepted, documents, strict=True)
    ]
    files = {
        media.sha256: data
        for read, document in zip(reading.accepted, back, strict=True)
        for media, data in zip(document.media, [dict(read.files)[one.name] for one in document.media], strict=True)
    }
    return back, first, formats.write(format_, back, files, title=reading.title)


@pytest.mark.parametrize("format_", KEEPING)
def test_every_type_comes_back_whole(format_):
    back, first, second = again(format_, EVERY_TYPE)
    for got, expected in zip(back, EVERY_TYPE, strict=True):
        assert got == expected
    assert first == second


@pytest.mark.parametrize("format_", KEEPING)
@given(documents=st.lists(sound_documents(), min_size=1, max_size=4, unique_by=lambda document: document.uid))
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
def test_any_question_comes_back_whole(format_, documents):
    back, first, second = again(format_, documents)
    assert back == documents
    assert first == second
