"""Headers of tus, and what tells one file from another."""

import hashlib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_pipeline.uploads.logic import (
    END_BYTES,
    Fingerprint,
    metadata_header,
    parse_checksum,
    parse_metadata,
    parse_size,
)
from media_pipeline.uploads.types import BadHeader


def test_metadata_is_read_as_the_protocol_writes_it() -> None:
    header = "filename d29ybGRfZG9taW5hdGlvbl9wbGFuLnBkZg==,is_confidential,empty "
    assert parse_metadata(header) == {"filename": "world_domination_plan.pdf", "is_confidential": "", "empty": ""}
    assert parse_metadata("") == {}


@given(
    st.dictionaries(
        st.from_regex(r"[!-+\--~]{1,20}", fullmatch=True),
        st.text(max_size=40).filter(lambda t: "\0" not in t),
        max_size=6,
    )
)
def test_metadata_comes_back_as_it_was_sent(values: dict[str, str]) -> None:
    assert parse_metadata(metadata_header(values)) == values


@given(st.text(max_size=60))
def test_whatever_a_header_holds_it_is_read_or_refused(text: str) -> None:
    with suppress(BadHeader):
        values = parse_metadata(text)
        assert parse_metadata(metadata_header(values)) == values
    with suppress(BadHeader):
        assert parse_size(text, "Upload-Offset") == int(text)
    with suppress(BadHeader):
        checksum = parse_checksum(text)
        assert len(checksum.digest) == hashlib.new(checksum.algorithm).digest_size


@pytest.mark.parametrize("text", (None, "", " 1", "+1", "1.0", "١٢", "1" * 19))
def test_a_size_is_a_plain_whole_number(text: str | None) -> None:
    with pytest.raises(BadHeader):
        parse_size(text, "Upload-Length")


@pytest.mark.parametrize("length", (1, 5, END_BYTES, END_BYTES + 1, 2 * END_BYTES, 3 * END_BYTES + 7))
@pytest.mark.parametrize("chunk", (1 << 16, END_BYTES, 3 * END_BYTES))
def test_a_fingerprint_is_the_hash_of_both_ends_however_the_file_is_read(length: int, chunk: int) -> None:
    content = hashlib.shake_128(b"video").digest(length)
    taken = Fingerprint(length)
    for at in range(0, length, chunk):
        taken.update(content[at : at + chunk])
    assert taken.hexdigest() == hashlib.sha256(content[:END_BYTES] + content[-END_BYTES:]).hexdigest()
