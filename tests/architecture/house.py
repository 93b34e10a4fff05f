"""Where things stand: packages, rooms, own source files. Shared by the tests of the house."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGES = ("lms", "courses", "assessment", "media_pipeline")
# One Django app each, the lowest first: an app may point at those before it.
STREETS = ("core", "accounts", "media_pipeline", "assessment", "courses", "portal")
NOT_ROOMS = {
    "management",
    "commands",
    "migrations",
    "templatetags",
    "templates",
    "static",
    "locale",
    "settings",
    "speech",
    # a room's own files, grown into a folder
    "logic",
    "selectors",
    "services",
    "views",
}


def python_files(*packages: str) -> Iterator[Path]:
    """Own Python files, migrations left out, sorted."""
    for package in packages or PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def short(path: Path) -> str:
    """A path for people, from the project's folder."""
    return path.relative_to(ROOT).as_posix()


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def rooms() -> list[str]:
    """Every package folder that holds code of its own, as `media_pipeline/assets`."""
    found = set()
    for path in python_files():
        folder = path.parent.relative_to(ROOT)
        if path.name != "__init__.py" and not NOT_ROOMS.intersection(folder.parts) and len(folder.parts) > 1:
            found.add(folder.as_posix())
    return sorted(found)


def templates() -> list[Path]:
    return sorted(path for package in PACKAGES for path in (ROOT / package).rglob("templates/**/*.html"))
