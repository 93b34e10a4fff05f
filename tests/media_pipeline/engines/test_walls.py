"""What a child cannot do, tried by a child: each wall alone, all together, and none of them where the kernel has none."""

import ast
import json
import os
import platform
import socket
import struct
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from media_pipeline.engines import children, walls
from media_pipeline.engines.children import python_reads, run_child, standing_walls
from media_pipeline.stages.ports import EngineError, Limits

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="walls are Linux's")

WIDE = Limits(wall_s=20, cpu_s=20, memory_mb=1024, output_mb=10)

# Runs in the child; says which of these it could do.
ATTEMPTS = """
import ctypes, json, os, signal, socket, subprocess, sys, threading
given = json.loads(sys.stdin.read())
done = set()

def tried(what, work):
    try:
        work()
    except (OSError, subprocess.SubprocessError):
        return
    done.add(what)

def connect(family, kind, address):
    with socket.socket(family, kind) as out:
        out.settimeout(2)
        out.connect(address)
        out.send(b"canary")

def fork():
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)

def thread():
    hand = threading.Thread(target=os.getpid)
    hand.start()
    hand.join()

def unshare():
    if ctypes.CDLL(None, use_errno=True).unshare(0x00020000):
        raise OSError

tried("write own folder", lambda: open("own", "w").write("x"))
tried("read what is given", lambda: open(given["given"]).read())
tried("run threads", thread)
tried("read outside", lambda: open(given["canary"]).read())
tried("read the parent's environment", lambda: open(f"/proc/{os.getppid()}/environ").read())
tried("list outside", lambda: os.listdir(given["outside"]))
tried("write outside", lambda: open(given["outside"] + "/new", "w"))
tried("link outside", lambda: (os.symlink(given["canary"], "link"), open("link").read()))
tried("tcp", lambda: connect(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", given["port"])))
tried("udp", lambda: connect(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", given["port"])))
tried("unix", lambda: connect(socket.AF_UNIX, socket.SOCK_STREAM, chr(0) + given["name"]))
tried("fork", fork)
tried("run a program", lambda: subprocess.run(["/bin/true"], check=True))
tried("signal the parent", lambda: os.kill(os.getppid(), 0))
tried("limit the parent", lambda: __import__("resource").prlimit(os.getppid(), __import__("resource").RLIMIT_CORE))
tried("leave the group", lambda: os.setpgid(0, 0) if os.getsid(0) != os.getpid() else os.setsid())
tried("open many files", lambda: given.update(files=[open("own") for _ in range(300)]))
tried("new namespace", unshare)
status = dict(line.split(":", 1) for line in open("/proc/self/status").read().splitlines())
print(json.dumps([sorted(done), status["CapEff"].strip(), status["NoNewPrivs"].strip()]))
"""

ALWAYS = {"write own folder", "read what is given", "run threads"}
FILES = {"read outside", "read the parent's environment", "list outside", "write outside", "link outside"}
NETWORK = {"tcp", "udp", "unix"}
PROCESSES = {"fork", "run a program"}
OTHERS = {"signal the parent", "limit the parent"}


@pytest.fixture
def outer(tmp_path: Path) -> Iterator[dict[str, Any]]:
    """Things that a child must not reach: a file beside its folder, a listener on loopback, an abstract socket."""
    (tmp_path / "own").mkdir()
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "canary").write_text("another work")
    (tmp_path / "given").write_text("the upload")
    name = f"kaibo-canary-{os.getpid()}"
    with socket.create_server(("127.0.0.1", 0)) as tcp, socket.socket(socket.AF_UNIX) as unix:
        unix.bind("\0" + name)
        unix.listen()
        yield {
            "canary": str(tmp_path / "outside" / "canary"),
            "outside": str(tmp_path / "outside"),
            "given": str(tmp_path / "given"),
            "port": tcp.getsockname()[1],
            "name": name,
        }


def attempts(folder: Path, outer: dict[str, Any]) -> tuple[set[str], int]:
    """(what the child could do, its capabilities)."""
    ended = run_child(
        [sys.executable, "-I", "-c", ATTEMPTS],
        limits=WIDE,
        folder=folder / "own",
        reads=(*python_reads(), Path(outer["given"])),
        stdin=json.dumps(outer).encode(),
    )
    assert ended.returncode == 0, ended.log
    done, capabilities, no_new_privileges = json.loads(ended.stdout)
    assert no_new_privileges == "1"
    return set(done), int(capabilities, 16)


def needs(*names: str) -> None:
    missing = [name for name in names if name not in standing_walls()]
    if missing:
        pytest.skip(f"this kernel does not offer {', '.join(missing)}")


def test_all_walls_together(tmp_path: Path, outer: dict[str, Any]) -> None:
    needs(*children.WALLS)
    assert attempts(tmp_path, outer) == (ALWAYS, 0)


