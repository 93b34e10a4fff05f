import ast

from tests.architecture.house import ROOT, python_files, short, tree

CLOCK = ROOT / "lms" / "core" / "clock.py"
FORBIDDEN = {
    "timezone.now", "timezone.localdate", "datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time",
    "datetime.datetime.now", "datetime.date.today",
}  # fmt: skip


def test_only_the_clock_asks_what_time_it_is() -> None:
    asked = [
        f"{short(path)}:{node.lineno} {ast.unparse(node)}"
        for path in python_files()
        if path != CLOCK
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and ast.unparse(node) in FORBIDDEN
    ]
    assert asked == []
