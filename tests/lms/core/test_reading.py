"""What a browser or a device sends: read, or refused with a ValueError that every caller knows."""

import json

import pytest

from lms.core.reading import json_of, words_asked


@pytest.mark.parametrize(
    "body",
    (b"[" * 100_000, b'{"a":' * 100_000, b"NaN", b"[Infinity]", b"[1e999]", b'"\\ud800"', b"\xff", b"", b"{"),
    ids=("deep", "deep objects", "NaN", "Infinity", "1e999", "half a character", "no UTF-8", "nothing", "torn"),
)
def test_what_no_page_sends_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the contract, whichever kind of it
        json_of(body)


def test_what_a_page_sends_is_read() -> None:
    said = {"text": "鱼丸 🐟 \\u0000", "revision": 3, "at": 1.5, "done": None}
    assert json_of(json.dumps(said)) == said
    assert json_of(json.dumps(said, ensure_ascii=False).encode()) == said


@pytest.mark.parametrize("given, words", (({"q": " 鱼丸 "}, "鱼丸"), ({"q": "鱼\0丸"}, ""), ({}, "")))
def test_a_search_for_what_no_text_holds_is_no_search(given: dict[str, str], words: str) -> None:
    assert words_asked(given) == words
