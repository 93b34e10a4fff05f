"""A network that can be lost: a proxy between the browser and the live server, which can be cut and mended.

Chromium's own offline switch does not reach service workers; a cut cable does.
"""

import contextlib
import selectors
import socket
import threading
from urllib.parse import urlsplit


class Cable:
    """Carries connections to `target` while it is whole; `url` is where the browser goes. Close it in the end."""

    def __init__(self, target: str) -> None:
        there = urlsplit(target)
        self._there = (there.hostname or "localhost", there.port or 80)
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self.whole = True
        self._listener = socket.create_server(("localhost", 0))
        self.url = f"http://localhost:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def cut(self) -> None:
        """No connection any more, also not those that stand."""
        self.whole = False
        with self._lock:
            for each in self._open:
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        """As before."""
        self.whole = True

    def close(self) -> None:
        """The end."""
        self.cut()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(timeout=5)

    def _accept(self) -> None:
        while True:
            try:
                here, _address = self._listener.accept()
            except OSError:
                return
            if not self.whole:
                here.close()
                continue
            threading.Thread(target=self._carry, args=(here,), daemon=True).start()

    def _carry(self, here: socket.socket) -> None:
        try:
            there = socket.create_connection(self._there, timeout=10)
        except OSError:
            here.close()
            return
        with self._lock:
            self._open |= {here, there}
        try:
            with selectors.DefaultSelector() as ready:
                ready.register(here, selectors.EVENT_READ, there)
                ready.register(there, selectors.EVENT_READ, here)
                while self.whole:
                    for key, _mask in ready.select(timeout=0.5):
                        data = key.fileobj.recv(65536)  # type: ignore[union-attr]
                        if not data:
                            return
                        key.data.sendall(data)
        except OSError:
            pass
        finally:
            with self._lock:
                self._open -= {here, there}
            here.close()
            there.close()
