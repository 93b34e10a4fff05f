"""`make lint`: every linter, one line each; what a failing one said is printed. Exit code 1 when any failed."""

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
LINTERS: list[tuple[str, list[str]]] = [
    ("ruff check", ["ruff", "check"]),
    ("ruff format", ["ruff", "format", "--check"]),
    ("import-linter", ["lint-imports", "--no-logo"]),
    ("djlint", ["djlint", "--lint", "--quiet", "lms", "media_pipeline", "assessment", "courses"]),
    ("migrations", ["python", "manage.py", "makemigrations", "--check", "--dry-run"]),
    ("django checks", ["python", "manage.py", "check", "--fail-level", "WARNING"]),
    ("mypy", ["mypy"]),
]


def main() -> None:
    failed = []
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "lms.settings.test"}
    for name, (program, *arguments) in LINTERS:
        began = time.monotonic()
        command = [str(BIN / program), *arguments]
        done = subprocess.run(command, check=False, cwd=ROOT, env=env, capture_output=True, text=True)
        verdict = "FAILED" if done.returncode else "ok"
        print(f"{verdict:<7}{name:<16}{time.monotonic() - began:6.1f} s", flush=True)
        if done.returncode:
            failed.append(name)
            print(done.stdout + done.stderr, flush=True)
    if failed:
        sys.exit(f"lint: {', '.join(failed)} failed")


if __name__ == "__main__":
    main()
