"""A few requests work at once, the others wait, and nothing that is slow or stuck keeps them waiting for ever."""

import io
import threading
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

import pytest

from lms.core import turns
from lms.core.turns import Turns

LONG_S = 30


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A turn that is not given leads to a test that fails, not to one that passes late."""
    monkeypatch.setattr(turns, "_PATIENCE_S", LONG_S)


def asked(site: Turns, body: Any = None, **environ: str) -> list[bytes]:
    return list(site({"wsgi.input": body or io.BytesIO(), **environ}, lambda *_words: None))


def test_no_more_than_so_many_work_at_once_and_everybody_is_answered() -> None:
    inside, most, lock = 0, 0, threading.Lock()
    met = threading.Barrier(2, timeout=LONG_S)

    def works(_environ: Any, _start: Any) -> Iterable[bytes]:
        nonlocal inside, most
        with lock:
            inside += 1
            most = max(most, inside)
        met.wait()  # comes off only where two are in
        with lock:
            inside -= 1
        return [b"ok"]

    site = Turns(works, 2)
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda _: asked(site), range(40))) == [[b"ok"]] * 40
    assert most == 2


def test_who_waits_for_a_body_holds_up_nobody() -> None:
    reads, sent = threading.Event(), threading.Event()

    class Slow(io.BytesIO):
        def read(self, *size: Any) -> bytes:
            reads.set()
            assert sent.wait(LONG_S)
            return super().read(*size)

    def works(environ: Any, _start: Any) -> Iterable[bytes]:
        body = environ["wsgi.input"]
        return [body.readline(), body.read(2), body.read(), *body.readlines(), *body]

    site = Turns(works, 1)
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(asked, site, Slow(b"one\ntwo"))
        assert reads.wait(LONG_S)
        assert asked(site, io.BytesIO(b"a\nb\nc")) == [b"a\n", b"b\n", b"c"]
        sent.set()
        assert slow.result(LONG_S) == [b"one\n", b"tw", b"o"]


@pytest.mark.parametrize("length,goes_on", (("65536", False), ("65537", True), ("-1", True)))
def test_who_brings_a_file_works_on_without_a_turn(length: str, goes_on: bool) -> None:
    reads, other = threading.Event(), threading.Event()

    class Sent(io.BytesIO):
        def read(self, *size: Any) -> bytes:
            reads.set()
            assert other.wait(LONG_S)
            return super().read(*size)

    def works(environ: Any, _start: Any) -> Iterable[bytes]:
        if "CONTENT_LENGTH" in environ:
            return [environ["wsgi.input"].read()]
        other.set()
        # The one who brings something is answered now, or only when this is.
        return [b"%d" % bool(wait([uploads], LONG_S if goes_on else 0.2).done)]

    site = Turns(works, 1)
    with ThreadPoolExecutor(1) as pool:
        uploads = pool.submit(lambda: asked(site, Sent(b"film"), CONTENT_LENGTH=length))
        assert reads.wait(LONG_S)
        assert asked(site) == [b"%d" % goes_on]
        assert uploads.result(LONG_S) == [b"film"]


def test_an_answer_in_pieces_is_sent_without_a_turn() -> None:
    """Files and downloads: what is asked for later is not asked for in a turn."""
    site = Turns(lambda environ, _start: (b"%d" % number for number in range(3)), 1)
    pieces = iter(site({"wsgi.input": io.BytesIO()}, lambda *_words: None))
    assert next(pieces) == b"0"
    assert asked(site) == [b"0", b"1", b"2"]
    assert list(pieces) == [b"1", b"2"]


def test_a_turn_is_given_back_whatever_happens() -> None:
    def fails(_environ: Any, _start: Any) -> Iterable[bytes]:
        raise RuntimeError

    site = Turns(fails, 1)
    for _time in range(3):
        with pytest.raises(RuntimeError):
            asked(site)


def test_who_is_stuck_costs_another_its_patience_once(monkeypatch: pytest.MonkeyPatch) -> None:
    stuck, free = threading.Event(), threading.Event()

    def works(environ: Any, _start: Any) -> Iterable[bytes]:
        if environ.get("stuck"):
            stuck.set()
            assert free.wait(LONG_S)
        return [environ["wsgi.input"].read()]

    site = Turns(works, 1)
    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(lambda: list(site({"stuck": True, "wsgi.input": io.BytesIO(b"x")}, lambda *_words: None)))
        assert stuck.wait(LONG_S)
        monkeypatch.setattr(turns, "_PATIENCE_S", 0.01)
        assert asked(site, io.BytesIO(b"y")) == [b"y"]
        # Its place was taken over and given back: nobody else waits, and it gives back none that it has not.
        monkeypatch.setattr(turns, "_PATIENCE_S", LONG_S)
        began = time.monotonic()
        for _time in range(3):
            assert asked(site, io.BytesIO(b"z")) == [b"z"]
        free.set()
        assert held.result(LONG_S) == [b"x"]
        assert asked(site, io.BytesIO(b"z")) == [b"z"]
        assert time.monotonic() - began < LONG_S
    assert not site._places._held


def test_what_reads_the_body_after_its_answer_takes_no_turn() -> None:
    def works(environ: Any, _start: Any) -> Iterable[bytes]:
        return (environ["wsgi.input"].read(1) for _time in range(3))

    site = Turns(works, 1)
    assert asked(site, io.BytesIO(b"abc")) == [b"a", b"b", b"c"]
    assert not site._places._held
