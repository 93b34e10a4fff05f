"""What goes live without a second person: only what Kaibo ships, and what two people have approved before, word for word."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_open: ContextVar[bool] = ContextVar("kaibo_releasing", default=False)


@contextmanager
def releasing() -> Iterator[None]:
    """Within this block pages may be published without a review; for the loaders and `services` of this room only."""
    token = _open.set(True)
    try:
        yield
    finally:
        _open.reset(token)


def is_releasing() -> bool:
    """Whether this runs within `releasing`."""
    return _open.get()
