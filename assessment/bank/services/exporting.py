"""Questions on their way out as a file; whoever takes answers along says why, and the audit names every question."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.core.files.storage import storages

from assessment.bank.exchange import formats
from assessment.bank.models import QuestionFile
from assessment.bank.services.keys import documents_for_export
from assessment.bank.types import Export, QuestionDocument
from lms.accounts.api import Acting
from lms.core.clock import day_of


def take_out(
    *,
    by: Acting,
    questions: Sequence[UUID],
    format_: str,
    with_keys: bool = True,
    reason: str,
    title: str = "",
    now: datetime,
) -> Export:
    """The newest version of each, in this order, in one file. format_: a key of `formats.FORMATS` that is written; with_keys
    matters for papers alone, the others always tell the answers.

    Raises NotAllowed, BankRefusal ("reason", "newer"), KeyError for a format that is not written.
    """
    known = formats.FORMATS[format_]
    keys = with_keys or known.bears_keys
    documents = documents_for_export(
        by=by, questions=questions, format_=format_, with_keys=keys, reason=reason, now=now
    )
    data = formats.write(format_, documents, files_of(documents), title=title, keys=keys)
    suffix = formats.written_suffix(format_, data)
    mime = known.media_type if suffix == known.suffix else "application/zip"
    return Export(f"kaibo-questions-{format_}-{day_of(now):%Y%m%d}.{suffix}", mime, data)


def files_of(documents: Sequence[QuestionDocument]) -> dict[str, bytes]:
    """Bytes of their files by SHA-256. The gate is the caller's."""
    wanted = {media.sha256 for document in documents for media in document.media}
    read: dict[str, bytes] = {}
    for held in QuestionFile.objects.filter(sha256__in=wanted):
        with storages["private"].open(held.storage_key, "rb") as opened:
            read[held.sha256] = opened.read()
    return read
