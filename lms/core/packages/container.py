"""The zip around a bag: one folder, plain files, nothing compressed, no time of its own. Pure.

What is already packed (video, pictures) would not get smaller, the rest is small; and a file in which nothing is compressed
cannot grow when it is unpacked, nor depend on a version of zlib. So the same files are the same bytes everywhere.
"""

import io
import shutil
import struct
import zipfile
from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256
from typing import IO, BinaryIO

from lms.core.packages.logic import safe_name
from lms.core.packages.types import Fault, Limits, Problem

CHUNK = 1 << 20
_EPOCH = (1980, 1, 1, 0, 0, 0)
_PLAIN = 0o100644 << 16
_UNIX = 3
_END = struct.Struct("<4s4H2LH")
# A name of 200 letters and what stands before it in the directory.
_DIRECTORY_LINE = 300
# What Python's reader says of files that are no zip, or no longer one.
BROKEN = (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError, OSError, RuntimeError, struct.error)

Opener = Callable[[], IO[bytes]]


def write(members: Mapping[str, tuple[Opener, int]], target: BinaryIO) -> None:
    """Write name → (opener, size) as a package's zip, by name. target must be able to seek."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED, allowZip64=False) as archive:
        for name in sorted(members):
            opener, size = members[name]
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.create_system, entry.external_attr, entry.file_size = _UNIX, _PLAIN, size
            with opener() as source, archive.open(entry, "w") as sink:
                shutil.copyfileobj(source, sink, CHUNK)


def entries(
    source: BinaryIO, limits: Limits
) -> tuple[zipfile.ZipFile | None, dict[str, zipfile.ZipInfo], list[Problem]]:
    """The zip, its plain files by name, and what is wrong with it so far; no zip at all where it cannot be read further.

    Its end is read first: a directory that is longer than it may be is never loaded.
    """
    size = source.seek(0, io.SEEK_END)
    if size > limits.size:
        return None, {}, [Problem(Fault.TOO_BIG, detail=f"{limits.size:,}")]
    nothing: list[Problem] = [Problem(Fault.NO_PACKAGE)]
    if size < _END.size:
        return None, {}, nothing
    source.seek(size - _END.size)
    mark, disk, start, here, count, length, offset, comment = _END.unpack(source.read(_END.size))
    if (mark, disk, start, here, comment) != (b"PK\5\6", 0, 0, count, 0) or offset + length + _END.size != size:
        return None, {}, nothing
    if count > limits.members or length > count * _DIRECTORY_LINE:
        return None, {}, [Problem(Fault.TOO_BIG, detail=f"{limits.members:,}")]
    try:
        archive = zipfile.ZipFile(source)
    except BROKEN:
        return None, {}, nothing
    found, problems = _plain(archive)
    if sum(entry.file_size for entry in found.values()) > size:
        return None, {}, [*problems, Problem(Fault.NO_PACKAGE)]
    return archive, found, problems


def _plain(archive: zipfile.ZipFile) -> tuple[dict[str, zipfile.ZipInfo], list[Problem]]:
    found: dict[str, zipfile.ZipInfo] = {}
    problems, taken = [], set()
    for entry in archive.infolist():
        # As it stands in the directory: Python cuts a name at a NUL, and what is shown must not lead a terminal astray.
        name = entry.orig_filename
        shown = name.encode("unicode_escape").decode()[:80]
        if not safe_name(name.rstrip("/")):
            problems.append(Problem(Fault.NAME, shown))
        elif name.endswith("/") or _odd(entry):
            problems.append(Problem(Fault.NO_PLAIN_FILE, shown))
        elif name.lower() in taken:
            problems.append(Problem(Fault.TWICE, shown))
        else:
            found[name] = entry
        taken.add(name.lower())
    return found, problems


def _odd(entry: zipfile.ZipInfo) -> bool:
    """Whether it is a link, a folder, encrypted or compressed: `file_size` of any other is what lies in the file."""
    plain = entry.external_attr == _PLAIN and entry.create_system == _UNIX and not entry.flag_bits
    return not plain or entry.compress_type != zipfile.ZIP_STORED or entry.compress_size != entry.file_size


def read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """A file in pieces. Raises one of BROKEN."""
    with archive.open(entry) as source:
        while piece := source.read(CHUNK):
            yield piece


def digest(source: BinaryIO) -> str:
    """SHA-256 of a whole file, 64 hex digits."""
    source.seek(0)
    held = sha256()
    while piece := source.read(CHUNK):
        held.update(piece)
    return held.hexdigest()
