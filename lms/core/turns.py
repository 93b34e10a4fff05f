"""How many requests of one web process work at once.

Threads of one Python process compute by turns in any case. When eight want to, they pass the interpreter's lock around under
each other's eyes: a page took a fifth more CPU than one at a time, and no page came sooner (measured, ADR 0034). So a few work
and the others wait where waiting costs nothing.
"""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

# Nobody waits longer than this: a courtesy and not a lock, so that requests held up by a database's lock or an outside
# service hold up the others this long at most, and nothing can wait for each other for ever.
_PATIENCE_S = 0.25
# A body with more than this is a file: it is mostly waiting, and would have to wait for a turn after each piece.
_FORM_BYTES = 64 * 1024


class Turns:
    """A WSGI application that lets `at_once` requests into `site` and the next when one is answered.

    Who waits for bytes of a form gives the place away meanwhile, who brings a file from then on, and an answer in pieces is
    sent without one: a slow line holds a thread as before, but nobody's turn. at_once: 1 or more.
    """

    def __init__(self, site: Callable[..., Iterable[bytes]], at_once: int) -> None:
        self._site = site
        self._places = threading.Semaphore(at_once)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        length = environ.get("CONTENT_LENGTH") or "0"
        turn = _Turn(self._places, once=not length.isdecimal() or int(length[:19]) > _FORM_BYTES)
        turn.take()
        environ["wsgi.input"] = _Body(environ["wsgi.input"], turn)
        try:
            return self._site(environ, start_response)
        finally:
            turn.give()


class _Turn:
    """One request's place, or none where it lost its patience. once: given away, it is not taken again."""

    def __init__(self, places: threading.Semaphore, *, once: bool) -> None:
        self._places, self._once, self._held = places, once, False

    def take(self) -> None:
        self._held = self._places.acquire(timeout=_PATIENCE_S)

    def give(self) -> None:
        if self._held:
            self._held = False
            self._places.release()

    @contextmanager
    def aside(self) -> Iterator[None]:
        self.give()
        try:
            yield
        finally:
            if not self._once:
                self.take()


class _Body:
    """A request's body, read aside."""

    def __init__(self, source: Any, turn: _Turn) -> None:
        self._source, self._turn = source, turn

    def read(self, *size: int) -> bytes:
        with self._turn.aside():
            return bytes(self._source.read(*size))

    def readline(self, *size: int) -> bytes:
        with self._turn.aside():
            return bytes(self._source.readline(*size))

    def readlines(self, *hint: int) -> list[bytes]:
        with self._turn.aside():
            return list(self._source.readlines(*hint))

    def __iter__(self) -> Iterator[bytes]:
        while line := self.readline():
            yield line
