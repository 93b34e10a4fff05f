"""The documents tell the truth about the house."""

import ast
import re

import pytest

from lms.core import events
from tests.architecture.house import PACKAGES, ROOT, module_name, python_files, rooms, tree

DOCS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")


def test_the_map_shows_every_room_and_no_other() -> None:
    shown = set(re.findall(r"^\| `([a-z_/]+)/`", ARCHITECTURE, re.MULTILINE))
    assert shown == set(rooms()) | set(PACKAGES)


def test_who_hears_what_is_written_down() -> None:
    heard = {(event, handler) for event, handlers in events.heard().items() for handler in handlers}
    for event, handler in sorted(heard):
        print(f"{event} → {handler}")
    written = set(re.findall(r"^\| `([a-z_.A-Z]+)` \| `([a-z_.A-Z]+)`", ARCHITECTURE, re.MULTILINE))
    assert written == heard


@pytest.mark.parametrize("doc", DOCS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(doc) -> None:
    text = re.sub(r"```.*?```", "", doc.read_text(encoding="utf-8"), flags=re.DOTALL)
    links = [link.split("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in link]
    assert [link for link in links if link and not (doc.parent / link).exists()] == []


def test_no_file_knows_this_machine() -> None:
    """No path of a development machine and no registry address in what is committed."""
    said = []
    for path in [*python_files(*PACKAGES, "scripts"), *DOCS, ROOT / "Makefile", ROOT / ".ci" / "run"]:
        text = path.read_text(encoding="utf-8")
        said += [
            f"{path.relative_to(ROOT)}: {hit}"
            for hit in re.findall(r"(?<![\w.$/])/(?:work|tmp|root|home)/[\w.-]+", text)
        ]
    assert said == []


def test_every_public_module_says_what_it_is_for() -> None:
    """A room's file names explain the usual ones (views, urls, apps); anything else states its purpose."""
    usual = {"__init__", "apps", "urls", "__main__", "admin"}
    silent = [
        module_name(path)
        for path in python_files()
        if path.stem not in usual and path.read_text(encoding="utf-8").strip() and ast.get_docstring(tree(path)) is None
    ]
    assert silent == []
