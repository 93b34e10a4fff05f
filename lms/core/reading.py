"""What a browser or a device sent, as words and JSON that can be stored."""

import json
from collections.abc import Mapping
from typing import Any


def json_of(body: bytes | str) -> Any:
    """What a body says as JSON. Raises ValueError.

    Refused beside what is no JSON: nesting too deep to read, numbers that are none (NaN, Infinity, 1e999), half a character.
    """
    try:
        said = json.loads(body)
        json.dumps(said, ensure_ascii=False, allow_nan=False).encode()
    except RecursionError as deep:
        raise ValueError("nested too deeply") from deep
    return said


def words_asked(given: Mapping[str, str], name: str = "q") -> str:
    """What is searched for, of an address, without outer space; "" for what no text in the database can hold (NUL)."""
    words = given.get(name, "").strip()
    return "" if "\0" in words else words
