"""Every format of questions there is, and which one a file is in: told by its content, never by its name.

A codec is a module with `read(data, *, name) -> Reading` or `write(documents, files, *, title) -> bytes` or both. It is
pure: the same content gives the same bytes, bad content is refused row by row, and a file that is dangerous as a whole
raises `lms.core.imports.ImportRefused`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from io import BytesIO
from typing import Any
from zipfile import ZipFile

from django.utils.translation import gettext_noop as _

from assessment.bank.exchange import zips
from assessment.bank.exchange.checks import FILE_BYTES
from assessment.bank.types import QuestionDocument, Reading
from lms.core.imports import ImportRefused, open_archive, safe_xml

_ROOM = "assessment.bank.exchange"
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_PAPER = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_ZIP = "application/zip"


@dataclass(frozen=True)
class Format:
    """One format. key: as commands and `Reading.format` name it; label: an English msgid; suffix and media_type: of what
    is written; bears_keys: what is written always tells the answers."""

    key: str
    label: str
    module: str
    suffix: str
    media_type: str
    reads: bool = True
    writes: bool = False
    bears_keys: bool = True


FORMATS: Mapping[str, Format] = {
    row.key: row
    for row in (
        Format("excel", _("Excel table"), "excel", "xlsx", _SHEET, writes=True),
        Format("word", _("Word exam paper"), "word", "docx", _PAPER),
        Format("plain", _("Plain text"), "chinese", "txt", "text/plain; charset=utf-8"),
        Format("gift", _("GIFT"), "gift", "gift.txt", "text/plain; charset=utf-8", writes=True),
        Format("moodle", _("Moodle XML"), "moodle", "xml", "application/xml", writes=True),
        Format("qti21", _("QTI 2.1"), "qti", "zip", _ZIP),
        Format("qti22", _("QTI 2.2"), "qti", "zip", _ZIP),
        Format("qti30", _("QTI 3.0"), "qti", "zip", _ZIP, writes=True),
        Format("paper", _("Word exam paper"), "paper", "docx", _PAPER, reads=False, writes=True, bears_keys=False),
    )
}
AUTO = "auto"
READ_FORMATS: tuple[str, ...] = (AUTO, *(key for key, row in FORMATS.items() if row.reads))
WRITTEN_FORMATS: tuple[str, ...] = tuple(key for key, row in FORMATS.items() if row.writes)

_TEXT_MARKS = ("utf-8-sig", "gb18030")
# An answer in braces after a stem, with what only GIFT writes there; a line that begins a title or a category. No part
# of it runs over another place where it could begin, so that a long text is looked through once.
_GIFT = re.compile(
    r"^[^\S\n]*+\$CATEGORY:|^[^\S\n]*+::[^:\n]++::"
    r"|(?<!\\)\{\s{0,40}+(?:(?:T|F|TRUE|FALSE)\s{0,40}+(?:#[^{}]{0,2000}+)?\}|[=~#](?:\\.|[^{}\\]){0,4000}+\}|\}[^\S\n]*+$)",
    re.MULTILINE | re.DOTALL,
)
_XMLISH = re.compile(r"^\s*<(?:\?xml|!--|!DOCTYPE|[A-Za-z_][\w.:-]*[\s/>])")


def detect(data: bytes, name: str) -> str:
    """The key of the format a file is in. Raises ImportRefused for one that nobody reads.

    name: only for messages. A zip is judged by what it holds, an XML by its root, a text by its signs.
    """
    zips.sized(data)
    if data.startswith(b"PK"):
        return _of_archive(data, name)
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise ImportRefused(
            _("This is an old Word or Excel file, or one with a password; save it as .docx or .xlsx."), name
        )
    text = text_of(data)
    if text is None:
        raise ImportRefused(_("The file is of no kind that questions are read from."), name)
    if _XMLISH.match(text.lstrip("\ufeff")):
        return _of_root(data, name)
    return "gift" if _GIFT.search(text) else "plain"


def text_of(data: bytes) -> str | None:
    """A text file's characters (UTF-8, UTF-16 with its mark, or GB 18030), None for what is no text."""
    marks = ("utf-16",) if data.startswith((b"\xff\xfe", b"\xfe\xff")) else _TEXT_MARKS
    if b"\x00" in data and marks is _TEXT_MARKS:
        return None
    for encoding in marks:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _of_archive(data: bytes, name: str) -> str:
    # The directory alone is asked; the codec judges kinds and contents through the same gate.
    with open_archive(BytesIO(data), _Anything(), zips.LIMITS) as archive:
        names = archive.names
        bases = {one.rpartition("/")[2].lower(): one for one in names}
        if "xl/workbook.xml" in names:
            return "excel"
        if "word/document.xml" in names:
            return "word"
        manifest = bases.get("imsmanifest.xml")
        if manifest is not None:
            return _of_manifest(archive.read(manifest, FILE_BYTES), manifest)
        if any(one.endswith(".gift.txt") for one in bases):
            return "gift"
        if sum(one.endswith(".xlsx") for one in bases) == 1:
            return "excel"
    raise ImportRefused(_("The archive holds no questions: no Excel table, no Word paper, no imsmanifest.xml."), name)


