"""A small launcher: limit this process, wall it in, tie its life to the parent's, become the command.

    python -I -S limited.py '{"cpu_s": 60, "memory_mb": 2048, …}' COMMAND [ARGUMENT…]

Everything is set here, after the fork and before the exec, so the parent (a worker with threads) needs no `preexec_fn`.
Without a command it says which walls stand, as JSON, and ends. Standard library only: it starts in about 20 ms.
"""

import ctypes
import json
import os
import re
import resource
import signal
import sys
from importlib import import_module
from typing import Any

_PR_SET_PDEATHSIG = 1
_MB = 1024 * 1024
# Threads are tasks, too: only against a flood of them, and only where the kernel counts those of the namespace alone.
_TASKS, _TASKS_APART_SINCE = 1024, (5, 14)
# The exit of a shell that cannot run a command; `children.py` looks for the words.
CANNOT_START, CANNOT_START_SIGN = 126, "limited.py: cannot start"


def main(arguments: list[str]) -> None:
    request, command = json.loads(arguments[0]), arguments[1:]
    stand = _confine(request)
    if not command:
        sys.stdout.write(json.dumps(stand))
        return
    try:
        os.execve(command[0], command, dict(os.environ))
    except OSError as error:
        sys.stderr.write(f"{CANNOT_START_SIGN}: {error}\n")
        sys.exit(CANNOT_START)


def _confine(request: dict[str, Any]) -> list[str]:
    """Limits and walls; the names of the walls that stand."""
    if sys.platform != "linux":
        _limit(request)
        return []
    sys.path.append(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120  # pathlib is slow to start
    walls: Any = import_module("walls")
    wanted = request["walls"]
    stand = ["namespaces"] if "namespaces" in wanted and walls.apart() else []
    # After that: a change of credentials undoes the tie.
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != request["parent"]:  # it died before the tie was there
        sys.exit(1)
    _limit(request)
    if stand and _kernel() >= _TASKS_APART_SINCE:
        _lower(resource.RLIMIT_NPROC, _TASKS, _TASKS)
    if not walls.no_new_privileges():
        return stand
    if "landlock" in wanted and (version := walls.landlock(request["reads"], request["writes"])):
        stand.append(f"landlock {version}")
    if "seccomp" in wanted and walls.seccomp():
        stand.append("seccomp")
    return stand


def _limit(request: dict[str, Any]) -> None:
    # SIGXCPU at the soft limit, SIGKILL a few seconds later.
    _lower(resource.RLIMIT_CPU, request["cpu_s"], request["cpu_s"] + 5)
    for kind, most in (
        (resource.RLIMIT_AS, request["memory_mb"] * _MB),
        (resource.RLIMIT_FSIZE, request["output_mb"] * _MB),
        (resource.RLIMIT_NOFILE, request["files"]),
        (resource.RLIMIT_CORE, 0),
    ):
        _lower(kind, most, most)


def _kernel() -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", os.uname().release)[:2])


def _lower(kind: int, soft: int, hard: int) -> None:
    """Set a limit, never above the one the process already has."""
    _, ceiling = resource.getrlimit(kind)
    if ceiling != resource.RLIM_INFINITY:
        soft, hard = min(soft, ceiling), min(hard, ceiling)
    resource.setrlimit(kind, (soft, hard))


if __name__ == "__main__":
    main(sys.argv[1:])
