"""How many requests of one web process work at once.

Threads of one Python process compute by turns in any case. When eight want to, they pass the interpreter's lock around under
each other's eyes: a page took a fifth more CPU than one at a time, and no page came sooner (measured, ADR 0034). So a few work
and the others wait where waiting costs nothing.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

# Who has waited so long takes over the place that was taken first, whose holder works on without one: a courtesy and not a
# lock. A request that hangs on a database's lock or an outside service costs one other this much, once.
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
        self._places = _Places(at_once)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        length = environ.get("CONTENT_LENGTH") or "0"
        turn = _Turn(self._places, once=not length.isdecimal() or int(length[:19]) > _FORM_BYTES)
        environ["wsgi.input"] = _Body(environ["wsgi.input"], turn)
        turn.take()
        try:
            return self._site(environ, start_response)
        finally:
            turn.end()


class _Places:
    """Who works, the longest first; at most `number`."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._held: deque[_Turn] = deque()
        self._door = threading.Condition()

    def take(self, turn: "_Turn") -> None:
        with self._door:
            if not self._door.wait_for(lambda: len(self._held) < self._number, timeout=_PATIENCE_S):
                self._held.popleft()
            self._held.append(turn)

    def give(self, turn: "_Turn") -> None:
        with self._door:
            if turn in self._held:
                self._held.remove(turn)
                self._door.notify()


class _Turn:
    """One request's place, which another may have taken over. once: given away, it is not taken again."""

    def __init__(self, places: _Places, *, once: bool) -> None:
        self._places, self._once = places, once

    def take(self) -> None:
        self._places.take(self)

    def end(self) -> None:
        # What is read of the body from here on, by an answer in pieces, takes none.
        self._once = True
        self._places.give(self)

    @contextmanager
    def aside(self) -> Iterator[None]:
        self._places.give(self)
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