class _Anything(dict[str, str]):
    """Every suffix is let through: only names are read."""

    def __contains__(self, _suffix: object) -> bool:
        return True

    def __missing__(self, suffix: str) -> str:
        return "archive" if suffix == "xlsx" else "any"


def _of_manifest(data: bytes, where: str) -> str:
    safe_xml(data, where)
    for sign, key in ((b"v3p0", "qti30"), (b"v2p2", "qti22"), (b"v2p1", "qti21"), (b"v2p0", "qti21")):
        if sign in data:
            return key
    raise ImportRefused(
        _("The package holds QTI of another version than 2.1, 2.2 or 3.0; export it as one of these."), where
    )


_ROOTS = {"quiz": "moodle", "qti-assessment-item": "qti30"}


def _of_root(data: bytes, name: str) -> str:
    space, _brace, tag = safe_xml(data, name).tag.rpartition("}")
    if tag == "assessmentItem":
        return "qti22" if "v2p2" in space else "qti21"
    if tag in _ROOTS:
        return _ROOTS[tag]
    if tag in ("manifest", "questestinterop", "assessmentTest", "qti-assessment-test"):
        raise ImportRefused(_("QTI is read as a package (.zip) of version 2.1, 2.2 or 3.0, or as a single item."), name)
    raise ImportRefused(_("The file is of no kind that questions are read from."), name)


def read(data: bytes, name: str, format_: str = AUTO) -> Reading:
    """What a file holds. format_: a key of FORMATS, or "auto". Raises ImportRefused, KeyError for an unknown format."""
    zips.sized(data)
    key = detect(data, name) if format_ == AUTO else format_
    row = FORMATS[key]
    if not row.reads:
        raise KeyError(key)
    return _codec(row).read(data, name=name)


def write(
    key: str, documents: Sequence[QuestionDocument], files: Mapping[str, bytes], *, title: str, keys: bool = True
) -> bytes:
    """The questions as a file. files: bytes by SHA-256; keys: whether a paper tells the answers (the other formats always
    do: `Format.bears_keys`). Raises KeyError for a format that is not written, ValueError for no keys where they must be."""
    row = FORMATS[key]
    if not row.writes:
        raise KeyError(key)
    if row.bears_keys:
        if not keys:
            raise ValueError(f"{key} always tells the answers")
        return _codec(row).write(documents, files, title=title)
    return _codec(row).write(documents, files, title=title, keys=keys)


def written_suffix(key: str, data: bytes) -> str:
    """The suffix of what `write` gave: a table or GIFT with files comes as a zip of both."""
    suffix = FORMATS[key].suffix
    if key == "gift":
        return "zip" if data.startswith(b"PK") else suffix
    if suffix != "xlsx":
        return suffix
    with ZipFile(BytesIO(data)) as archive:
        return suffix if "xl/workbook.xml" in archive.namelist() else "zip"


def _codec(row: Format) -> Any:
    return import_module(f"{_ROOM}.{row.module}")
