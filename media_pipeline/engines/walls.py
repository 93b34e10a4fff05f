"""What the kernel of a Linux machine keeps an unprivileged process from: files, network, other processes, new processes.

Put up by the launcher (`limited.py`) in the child itself, before it becomes the command. Nothing here needs root, every wall
is optional, and `enter` says which ones stand (ADR 0028):

- *namespaces*: a user namespace without a mapping (whoever comes in is nobody there, and loses every capability at the
  exec) with a network of its own, which has not even loopback.
- *landlock*: opens only the paths named and the system's libraries; no TCP; no signal to whoever is outside.
- *seccomp*: no socket, no new process (threads are allowed), no signal, no look into others, none of the calls that
  are for administrators.

Standard library only: the launcher has no packages.
"""

import ctypes
import os
import stat
import struct
from collections.abc import Iterable, Sequence

_CLONE_NEWUSER, _CLONE_NEWNET, _CLONE_NEWIPC, _CLONE_THREAD = 0x10000000, 0x40000000, 0x08000000, 0x00010000
_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 38, 22, 2

# Libraries, and what the C library and OpenMP ask of the machine: read only.
_SYSTEM = (
    "/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/nix/store", "/etc/ld.so.cache", "/etc/ld.so.preload",
    "/etc/localtime", "/usr/share/zoneinfo", "/dev/zero", "/dev/urandom", "/dev/random",
    "/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/sys/devices/system/cpu", "/sys/devices/system/node",
)  # fmt: skip
_SINK = "/dev/null"

# linux/landlock.h: numbers are the same on every architecture; each version of it knows more rights.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF, _BENEATH_A_PATH, _ASK_VERSION = 444, 445, 446, 1, 1
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR, _TRUNCATE, _DEVICE_CALLS = 1, 1 << 1, 1 << 2, 1 << 3, 1 << 14, 1 << 15
_RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
_RIGHTS_OF_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _DEVICE_CALLS
_TCP_SINCE, _SCOPES_SINCE, _BOTH = 4, 6, 0b11

# linux/audit.h, and where in the pairs below the numbers of that machine are; 0 where it has no such call.
_MACHINES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
_REFUSED = {
    # the network, and the ring that does the same without these calls
    "socket": (41, 198), "connect": (42, 203), "bind": (49, 200), "listen": (50, 201), "accept": (43, 202),
    "accept4": (288, 242), "sendto": (44, 206), "sendmsg": (46, 211), "sendmmsg": (307, 269),
    "io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427),
    # other processes, new ones, and leaving the group that is killed together
    "fork": (57, 0), "vfork": (58, 0), "setsid": (112, 157), "setpgid": (109, 154),
    "kill": (62, 129), "tkill": (200, 130), "rt_sigqueueinfo": (129, 138), "rt_tgsigqueueinfo": (297, 240),
    "pidfd_send_signal": (424, 424), "pidfd_getfd": (438, 438), "ptrace": (101, 117), "kcmp": (312, 272),
    "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    # the parts for administrators, where the kernel's own faults are found
    "unshare": (272, 97), "setns": (308, 268), "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41),
    "chroot": (161, 51), "open_tree": (428, 428), "move_mount": (429, 429), "fsopen": (430, 430), "fsmount": (432, 432),
    "mount_setattr": (442, 442), "bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282),
    "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219), "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265), "init_module": (175, 105), "finit_module": (313, 273), "kexec_load": (246, 104),
    "personality": (135, 92), "quotactl": (179, 60), "acct": (163, 89),
}  # fmt: skip
_CLONE, _CLONE3, _TGKILL, _PRLIMIT = (56, 220), 435, (234, 131), (302, 261)
_X32 = 0x40000000
_EPERM, _ENOSYS = 1, 38

_libc = ctypes.CDLL(None, use_errno=True)


def apart() -> bool:
    """Own user, network and IPC namespaces. False where the kernel or a container forbids them."""
    return _libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET | _CLONE_NEWIPC) == 0


def no_new_privileges() -> bool:
    """No set-uid program raises us any more; the two walls below stand only after this."""
    return _libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0


