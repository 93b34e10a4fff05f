"""`make setup`: everything a clone needs before it runs. Standard library only; safe to repeat, quick the second time.

Installs the hash-locked packages into .venv with plain pip and the user's own pip configuration, then hands over to
scripts/prepare.py for what needs Django: migrations, reference data, assets, messages, Whisper weights.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
# The packages take 1.5 GB, pip's unpacking and the weights the rest.
FREE_GB = 2.5
# Installing the test set installs the base set too: tests/architecture checks that it holds the same versions.
SETS = {"base": ["base.txt", "weights.txt"], "test": ["test.txt", "weights.txt"]}


def stop(line: str) -> None:
    """One plain line, exit code 1."""
    sys.exit(f"Kaibo cannot be set up: {line}")


def say(step: str, began: float, note: str = "") -> None:
    print(f"  {step:<24}{time.monotonic() - began:6.1f} s  {note}".rstrip(), flush=True)


def runs(python: Path) -> bool:
    """Whether the environment's interpreter still starts (an upgrade of the system's may have taken it away)."""
    try:
        return subprocess.run([python, "-c", ""], check=False, capture_output=True).returncode == 0
    except OSError:
        return False


def make_environment() -> str:
    """Create .venv unless it works. The interpreter is resolved, so a PATH of links may vanish afterwards."""
    if runs(PYTHON):
        return "there already"
    free = shutil.disk_usage(ROOT).free / 1e9
    if free < FREE_GB:
        stop(f"{FREE_GB} GB of disk are needed in {ROOT}, {free:.1f} GB are free.")
    command = [str(Path(sys.executable).resolve()), "-m", "venv", "--clear", str(VENV)]
    made = subprocess.run(command, check=False, capture_output=True, text=True)
    if made.returncode:
        last = (made.stdout + made.stderr).strip().splitlines()[-1:] or ["no reason given"]
        stop(f"the virtual environment could not be made: {last[0]} (on Debian and Ubuntu: apt install python3-venv).")
    version = ".".join(map(str, sys.version_info[:3]))
    return f"Python {version}"


def fingerprint(names: list[str]) -> str:
    """Hash of the lock files of a set and of the environment's Python version."""
    digest = hashlib.sha256((VENV / "pyvenv.cfg").read_bytes())
    for name in names:
        digest.update((ROOT / "requirements" / name).read_bytes())
    return digest.hexdigest()


def install(wanted: str) -> str:
    """Install a set with --require-hashes, unless the stamp says that exactly this was installed."""
    stamp = VENV / "kaibo-installed.json"
    held = json.loads(stamp.read_text()) if stamp.exists() else {}
    mark = fingerprint(SETS[wanted])
    if held.get(wanted) == mark:
        return "unchanged"
    if subprocess.run([PYTHON, "-m", "pip", "--version"], check=False, capture_output=True).returncode:
        subprocess.run([PYTHON, "-m", "ensurepip", "--upgrade"], check=True, stdout=subprocess.DEVNULL)
    print("  installing packages: about a minute the first time …", flush=True)
    command = [str(PYTHON), "-m", "pip", "install", "--require-hashes", "--quiet", "--disable-pip-version-check"]
    for name in SETS[wanted]:
        command += ["-r", str(ROOT / "requirements" / name)]
    env = {**os.environ, "PIP_ROOT_USER_ACTION": "ignore", "PIP_NO_INPUT": "1"}
    # A line of pip's for every package and index would bury the steps; what it said matters when it failed.
    done = subprocess.run(command, check=False, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        print("\n".join(done.stdout.strip().splitlines()[-15:]), flush=True)
        stop("pip could not install the packages (its reason is above); check the network or pip's configuration.")
    # The base set is part of the test set, never the other way round.
    marks = {name: fingerprint(SETS[name]) for name in (["base", "test"] if wanted == "test" else ["base"])}
    stamp.write_text(json.dumps(marks))
    return "installed"


def main() -> None:
    wanted = "test" if "--test" in sys.argv[1:] else "base"
    began = time.monotonic()
    print("Setting up Kaibo", flush=True)
    say("environment", began, make_environment())
    began_install = time.monotonic()
    say(f"packages ({wanted})", began_install, install(wanted))
    flags = ["--test"] if wanted == "test" else []
    done = subprocess.run([PYTHON, str(ROOT / "scripts" / "prepare.py"), *flags], check=False, cwd=ROOT)
    if done.returncode:
        sys.exit(done.returncode)
    say("ready", began)


if __name__ == "__main__":
    main()
