"""`make tus-clients`: the tus project's own clients, for the soak tests only, in var/tus-clients and nowhere else.

tuspy needs pip's index, tus-js-client npm's; without npm only the first is there and the other test is skipped.
"""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PLACE = ROOT / "var" / "tus-clients"
PYTHON = PLACE / "venv" / "bin" / "python"
NODE_MODULES = PLACE / "node_modules"
CLIENTS = ROOT / "tests" / "soak" / "clients"
TUSPY = "tuspy==1.1.0"
TUS_JS = "tus-js-client@4.3.1"


def main() -> int:
    PLACE.mkdir(parents=True, exist_ok=True)
    if not (PYTHON.parent.parent / "ready").exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", PYTHON.parent.parent], check=True)
        subprocess.run([PYTHON, "-m", "pip", "install", "-q", "--disable-pip-version-check", TUSPY], check=True)
        (PYTHON.parent.parent / "ready").touch()
    npm = shutil.which("npm")
    if npm is None:
        print("npm is not on this machine: tus-js-client is left out")
    elif not (NODE_MODULES / "tus-js-client").exists():
        words = [
            "install",
            "--prefix",
            str(PLACE),
            "--no-save",
            "--no-audit",
            "--no-fund",
            "--ignore-scripts",
            "--silent",
        ]
        subprocess.run([npm, *words, TUS_JS], check=True)
    print("tus clients are there")
    return 0


if __name__ == "__main__":
    sys.exit(main())
