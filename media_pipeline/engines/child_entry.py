"""Starts one of our own child modules: `python -I child_entry.py media_pipeline.engines.probe_child`.

The project's folder is not put on the path, because Python lists every folder there, and `var/` may lie in it: a child
that reads a stranger's file may open this package and nothing else of ours.
"""

import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

root = Path(__file__).resolve().parents[2]
# `lms.core` opens only for the child that is given it to read; the packages' own `__init__` are not run.
for name in ("media_pipeline", "lms", "lms.core"):
    package = ModuleType(name)
    package.__path__ = [str(root.joinpath(*name.split(".")))]
    sys.modules[name] = package
child: Any = import_module(sys.argv[1])
child.main()
