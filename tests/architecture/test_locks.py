import re
from pathlib import Path

import pytest

from tests.architecture.house import ROOT

LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
PIN = re.compile(r"^([A-Za-z0-9._-]+)(\[[^\]]+\])?==([^ ;\\]+)", re.MULTILINE)


def pins(name: str) -> dict[str, str]:
    return {m[1].lower(): m[3] for m in PIN.finditer((ROOT / "requirements" / name).read_text())}


@pytest.mark.parametrize("lock", LOCKS, ids=lambda p: p.name)
def test_a_lock_holds_hashes_and_no_address(lock: Path) -> None:
    text = lock.read_text()
    assert re.findall(r"\w+://|--(?:extra-)?index-url|--find-links|@ file", text) == []
    unhashed = [
        m[1] for m in PIN.finditer(text) if "--hash=sha256:" not in text[m.end() : text.find("\n", m.end()) + 80]
    ]
    assert unhashed == []


@pytest.mark.parametrize("lower", ("base.txt", "scale.txt"))
def test_the_test_set_holds_the_same_versions(lower: str) -> None:
    """scripts/setup.py installs the test set in place of the base set."""
    tests = pins("test.txt")
    assert {name: tests.get(name) for name in pins(lower)} == pins(lower)
