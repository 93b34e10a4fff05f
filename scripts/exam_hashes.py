"""Kaibo's web application, which notes what each password's hash took: for `bench_exam`, which tells it apart.

The thread that hashes is asked for its own CPU time, amid everything else that the server does: measured beside it, the same
hash took 26 to 37 ms within minutes, and whatever it was off stood in the figures of the login.
"""

import os
import time
from pathlib import Path

from lms.accounts.hashers import KaiboArgon2Hasher
from lms.wsgi import application
from scripts.exam_site import HASHES

__all__ = ["application"]

_verify = KaiboArgon2Hasher.verify


def _noted(self: KaiboArgon2Hasher, password: str, encoded: str) -> bool:
    # argon2 with one lane works in the thread that calls it.
    began = time.thread_time_ns()
    try:
        return bool(_verify(self, password, encoded))
    finally:
        with Path(os.environ[HASHES]).open("a") as file:
            file.write(f"{time.thread_time_ns() - began}\n")


KaiboArgon2Hasher.verify = _noted  # type: ignore[assignment,method-assign]
