"""The kernel's own word on whether a file was opened: inotify over files that nobody may touch, and a listener nobody may call."""

import ctypes
import os
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_NONBLOCK, _ACCESS, _OPEN = 0o4000, 0x1, 0x20
_libc = ctypes.CDLL(None, use_errno=True)


class Watched:
    """Files under watch; `touched()` names those opened or read since it was last asked."""

    def __init__(self, handle: int, names: dict[int, str]) -> None:
        self._handle, self._names = handle, names

    def touched(self) -> set[str]:
        events = b""
        with suppress(BlockingIOError):
            while part := os.read(self._handle, 1 << 16):
                events += part
        found, place = set(), 0
        while place < len(events):
            watch, _mask, _cookie, length = struct.unpack_from("iIII", events, place)
            found.add(self._names[watch])
            place += 16 + length
        return found


@contextmanager
def watching(*paths: Path) -> Iterator[Watched]:
    handle = _libc.inotify_init1(_NONBLOCK)
    assert handle >= 0, os.strerror(ctypes.get_errno())
    try:
        names = {_libc.inotify_add_watch(handle, os.fsencode(path), _ACCESS | _OPEN): path.name for path in paths}
        assert min(names) > 0, os.strerror(ctypes.get_errno())
        yield Watched(handle, names)
    finally:
        os.close(handle)


class Listener:
    """A server on loopback that only notes who calls, by TCP or UDP, without ever answering."""

    def __init__(self, tcp: socket.socket, udp: socket.socket) -> None:
        self._sockets = tcp, udp
        self.port = int(tcp.getsockname()[1])

    def calls(self) -> int:
        count = 0
        tcp, udp = self._sockets
        with suppress(BlockingIOError):
            while True:
                tcp.accept()[0].close()
                count += 1
        with suppress(BlockingIOError):
            while udp.recv(65536):
                count += 1
        return count


@contextmanager
def listening() -> Iterator[Listener]:
    with socket.create_server(("127.0.0.1", 0)) as tcp, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.bind(("127.0.0.1", tcp.getsockname()[1]))
        tcp.setblocking(False)
        udp.setblocking(False)
        yield Listener(tcp, udp)
