"""The one gate for files that people bring in: archives, pictures, XML. What passes is small enough, named safely, of a known
kind, and asks nothing of the network.

A zip is opened without unpacking: its directory is judged first, then the first bytes of every entry, and an entry is only
read within its announced size. Nothing is written to disk. The risks are those of OWASP's File Upload and XXE cheat sheets,
of "zip slip" (Snyk, 2018) and of overlapping bombs (Fifield, WOOT 2019).
"""

import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import file_digest, sha256
from pathlib import Path, PurePosixPath
from typing import IO, Any, Protocol
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

KIB, MIB = 1024, 1024 * 1024


class ImportRefused(ValueError):
    """A file is not let in. message: an English msgid with %(names)s, values: what fills them; where: the entry, or ""."""

    def __init__(self, message: str, where: str = "", **values: object) -> None:
        super().__init__(f"{where}: {message % values}" if where else message % values)
        self.template = message
        self.where = where
        self.values: dict[str, object] = values

    @property
    def message(self) -> str:
        """The reason in the reader's language."""
        return gettext(self.template) % self.values


@dataclass(frozen=True)
class Limits:
    """What an archive may be at most; sizes in bytes. ratio: bytes that come out for one that went in."""

    archive: int = 200 * MIB
    entries: int = 2000
    total: int = 500 * MIB
    entry: int = 100 * MIB
    ratio: int = 100
    depth: int = 8
    name: int = 200


# What a file's first bytes say it is. Text is what is none of these and is UTF-8.
_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"%PDF-", "pdf"),
    (b"PK\x03\x04", "archive"),
    (b"PK\x05\x06", "archive"),
    (b"\x1f\x8b", "archive"),
    (b"BZh", "archive"),
    (b"\xfd7zXZ\x00", "archive"),
    (b"7z\xbc\xaf\x27\x1c", "archive"),
    (b"Rar!\x1a\x07", "archive"),
    (b"\x28\xb5\x2f\xfd", "archive"),
    (b"MZ", "program"),
    (b"\x7fELF", "program"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
)
_HEAD = 512
# Suffix → what the first bytes must say.
PICTURE_KINDS: Mapping[str, str] = {"png": "png", "jpg": "jpeg", "jpeg": "jpeg", "gif": "gif", "webp": "webp"}
_DRIVE = re.compile(r"^[A-Za-z]:")
_UNSEEN = re.compile(r"[\x00-\x1f\x7f]")
_RESERVED = re.compile(r"^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)", re.IGNORECASE)
# What macOS and Windows add to every folder they pack: left out.
_LITTER = re.compile(r"^__MACOSX/|(?:^|/)(?:\.DS_Store|Thumbs\.db|desktop\.ini)$")
_SMALL = MIB  # below this a high ratio harms nobody: an empty table of Excel compresses 1:500
_BLOCK = 64 * KIB


class Tree(Protocol):
    """Files under names with /, from an archive or a folder."""

    @property
    def names(self) -> tuple[str, ...]:
        """The files, sorted."""

    def read(self, name: str, most: int = MIB) -> bytes:
        """A small file whole. Raises ImportRefused when it is larger than `most`."""

    def open(self, name: str) -> IO[bytes]:
        """A file as a stream."""

    def sha256(self, name: str) -> str:
        """The SHA-256 of a file, 64 hex digits."""


class Archive:
    """A zip that passed the gate."""

    def __init__(self, source: zipfile.ZipFile, entries: Mapping[str, zipfile.ZipInfo]) -> None:
        self._source = source
        self._entries = entries

    @property
    def names(self) -> tuple[str, ...]:
        """The files, sorted; folders are none."""
        return tuple(sorted(self._entries))

    def open(self, name: str) -> IO[bytes]:
        """An entry as a stream. Raises KeyError, ImportRefused."""
        return self._source.open(self._entries[name])

    def read(self, name: str, most: int = MIB) -> bytes:
        """An entry whole. Raises KeyError, ImportRefused when it is larger than `most` or broken."""
        if self._entries[name].file_size > most:
            raise ImportRefused(_("The file is larger than %(most)s."), name, most=_size(most))
        return b"".join(self._blocks(name))

    def sha256(self, name: str) -> str:
        """The SHA-256 of an entry, read in pieces. Raises KeyError, ImportRefused."""
        made = sha256()
        for block in self._blocks(name):
            made.update(block)
        return made.hexdigest()

    def _blocks(self, name: str) -> Iterator[bytes]:
        try:
            with self.open(name) as stream:
                while block := stream.read(_BLOCK):
                    yield block
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError):
            raise ImportRefused(_("The file is damaged; pack the archive again."), name) from None


