"""Taking a read file in: all of it as drafts, or nothing."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from assessment.bank.exchange.checks import document_of
from assessment.bank.models import Question
from assessment.bank.refusals import BankRefusal
from assessment.bank.rules import require_writer
from assessment.bank.selectors.lookalikes import lookalikes_of_many, lookalikes_within
from assessment.bank.services.writing import keep, locked, sound, with_files
from assessment.bank.types import (
    ImportReport,
    LookAlike,
    Place,
    Pool,
    QuestionDocument,
    Reading,
    ReadQuestion,
)
from lms.accounts.api import INSTALLATION, Acting
from lms.core.ids import new_uuid


def documents_of(reading: Reading, defaults: Place) -> list[tuple[str, QuestionDocument]]:
    """(where, document) of what a file holds, as `bring_in` would keep it: placed by its defaults, with names of its own.

    A question that carries the uid of one in the bank is a new version of it; any other, and one that carries the uid of a
    lesson's own question, gets a new name. Nothing is written.
    """
    carried = [read.uid for read in reading.accepted if read.uid is not None]
    taken = set(Question.objects.filter(uuid__in=carried).exclude(pool=Pool.EXAM).values_list("uuid", flat=True))
    return [(read.where, _document(read, defaults, taken)) for read in reading.accepted]


def _document(read: ReadQuestion, defaults: Place, taken: set[UUID]) -> QuestionDocument:
    fresh = new_uuid()
    document = document_of(read, defaults, fresh)
    if document.uid in taken:
        document = replace(document, uid=fresh)
    return document


def alike_in(documents: Sequence[tuple[str, QuestionDocument]]) -> tuple[tuple[str, tuple[LookAlike, ...]], ...]:
    """What each is like, in the bank and before it in the same file; for the dry run and the report. Nothing is written."""
    among = lookalikes_of_many([document for _where, document in documents])
    within = lookalikes_within(documents)
    both = [
        (where, tuple(sorted((*old, *same), key=lambda like: -like.score)[:3]))
        for (where, _document), old, same in zip(documents, among, within, strict=True)
    ]
    return tuple((where, alike) for where, alike in both if alike)


@transaction.atomic
def bring_in(
    *, by: Acting, reading: Reading, defaults: Place, note: str = "", compare: bool = True, now: datetime
) -> ImportReport:
    """Keep every question of a reading as a draft, or none. A question that is there already gets a version more when it
    says something else.

    by: a member of the committee, or the installation at the command line. compare: whether the report tells look-alikes;
    whoever had them in a dry run needs them no more. Raises NotAllowed, BankRefusal with the place in
    the file before the reason: "refused" (something in the file is neither mended nor left out), "faults", "place", "file",
    "in_review", "retired".
    """
    if by != INSTALLATION:
        require_writer(by)
    if reading.refused:
        first = reading.refused[0]
        raise BankRefusal(f"{first.where}: {first.reason}", code="refused")
    if not reading.accepted:
        raise BankRefusal(_("There is no question in this file."), code="refused")
    documents = documents_of(reading, defaults)
    alike = alike_in(documents) if compare else ()
    made: list[UUID] = []
    renewed: list[UUID] = []
    unchanged: list[UUID] = []
    files = {read.where: dict(read.files) for read in reading.accepted}
    # In the order of their names: two imports of the same questions wait for one another and do not lock each other out.
    for where, document in sorted(documents, key=lambda pair: pair[1].uid):
        try:
            ready = sound(with_files(document, files[where], by=by, now=now))
            row = locked(ready.uid)
            _row, _version, fresh = keep(row, ready, by=by, note=note, now=now)
        except BankRefusal as refusal:
            raise BankRefusal(f"{where}: {refusal.message}", code=refusal.code, field=refusal.field) from None
        (made if row is None else renewed if fresh else unchanged).append(ready.uid)
    order = {document.uid: place for place, (_where, document) in enumerate(documents)}

    def in_order(uids: list[UUID]) -> tuple[UUID, ...]:
        return tuple(sorted(uids, key=lambda uid: order[uid]))

    return ImportReport(in_order(made), in_order(renewed), in_order(unchanged), alike)
