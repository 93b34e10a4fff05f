"""Archives of questions, in through the house's gate and out with the same bytes for the same content."""

import io
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from django.utils.translation import gettext_noop as _

from assessment.bank.exchange.checks import FILE_BYTES
from lms.core.imports import Archive, ImportRefused, Limits, open_archive

_EPOCH = (1980, 1, 1, 0, 0, 0)
_MIB = 1024 * 1024
LIMITS = Limits(archive=FILE_BYTES, entries=12_000, total=200 * _MIB, entry=100 * _MIB)

_PICTURES = {"png": "png", "jpg": "jpeg", "jpeg": "jpeg", "gif": "gif", "webp": "webp"}
_FILMS = dict.fromkeys(("mp3", "m4a", "ogg", "oga", "wav", "mp4", "m4v", "webm"), "any")
# Beside the questions: never run, never shown. A drawing (SVG) that a question shows is refused there.
_BESIDE = dict.fromkeys(("xml", "txt", "md", "css", "xsd", "html", "htm", "json", "csv"), "any") | {
    "svg": "any",
    "pdf": "pdf",
}
PACKAGE_KINDS: Mapping[str, str] = {**_PICTURES, **_FILMS, **_BESIDE}
# What Excel itself packs. Macros (.bin named vbaProject) are refused by the reader.
BOOK_KINDS: Mapping[str, str] = {
    **_PICTURES,
    **dict.fromkeys(("xml", "rels", "vml", "bin", "emf", "wmf", "svg", "tiff", "tif", "bmp"), "any"),
}


@contextmanager
def opened(data: bytes, kinds: Mapping[str, str], limits: Limits = LIMITS) -> Iterator[Archive]:
    """A zip that passed the gate. Raises ImportRefused."""
    with open_archive(io.BytesIO(data), kinds, limits) as archive:
        yield archive


def sized(data: bytes) -> None:
    """Whether a file is small enough to be looked at. Raises ImportRefused."""
    if len(data) > FILE_BYTES:
        raise ImportRefused(_("The file is larger than %(most)s."), most="20 MB")


def packed(entries: Mapping[str, bytes], *, first: str = "", stored: bool = False) -> bytes:
    """A zip with fixed times and sorted names; `first` stands before all others; stored: what does not shrink."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in sorted(entries, key=lambda name: (name != first, name)):
            row = zipfile.ZipInfo(name, _EPOCH)
            row.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
            row.external_attr = 0o100644 << 16
            archive.writestr(row, entries[name])
    return out.getvalue()
