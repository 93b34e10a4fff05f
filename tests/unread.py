"""A body that nobody may read."""

from typing import Any


class _Unread:
    def read(self, size: int = -1) -> bytes:
        raise AssertionError("the body was read")

    readline = read


def unread(length: int) -> dict[str, Any]:
    """For `Client.generic("POST", address, **unread(length))`: a form of so many bytes that fails once it is read."""
    return {
        "CONTENT_LENGTH": str(length),
        "CONTENT_TYPE": "multipart/form-data; boundary=x",
        "wsgi.input": _Unread(),
    }
