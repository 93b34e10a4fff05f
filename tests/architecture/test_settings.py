"""docs/operations.md lists every environment variable the code reads, and no other."""

import ast
import re

from tests.architecture.house import ROOT, python_files, tree

NAME = re.compile(r"^KAIBO_[A-Z0-9_]+$")


def read_by_code() -> set[str]:
    files = [*python_files("lms", "courses", "assessment", "media_pipeline", "scripts", "tests"), ROOT / "manage.py"]
    texts = {
        node.value
        for path in files
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and NAME.match(node.value)
    }
    return texts - {"KAIBO_POSTGRES"} | {"KAIBO_PYTHON"}  # a prefix; scripts/python reads the latter


def test_every_variable_is_documented() -> None:
    rows = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8").splitlines()
    documented = {
        name for row in rows if row.startswith("|") for name in re.findall(r"`(KAIBO_[A-Z0-9_]+)`", row.split("|")[1])
    }
    assert documented == read_by_code()
