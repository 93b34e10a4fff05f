"""A small launcher: limit this process, tie its life to the parent's, become the command.

    python -I -S limited.py '{"cpu_s": 60, "memory_mb": 2048, "output_mb": 4096, "parent": 4711}' COMMAND [ARGUMENT…]

Limits are set here, after the fork and before the exec, so the parent (a worker with threads) needs no `preexec_fn`.
Standard library only: it starts in about 20 ms.
"""

import ctypes
import json
import os
import resource
import signal
import sys

_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38
_MB = 1024 * 1024


def main(arguments: list[str]) -> None:
    limits = json.loads(arguments[0])
    command = arguments[1:]
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        if os.getppid() != limits["parent"]:  # it died before the tie was there
            sys.exit(1)
    # SIGXCPU at the soft limit, SIGKILL a few seconds later.
    _lower(resource.RLIMIT_CPU, limits["cpu_s"], limits["cpu_s"] + 5)
    _lower(resource.RLIMIT_AS, limits["memory_mb"] * _MB, limits["memory_mb"] * _MB)
    _lower(resource.RLIMIT_FSIZE, limits["output_mb"] * _MB, limits["output_mb"] * _MB)
    _lower(resource.RLIMIT_CORE, 0, 0)
    os.execv(command[0], command)


def _lower(kind: int, soft: int, hard: int) -> None:
    """Set a limit, never above the one the process already has."""
    _, ceiling = resource.getrlimit(kind)
    if ceiling != resource.RLIM_INFINITY:
        soft, hard = min(soft, ceiling), min(hard, ceiling)
    resource.setrlimit(kind, (soft, hard))


if __name__ == "__main__":
    main(sys.argv[1:])
