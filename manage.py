#!/usr/bin/env python3
"""Django's command line. Uses the project's own environment (.venv) when the calling Python has no Django."""

import os
import sys
from importlib.util import find_spec
from pathlib import Path


def main() -> None:
    if find_spec("django") is None:
        own = Path(__file__).resolve().parent / ".venv" / "bin" / "python"
        if own.exists() and Path(sys.prefix) != own.parent.parent:
            os.execv(own, [str(own), *sys.argv])
        sys.exit("Kaibo is not set up yet: run `make setup` first.")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings.dev")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
