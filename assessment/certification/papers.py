"""Stored papers. What storage has lost is made again from the printed data: the same bytes, or it is refused."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages

from assessment.certification.logic import printed_data
from assessment.certification.models import Certificate
from assessment.certification.rendering import PaperChanged, picture, render
from lms.core.clock import SHANGHAI

_FOLDER = "certificates"


def _private() -> Storage:
    return storages["private"]


def store_paper(pdf: bytes, *, serial: UUID, now: datetime) -> str:
    """Store a made paper under a key of its own; returns the key. Raises OSError."""
    local = now.astimezone(SHANGHAI)
    key = f"{_FOLDER}/{local:%Y}/{local:%m}/{serial}/certificate.pdf"
    saved = _private().save(key, ContentFile(pdf))
    if saved != key:
        discard_paper(saved)
        raise OSError(f"private storage stored {saved} instead of {key}")
    return key


def discard_paper(key: str) -> None:
    """Remove a paper that no row names."""
    with suppress(OSError):
        _private().delete(key)


def paper_bytes(certificate: Certificate) -> bytes:
    """The PDF as issued. Raises PaperChanged when neither the stored file nor a new rendering has its SHA-256."""
    with suppress(OSError), _private().open(certificate.pdf_key) as stored:
        pdf: bytes = stored.read()
        if sha256(pdf).hexdigest() == certificate.pdf_sha256:
            return pdf
    made = render(printed_data(certificate.printed))
    if made.sha256 != certificate.pdf_sha256:
        raise PaperChanged(certificate.pdf_key)
    return made.pdf


def paper_picture(certificate: Certificate) -> bytes:
    """The paper as PNG. Raises PaperChanged."""
    return picture(printed_data(certificate.printed))


def discard_orphans(*, before: datetime) -> int:
    """Delete stored papers that no certificate names and that are older than `before` (real time); how many.

    Nothing goes when no paper there is one the database names: that is another installation's folder.
    """
    stored = [key for key in _walk(_FOLDER) if key.endswith(".pdf")]
    named = set(Certificate.objects.values_list("pdf_key", flat=True))
    if named.isdisjoint(stored):
        return 0
    old = [key for key in stored if key not in named and _private().get_modified_time(key) < before]
    # Asked again: a row may have been written since the names were read.
    issued = set(Certificate.objects.filter(pdf_key__in=old).values_list("pdf_key", flat=True))
    for key in old:
        if key not in issued:
            discard_paper(key)
    return len(set(old) - issued)


def _walk(folder: str) -> Iterator[str]:
    with suppress(FileNotFoundError):
        folders, files = _private().listdir(folder)
        yield from (f"{folder}/{name}" for name in files)
        for name in folders:
            yield from _walk(f"{folder}/{name}")
