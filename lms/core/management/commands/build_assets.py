"""`manage.py build_assets`: concatenate the style bundles and draw the icon sprite into `lms/static/dist`."""

import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET
from zipfile import ZipFile

import heroicons
from defusedxml.ElementTree import fromstring
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from lms.core.static import BUNDLES, ICONS, SPRITE

_SVG = "{http://www.w3.org/2000/svg}"
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_SPACE = re.compile(r"\s+")
_AROUND = re.compile(r"\s*([{};,])\s*")


def squeeze(css: str) -> str:
    """The style sheet without comments and needless white space. Strings in ours hold neither comments nor doubled spaces."""
    return _AROUND.sub(r"\1", _SPACE.sub(" ", _COMMENT.sub("", css))).replace(";}", "}").strip()


def sprite(names: tuple[str, ...]) -> str:
    """One SVG with a `<symbol>` for each outline icon. Raises CommandError for a name the package lacks."""
    ET.register_namespace("", _SVG.strip("{}"))
    root = ET.Element(f"{_SVG}svg")
    with ZipFile(Path(heroicons.__file__).parent / "heroicons.zip") as archive:
        for name in names:
            try:
                drawing = fromstring(archive.read(f"outline/{name}.svg"))
            except KeyError:
                raise CommandError(f"heroicons has no outline icon {name!r}") from None
            symbol = ET.SubElement(root, f"{_SVG}symbol", {"id": name, "viewBox": "0 0 24 24"})
            for shape in drawing:
                shape.tail = None
                # Inherited from .icon, so that they are not repeated for every path.
                shape.attrib.pop("stroke-linecap", None)
                shape.attrib.pop("stroke-linejoin", None)
                symbol.append(shape)
    return ET.tostring(root, encoding="unicode")


class Command(BaseCommand):
    help = "Build the style bundles and the icon sprite into lms/static/dist."
    # It is what makes the folder that the check of static files asks for.
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        source = settings.BASE_DIR / "lms" / "static" / "src"
        target = settings.BASE_DIR / "lms" / "static" / "dist"
        built = {
            f"bundle/{name}.css": "\n".join(squeeze((source / file).read_text("utf-8")) for file in files) + "\n"
            for name, files in BUNDLES.items()
        }
        built[SPRITE] = sprite(ICONS)
        for name, text in built.items():
            path = target / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.exists() or path.read_text("utf-8") != text:
                aside = path.with_suffix(".part")
                aside.write_text(text, "utf-8")
                aside.replace(path)
        self.stdout.write(f"{len(BUNDLES)} bundles, {len(ICONS)} icons")