def landlock(reads: Iterable[str], writes: Iterable[str]) -> int:
    """Open only these files and folders from now on. The kernel's version of landlock, 0 where it has none.

    reads, writes: real paths. A link there is not followed: it opens nothing.
    """
    version = int(_libc.syscall(_CREATE_RULESET, None, 0, _ASK_VERSION))
    if version < 1:
        return 0
    rights = _RIGHTS[max(known for known in _RIGHTS if known <= version)]
    tcp = _BOTH if version >= _TCP_SINCE else 0
    scopes = _BOTH if version >= _SCOPES_SINCE else 0
    rules = struct.pack("=QQQ", rights, tcp, scopes)[: 24 if scopes else 16 if tcp else 8]
    ruleset = int(_libc.syscall(_CREATE_RULESET, rules, len(rules), 0))
    if ruleset < 0:
        return 0
    for path in _SYSTEM:
        _open_to(ruleset, path, rights & (_READ_FILE | _READ_DIR | _EXECUTE), follow=True)
    _open_to(ruleset, _SINK, rights & (_READ_FILE | _WRITE_FILE | _TRUNCATE), follow=True)
    for path in reads:
        _open_to(ruleset, path, rights & (_READ_FILE | _READ_DIR | _EXECUTE), follow=False)
    for path in writes:
        _open_to(ruleset, path, rights & ~_EXECUTE & ~_DEVICE_CALLS, follow=False)
    stands = int(_libc.syscall(_RESTRICT_SELF, ruleset, 0)) == 0
    os.close(ruleset)
    return version if stands else 0


def _open_to(ruleset: int, path: str, rights: int, *, follow: bool) -> None:
    """One rule. What is not there needs none."""
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC | (0 if follow else os.O_NOFOLLOW))
    except OSError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(place).st_mode):
            rights &= _RIGHTS_OF_FILES
        _libc.syscall(_ADD_RULE, ruleset, _BENEATH_A_PATH, struct.pack("=Qi", rights, place), 0)
    finally:
        os.close(place)


def seccomp() -> bool:
    """Refuse the calls above with EPERM. False on another architecture than x86-64 and arm64."""
    machine = _MACHINES.get(os.uname().machine)
    if machine is None:
        return False
    program = _program(*machine, own=os.getpid())
    code = ctypes.create_string_buffer(program, len(program))

    class Filter(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("code", ctypes.c_void_p))

    whole = Filter(len(program) // 8, ctypes.addressof(code))
    return _libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(whole), 0, 0) == 0


def _program(audit: int, column: int, *, own: int) -> bytes:
    """The filter in classic BPF: each block answers its call or falls through to the next."""
    load, equal, at_least, any_bit, answer = 0x20, 0x15, 0x35, 0x45, 0x06
    number, architecture, first_argument = 0, 4, 16
    allow, refuse, unknown = 0x7FFF0000, 0x00050000 | _EPERM, 0x00050000 | _ENOSYS
    steps: list[tuple[int, int, int, int]] = [
        (load, 0, 0, architecture),
        (equal, 1, 0, audit),
        (answer, 0, 0, refuse),
        (load, 0, 0, number),
    ]
    if column == 0:
        steps += [(at_least, 0, 1, _X32), (answer, 0, 0, refuse)]

    def judged(call: int, test: int, value: int) -> Sequence[tuple[int, int, int, int]]:
        """Allowed where its first argument passes the test."""
        return (
            (equal, 0, 4, call),
            (load, 0, 0, first_argument),
            (test, 0, 1, value),
            (answer, 0, 0, allow),
            (answer, 0, 0, refuse),
        )

    for call in sorted(numbers[column] for numbers in _REFUSED.values() if numbers[column]):
        steps += [(equal, 0, 1, call), (answer, 0, 0, refuse)]
    # The C library makes threads by clone3, whose arguments a filter cannot read, and by clone where there is no clone3.
    steps += [(equal, 0, 1, _CLONE3), (answer, 0, 0, unknown)]
    steps += judged(_CLONE[column], any_bit, _CLONE_THREAD)
    steps += judged(_TGKILL[column], equal, own)  # abort() signals its own thread
    steps += judged(_PRLIMIT[column], equal, 0)  # one's own limits, nobody else's
    steps.append((answer, 0, 0, allow))
    return b"".join(struct.pack("=HBBI", *step) for step in steps)
