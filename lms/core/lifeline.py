"""The thread between the worker's supervisor and its parts: a socket whose end says that the supervisor is gone."""

import os
import signal
import socket
import threading
from contextlib import suppress
from time import sleep

_HAND_BACK_S = 5.0


class Lifeline:
    """A part's end. Words go up as lines ("ready", "stuck media"); nothing comes down but the end."""

    def __init__(self, fd: int) -> None:
        self._socket = socket.socket(fileno=fd)
        self._cut = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="kaibo-lifeline", daemon=True)

    def say(self, line: str) -> None:
        """Tell the supervisor; silence when it is gone."""
        with suppress(OSError):
            self._socket.sendall(f"{line}\n".encode())

    def watch(self) -> None:
        """From now on the whole process group ends when the supervisor does. Call it after the last fork."""
        self._watcher.start()

    def settle(self) -> None:
        """At the end of a part: when the supervisor is gone, see to it that nobody of the group is left."""
        if self._cut.is_set():
            self._watcher.join()

    def _watch(self) -> None:
        with suppress(OSError):
            while self._socket.recv(64):
                pass
        self._cut.set()
        os.killpg(os.getpgrp(), signal.SIGTERM)  # running jobs are handed back
        sleep(_HAND_BACK_S)
        os.killpg(os.getpgrp(), signal.SIGKILL)
