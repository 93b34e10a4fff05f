"""A Word file as a lesson: headings, text, lists and pictures are taken over, and what is not is said.

The file is judged at the gate of `lms.core.imports` and every XML part of it must declare no document type before mammoth
reads it; nothing is fetched from elsewhere.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from typing import IO, Any
from xml.etree.ElementTree import Element

import mammoth  # type: ignore[import-untyped]
from bs4 import BeautifulSoup
from bs4.element import Tag
from django.utils.translation import gettext_noop as _

from courses.catalogue.exchange.faults import Fault
from courses.catalogue.exchange.tidy import tidy_line
from courses.catalogue.markdown import to_markdown
from courses.catalogue.types import Block, PictureBlock, TextBlock
from lms.core.imports import PICTURE_KINDS, ImportRefused, Limits, open_archive, safe_picture, safe_xml, sniffed

LIMITS = Limits(archive=30 * 1024 * 1024, entries=1000, total=150 * 1024 * 1024, entry=40 * 1024 * 1024, depth=6)
# Word's own parts. A macro or an embedded object (.bin, .xlsx, .docx) stays outside the gate.
KINDS = {
    "xml": "text",
    "rels": "text",
    "emf": "any",
    "wmf": "any",
    "odttf": "any",
    "tif": "any",
    "tiff": "any",
    **PICTURE_KINDS,
}
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STYLES = """
p[style-name='Title'] => h1:fresh
p[style-name='标题'] => h1:fresh
p[style-name='Subtitle'] => p:fresh
"""
# What a lesson's text has no place for: the element of Word and how it is said.
_LOST = {
    f"{_W}tbl": _("%(count)d tables: their cells became lines of text."),
    f"{_W}footnoteReference": _("%(count)d footnotes were left out."),
    f"{_W}endnoteReference": _("%(count)d endnotes were left out."),
    f"{_W}commentReference": _("%(count)d comments were left out."),
    f"{_W}del": _("%(count)d passages marked as deleted were left out."),
    f"{_W}ins": _("%(count)d passages marked as inserted were taken over as text."),
    f"{_W}txbxContent": _("%(count)d text boxes: please check their place in the text."),
    f"{_W}object": _("%(count)d embedded objects were left out."),
    "{http://schemas.openxmlformats.org/officeDocument/2006/math}oMath": _("%(count)d formulas were left out."),
    "{http://schemas.openxmlformats.org/drawingml/2006/chart}chart": _("%(count)d charts were left out."),
    "{http://schemas.openxmlformats.org/drawingml/2006/diagram}relIds": _("%(count)d diagrams were left out."),
}


@dataclass(frozen=True)
class WordLesson:
    """What a Word file says. title: its first heading, or ""; files: name → bytes of the pictures; lost: what was not read."""

    title: str
    blocks: tuple[Block, ...]
    files: dict[str, bytes]
    lost: tuple[Fault, ...]


def read_docx(file: IO[bytes]) -> WordLesson:
    """The text and pictures of a Word file. Raises ImportRefused."""
    lost = _judged(file)
    pictures = _Pictures()
    file.seek(0)
    try:
        made = mammoth.convert_to_html(
            file,
            style_map=_STYLES,
            include_embedded_style_map=False,
            convert_image=mammoth.images.img_element(pictures.take),
            external_file_access=False,
        )
    except ImportRefused:
        raise
    # Whatever a damaged part makes the library stumble over, the answer is the same.
    except Exception as broken:
        raise ImportRefused(
            _("The Word file cannot be read (%(problem)s); save it again as .docx."), problem=type(broken).__name__
        ) from broken
    soup = BeautifulSoup(made.value, "html.parser")
    for left in soup.select("li[id^=footnote], li[id^=endnote], sup"):
        left.decompose()
    title = _title(soup)
    blocks = tuple(_blocks(soup, pictures, title))
    if not blocks:
        raise ImportRefused(_("There is no text in the Word file."))
    return WordLesson(title, blocks, pictures.files, (*lost, *pictures.lost))


def _judged(file: IO[bytes]) -> tuple[Fault, ...]:
    """The gate, every XML part, and a count of what will be lost. Raises ImportRefused."""
    with open_archive(file, KINDS, LIMITS) as archive:
        if "word/document.xml" not in archive.names:
            raise ImportRefused(_("This is no Word file (.docx)."))
        body: Element | None = None
        for name in archive.names:
            if name.endswith((".xml", ".rels")):
                root = safe_xml(archive.read(name, most=LIMITS.entry), name)
                body = root if name == "word/document.xml" else body
    counts = dict.fromkeys(_LOST, 0)
    for element in body.iter() if body is not None else ():
        if element.tag in counts:
            counts[element.tag] += 1
    return tuple(Fault(0, _LOST[tag], {"count": count}) for tag, count in counts.items() if count)


class _Pictures:
    """The pictures of one file, under names from their content, in a kind a browser shows."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.lost: list[Fault] = []

    def take(self, image: Any) -> dict[str, str]:
        """mammoth's question for one picture: the attributes of its <img>."""
        with image.open() as stream:
            data = stream.read()
        kind = sniffed(data[:512])
        if kind not in PICTURE_KINDS.values():
            self.lost.append(
                Fault(
                    0,
                    _("A picture is of a kind that no browser shows (%(kind)s); it was left out."),
                    {"kind": image.content_type},
                )
            )
            return {"src": ""}
        name = f"picture-{sha256(data).hexdigest()[:12]}.{'jpg' if kind == 'jpeg' else kind}"
        safe_picture(BytesIO(data), name)
        self.files[name] = data
        return {"src": name}


def _title(soup: BeautifulSoup) -> str:
    """The first heading, taken out of the text, when nothing stands before it."""
    first = next((child for child in soup.children if isinstance(child, Tag)), None)
    if first is None or first.name not in ("h1", "h2"):
        return ""
    title = tidy_line(first.get_text())[:100]
    first.decompose()
    return title


def _blocks(soup: BeautifulSoup, pictures: _Pictures, title: str) -> Iterator[Block]:
    html = ""
    for child in soup.children:
        shown = child.find_all("img") if isinstance(child, Tag) else []
        for image in shown:
            image.extract()
        if not isinstance(child, Tag) or child.get_text().strip():
            html += str(child)
        for image in shown:
            name = str(image.get("src") or "")
            if name not in pictures.files:
                continue
            if text := to_markdown(html):
                yield TextBlock(text)
            html = ""
            alt = tidy_line(str(image.get("alt") or ""))[:200] or title or name
            yield PictureBlock(name, sha256(pictures.files[name]).hexdigest(), alt)
    if text := to_markdown(html):
        yield TextBlock(text)