def test_landlock_alone_keeps_files_and_signals(tmp_path: Path, outer: dict[str, Any], monkeypatch: Any) -> None:
    needs("landlock")
    monkeypatch.setattr(children, "WALLS", ("landlock",))
    could, _ = attempts(tmp_path, outer)
    assert could & FILES == set()
    version = int(standing_walls().split("landlock ")[1].split(",")[0])
    if version >= 4:
        assert "tcp" not in could
    if version >= 6:
        assert could & {"unix", "signal the parent"} == set()


def test_seccomp_alone_keeps_network_and_processes(tmp_path: Path, outer: dict[str, Any], monkeypatch: Any) -> None:
    needs("seccomp")
    monkeypatch.setattr(children, "WALLS", ("seccomp",))
    could, _ = attempts(tmp_path, outer)
    assert could & (NETWORK | PROCESSES | OTHERS | {"new namespace", "leave the group"}) == set()
    assert could >= ALWAYS


def test_namespaces_alone_keep_the_network_and_take_every_capability(
    tmp_path: Path, outer: dict[str, Any], monkeypatch: Any
) -> None:
    needs("namespaces")
    monkeypatch.setattr(children, "WALLS", ("namespaces",))
    could, capabilities = attempts(tmp_path, outer)
    assert (could & {"tcp", "udp", "unix"}, capabilities) == (set(), 0)


def test_without_any_wall_the_limits_still_hold(tmp_path: Path, outer: dict[str, Any], monkeypatch: Any) -> None:
    monkeypatch.setattr(children, "WALLS", ())
    could, _ = attempts(tmp_path, outer)
    assert could >= ALWAYS | {"tcp", "read outside", "fork"}  # so the attempts above are real ones
    assert "open many files" not in could


def test_a_link_in_place_of_the_upload_opens_nothing(tmp_path: Path, outer: dict[str, Any]) -> None:
    needs("landlock")
    link = tmp_path / "given-link"
    link.symlink_to(outer["canary"])
    could, _ = attempts(tmp_path, outer | {"given": str(link)})
    assert could == ALWAYS - {"read what is given"}


def test_a_child_without_a_folder_writes_nowhere(tmp_path: Path) -> None:
    needs("landlock")
    code = "import os; print(os.getcwd()); open('x', 'w')"
    ended = run_child([sys.executable, "-I", "-c", code], limits=WIDE, reads=python_reads())
    assert ended.stdout == b"/\n"
    assert "PermissionError" in ended.log


def test_all_files_of_a_folder_count_together(tmp_path: Path) -> None:
    code = "import time\nfor n in range(9): open(str(n), 'wb').write(bytes(3 << 20))\ntime.sleep(60)"
    limits = Limits(wall_s=30, cpu_s=20, memory_mb=512, output_mb=10)
    ended = run_child([sys.executable, "-I", "-c", code], limits=limits, folder=tmp_path, reads=python_reads())
    assert ended.limit == "output"


def test_an_endless_answer_is_cut_off(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(children, "_MOST_ANSWER", 1 << 20)
    code = "import sys\nwhile True: sys.stdout.write('x' * 65536)"
    ended = run_child([sys.executable, "-I", "-c", code], limits=WIDE, folder=tmp_path, reads=python_reads())
    assert (ended.limit, len(ended.stdout) < 3 << 20) == ("output", True)


def test_what_cannot_be_started_is_our_fault_not_the_files(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="cannot start"):
        run_child([str(tmp_path / "no-such-ffmpeg")], limits=WIDE, folder=tmp_path)


def test_the_filter_is_one_for_each_machine() -> None:
    """Every jump stays inside and every path ends in an answer, for both sets of numbers."""
    for audit, column in ((0xC000003E, 0), (0xC00000B7, 1)):
        program = walls._program(audit, column, own=4711)
        steps = list(struct.iter_unpack("=HBBI", program))
        assert len(steps) < 4096
        assert steps[-1][0] == 0x06
        for place, (code, yes, no, _) in enumerate(steps):
            if code & 0x07 == 0x05:
                assert place + 1 + max(yes, no) < len(steps)
    assert (platform.machine() in walls._MACHINES) == ("seccomp" in standing_walls())


def test_a_production_machine_without_walls_is_warned(monkeypatch: pytest.MonkeyPatch) -> None:
    from media_pipeline import checks

    monkeypatch.setattr(checks, "standing_walls", lambda: "seccomp")
    (warning,) = checks.check_walls(None)
    assert (warning.id, "namespaces, landlock here" in warning.msg) == ("media_pipeline.W001", True)
    monkeypatch.setattr(checks, "standing_walls", lambda: "namespaces, landlock 7, seccomp")
    assert checks.check_walls(None) == []


def test_children_import_nothing_of_ours_but_each_other() -> None:
    """They can read this package only, and `lms` would drag Django in; openai-whisper's is not run on every machine."""
    for name in ("probe_child", "whisper_child", "whisper_faster", "whisper_openai"):
        text = Path(children.__file__).with_name(f"{name}.py").read_text(encoding="utf-8")
        found = {node.module for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ImportFrom) and node.module}
        ours = {module for module in found if module.split(".")[0] in {"lms", "media_pipeline"}}
        assert ours <= {"media_pipeline.engines.whisper_child"}, name
