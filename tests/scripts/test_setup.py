"""What is missing on a machine is named in one plain line."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.house import ROOT

CHOOSER = ROOT / "scripts" / "python"


def fake(folder: Path, name: str, version_ok: bool, venv_ok: bool) -> None:
    """An interpreter that answers the chooser's two questions and says its name when it is chosen."""
    script = folder / name
    script.write_text(
        "#!/bin/sh\n"
        f'case "$2" in *version_info*) exit {0 if version_ok else 1};; *venv*) exit {0 if venv_ok else 1};; esac\n'
        f'echo "{name} runs $1"\n'
    )
    script.chmod(0o755)


def choose(folder: Path) -> tuple[int, str, str]:
    done = subprocess.run(
        ["/bin/sh", CHOOSER, "setup.py"], env={"PATH": str(folder)}, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout.strip(), done.stderr.strip()


def test_the_first_python_that_will_do_is_chosen(tmp_path: Path) -> None:
    fake(tmp_path, "python3", version_ok=False, venv_ok=True)
    fake(tmp_path, "python3.13", version_ok=True, venv_ok=False)
    fake(tmp_path, "python3.12", version_ok=True, venv_ok=True)
    assert choose(tmp_path) == (0, "python3.12 runs setup.py", "")


@pytest.mark.parametrize(
    "version_ok,says", ((False, "Kaibo needs Python 3.11, 3.12 or 3.13"), (True, "Kaibo needs Python's venv module"))
)
def test_one_line_says_what_is_missing(tmp_path: Path, version_ok: bool, says: str) -> None:
    fake(tmp_path, "python3", version_ok=version_ok, venv_ok=False)
    code, out, err = choose(tmp_path)
    assert (code, out, err.startswith(says), len(err.splitlines())) == (1, "", True, 1)


def test_too_little_disk_is_one_line(tmp_path: Path) -> None:
    code = (
        "import sys; sys.path.insert(0, 'scripts'); import setup, pathlib, shutil, collections;"
        "setup.VENV = pathlib.Path(sys.argv[1]); setup.PYTHON = setup.VENV / 'bin' / 'python';"
        "shutil.disk_usage = lambda _: collections.namedtuple('U', 'total used free')(1, 1, 10**9);"
        "setup.make_environment()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "venv")],
        cwd=ROOT, env=dict(os.environ), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr.strip().splitlines()) == (
        1,
        [f"Kaibo cannot be set up: 2.5 GB of disk are needed in {ROOT}, 1.0 GB are free."],
    )