class Folder:
    """A folder on this machine, read as an archive would be; for commands and our own content."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._files = {
            path.relative_to(root).as_posix(): path
            for path in sorted(root.rglob("*"))
            if path.is_file() and not path.is_symlink() and not path.name.startswith(".")
        }

    @property
    def names(self) -> tuple[str, ...]:
        """The files, sorted; hidden ones and links are left out."""
        return tuple(sorted(self._files))

    def open(self, name: str) -> IO[bytes]:
        """A file as a stream. Raises KeyError."""
        return self._files[name].open("rb")

    def read(self, name: str, most: int = MIB) -> bytes:
        """A file whole. Raises KeyError, ImportRefused when it is larger than `most`."""
        if self._files[name].stat().st_size > most:
            raise ImportRefused(_("The file is larger than %(most)s."), name, most=_size(most))
        return self._files[name].read_bytes()

    def sha256(self, name: str) -> str:
        """The SHA-256 of a file. Raises KeyError."""
        with self.open(name) as stream:
            return file_digest(stream, "sha256").hexdigest()  # type: ignore[arg-type]


@contextmanager
def open_archive(file: IO[bytes], kinds: Mapping[str, str], limits: Limits | None = None) -> Iterator[Archive]:
    """The zip in a seekable file, judged as a whole before anything of it is used. Raises ImportRefused.

    kinds: suffix (small letters, no dot) → what the first bytes must say: "text", "any", or a name of `sniffed`. An archive
    inside passes only where its suffix says "archive", and goes through a gate of its own when it is opened.
    """
    limits = limits or Limits()
    _announced(file, limits)
    try:
        source = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, struct.error, ValueError, NotImplementedError, OSError):
        raise ImportRefused(_("This is no readable zip file; pack the folder again.")) from None
    with source:
        rows = source.infolist()
        if len(rows) > limits.entries:
            raise ImportRefused(_("The archive holds more than %(most)d files."), most=limits.entries)
        entries = _judged(rows, limits)
        archive = Archive(source, entries)
        for name in entries:
            _kind_of(archive, name, kinds)
        yield archive


def _announced(file: IO[bytes], limits: Limits) -> None:
    """Size, first bytes, and how large the directory says it is: before a library reads it into memory."""
    size = file.seek(0, 2)
    if size > limits.archive:
        raise ImportRefused(
            _("The file has %(size)s; at most %(most)s are taken in."), size=_size(size), most=_size(limits.archive)
        )
    file.seek(0)
    if not file.read(4).startswith(b"PK\x03\x04"):
        raise ImportRefused(_("This is no zip file, or an empty one."))
    tail_size = min(size, 22 + 0xFFFF + 20 + 56)
    file.seek(size - tail_size)
    tail = file.read(tail_size)
    end = tail.rfind(b"PK\x05\x06")
    if end < 0 or len(tail) < end + 22:
        raise ImportRefused(_("The end of the zip file is missing; it was not copied whole."))
    directory = struct.unpack_from("<L", tail, end + 12)[0]
    wide = tail.rfind(b"PK\x06\x06", 0, end)
    if directory == 0xFFFFFFFF and wide >= 0 and len(tail) >= wide + 48:
        directory = struct.unpack_from("<Q", tail, wide + 40)[0]
    if directory > limits.entries * KIB:
        raise ImportRefused(_("The archive holds more than %(most)d files."), most=limits.entries)
    file.seek(0)


def _judged(rows: list[zipfile.ZipInfo], limits: Limits) -> dict[str, zipfile.ZipInfo]:
    entries: dict[str, zipfile.ZipInfo] = {}
    seen: dict[str, str] = {}
    for row in rows:
        # The library cuts a name at a NUL and turns backslashes round on some systems: the name as it was stored counts.
        name = row.orig_filename
        _safe_name(name, limits)
        same = unicodedata.normalize("NFC", name).casefold().rstrip("/")
        if same in seen:
            raise ImportRefused(_("Two entries have the same name."), name)
        seen[same] = name
        _safe_entry(row, name, limits)
        if not name.endswith("/") and not _LITTER.search(name):
            entries[name] = row
    for name in entries:
        for parent in PurePosixPath(unicodedata.normalize("NFC", name).casefold()).parents:
            if str(parent) in seen and not seen[str(parent)].endswith("/"):
                raise ImportRefused(_("A name is both a file and a folder."), name)
    _safe_whole(rows, limits)
    return entries


def _safe_name(name: str, limits: Limits) -> None:
    parts = name.removesuffix("/").split("/")
    if _UNSEEN.search(name) or "\\" in name:
        raise ImportRefused(_("The name holds a backslash or an invisible character."), name)
    if name.startswith("/") or _DRIVE.match(name) or any(part in ("", ".", "..") for part in parts):
        raise ImportRefused(_("The name points outside the archive; only plain relative paths are taken in."), name)
    if any(part != part.rstrip(" .") or _RESERVED.match(part) for part in parts):
        raise ImportRefused(_("The name cannot be a file's on every system."), name)
    if len(name) > limits.name or len(parts) > limits.depth:
        raise ImportRefused(
            _("The path is too long or too deep (at most %(name)d characters, %(depth)d folders)."),
            name[: limits.name],
            name=limits.name,
            depth=limits.depth,
        )


def _safe_entry(row: zipfile.ZipInfo, name: str, limits: Limits) -> None:
    form = stat.S_IFMT(row.external_attr >> 16)
    if form not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise ImportRefused(_("The entry is a link or a device, not a file."), name)
    if row.flag_bits & 0x1:
        raise ImportRefused(_("The entry is encrypted; pack it without a password."), name)
    if row.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ImportRefused(_("The entry is packed in an unusual way; pack it as a plain zip."), name)
    if row.file_size > limits.entry:
        raise ImportRefused(_("The file is larger than %(most)s."), name, most=_size(limits.entry))
    if row.file_size > _SMALL and row.file_size > limits.ratio * max(row.compress_size, 1):
        raise ImportRefused(_("The entry would grow more than %(most)d times when unpacked."), name, most=limits.ratio)


def _safe_whole(rows: list[zipfile.ZipInfo], limits: Limits) -> None:
    total, packed = sum(row.file_size for row in rows), sum(row.compress_size for row in rows)
    if total > limits.total:
        raise ImportRefused(
            _("Unpacked, the archive would have %(size)s; at most %(most)s are taken in."),
            size=_size(total),
            most=_size(limits.total),
        )
    if total > _SMALL and total > limits.ratio * max(packed, 1):
        raise ImportRefused(_("The entry would grow more than %(most)d times when unpacked."), most=limits.ratio)
    # Entries that share their bytes make a bomb of few bytes.
    ends = 0
    for row in sorted(rows, key=lambda row: row.header_offset):
        if row.header_offset < ends:
            raise ImportRefused(_("The entries of the archive overlap."), row.orig_filename)
        ends = row.header_offset + 30 + row.compress_size


def _kind_of(archive: Archive, name: str, kinds: Mapping[str, str]) -> None:
    suffix = name.rpartition("/")[2].rpartition(".")[2].lower() if "." in name else ""
    if suffix not in kinds:
        known = ", ".join(sorted(kinds))
        raise ImportRefused(_("Files of this type are not taken in; these are: %(known)s."), name, known=known)
    head = archive_head(archive, name)
    found, wanted = sniffed(head), kinds[suffix]
    if found in ("archive", "program", "ole") and found != wanted:
        raise ImportRefused(_("The file is an archive or a program under another name."), name)
    if wanted != "any" and found != wanted and not (found == "empty" and wanted == "text"):
        raise ImportRefused(_("The content is not what the name says (.%(suffix)s)."), name, suffix=suffix)


def archive_head(archive: Archive, name: str) -> bytes:
    """The first bytes of an entry. Raises ImportRefused."""
    try:
        with archive.open(name) as stream:
            return stream.read(_HEAD)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError):
        raise ImportRefused(_("The file is damaged; pack the archive again."), name) from None


def sniffed(head: bytes) -> str:
    """What the first 512 bytes say: png, jpeg, gif, webp, pdf, archive, program, ole, text, empty or unknown."""
    for signature, kind in _SIGNATURES:
        if head.startswith(signature):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    if head[257:262] == b"ustar":
        return "archive"
    if not head:
        return "empty"
    if b"\x00" in head:
        return "unknown"
    for cut in range(4):  # the last character may be cut in two
        try:
            head[: len(head) - cut].decode("utf-8")
        except UnicodeDecodeError:
            continue
        return "text"
    return "unknown"


def safe_picture(file: IO[bytes], where: str, *, pixels: int = 40_000_000) -> None:
    """Whether a picture can be shown: its pixels counted before they are unpacked, its data sound. Raises ImportRefused."""
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(file, formats=("PNG", "JPEG", "GIF", "WEBP")) as picture:
            width, height = picture.size
            if width * height > pixels:
                raise ImportRefused(
                    _("The picture has %(width)d × %(height)d points; that is too large."),
                    where,
                    width=width,
                    height=height,
                )
            picture.verify()
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError) as broken:
        if isinstance(broken, ImportRefused):
            raise
        raise ImportRefused(_("The picture cannot be read; save it again as PNG or JPEG."), where) from None


def safe_xml(data: bytes, where: str) -> Element:
    """The root of an XML text that declares no document type and no entities, so it fetches and multiplies nothing.

    Raises ImportRefused.
    """
    try:
        root: Element = fromstring(data, forbid_dtd=True, forbid_entities=True, forbid_external=True)
    except DefusedXmlException:
        raise ImportRefused(
            _("The XML declares a document type or entities, which could fetch or multiply things; leave them out."),
            where,
        ) from None
    except (ParseError, ValueError, LookupError):
        raise ImportRefused(_("The XML cannot be read."), where) from None
    return root


_ACTIVE_TAGS = frozenset(
    {"script", "foreignobject", "iframe", "object", "embed", "handler", "listener", "set", "animate"}
)
_ADDRESSES = frozenset({"href", "src", "from", "to", "values", "data", "action", "formaction"})


def refuse_active(data: bytes, where: str) -> None:
    """An SVG or XHTML text that does something or fetches something is refused. Raises ImportRefused."""
    for element in safe_xml(data, where).iter():
        tag = _local(element.tag)
        if tag in _ACTIVE_TAGS:
            raise ImportRefused(_("The drawing holds a script or something that moves (<%(tag)s>)."), where, tag=tag)
        style = (element.get("style") or "") + (element.text or "" if tag == "style" else "")
        if "url(" in style.replace(" ", "").lower() or "@import" in style.lower():
            raise ImportRefused(_("The drawing fetches something from elsewhere."), where)
        for name, value in element.attrib.items():
            attribute = _local(name)
            if attribute.startswith("on"):
                raise ImportRefused(_("The drawing holds a script (%(name)s)."), where, name=attribute)
            if attribute in _ADDRESSES and not value.strip().startswith(("#", "data:image/png", "data:image/jpeg")):
                raise ImportRefused(_("The drawing fetches something from elsewhere."), where)


def _local(name: Any) -> str:
    return str(name).rpartition("}")[2].lower()


def _size(count: int) -> str:
    if count >= 1024 * MIB:
        return f"{count / (1024 * MIB):.1f} GB"
    return f"{count / MIB:.0f} MB" if count >= MIB else f"{max(count // KIB, 1)} kB"
