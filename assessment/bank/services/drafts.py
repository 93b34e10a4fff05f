"""An import between reading and taking in: encrypted, for it holds keys; found only by who brought it; gone after a week."""

import json
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _

from assessment.bank.exchange.checks import document_of, excerpt, faults
from assessment.bank.models import ImportDraft
from assessment.bank.refusals import BankRefusal
from assessment.bank.rules import require_writer
from assessment.bank.services.importing import alike_in, bring_in, documents_of
from assessment.bank.types import (
    Key,
    LookAlike,
    Option,
    Place,
    Pool,
    QuestionDocument,
    QuestionState,
    QuestionType,
    Reading,
    ReadQuestion,
    Step,
)
from lms.accounts.api import Acting
from lms.core import audit
from lms.core.types import Level

KEPT: Final = timedelta(days=7)
_NOBODY: Final = UUID(int=0)


@dataclass(frozen=True)
class DraftRow:
    """One row of an import. reason: why it must be mended, "" for a sound one; read: None where nothing could be read."""

    where: str
    read: ReadQuestion | None = field(repr=False)
    reason: str = ""
    excerpt: str = ""
    out: bool = False
    alike: tuple[LookAlike, ...] = ()

    @property
    def bad(self) -> bool:
        """Whether it stands in the way of the others."""
        return bool(self.reason) and not self.out

    @property
    def ready(self) -> bool:
        """Whether it is taken in."""
        return self.read is not None and not self.reason and not self.out


@dataclass(frozen=True)
class DraftData:
    """A whole import. taken: uids of the drafts that came of it; then the rows are gone."""

    uuid: UUID
    name: str
    format: str
    created_at: datetime
    defaults: Place
    rows: tuple[DraftRow, ...]
    taken: tuple[UUID, ...] = ()


@transaction.atomic
def keep_reading(*, by: Acting, name: str, reading: Reading, defaults: Place, now: datetime) -> UUID:
    """Keep what was read for its second look; nothing is in the bank yet. Raises NotAllowed, BankRefusal ("refused")."""
    require_writer(by)
    if not reading.accepted and not reading.refused:
        raise BankRefusal(_("There is no question in this file."), code="refused", field="file")
    documents = documents_of(reading, defaults)
    alike = dict(alike_in(documents))
    rows = [DraftRow(read.where, read, alike=alike.get(read.where, ())) for read in reading.accepted]
    rows += [DraftRow(one.where, one.read, one.reason, one.excerpt) for one in reading.refused]
    # What must be mended comes first: it is what there is to do.
    rows.sort(key=lambda row: not row.reason)
    sweep_drafts(now=now)
    made = ImportDraft.objects.create(
        by=_owner(by), name=name[:200], format=reading.format, payload=_told(defaults, rows, ()), created_at=now
    )
    return made.uuid


def sweep_drafts(*, now: datetime) -> int:
    """Remove what nobody took in for a week; how many. The periodic job does the same."""
    return ImportDraft.objects.filter(created_at__lt=now - KEPT).delete()[0]


def drafts_of(by: Acting) -> tuple[tuple[UUID, str, datetime], ...]:
    """Her imports, newest first, without their content. Raises NotAllowed."""
    require_writer(by)
    rows = ImportDraft.objects.filter(by=_owner(by)).order_by("-id").values_list("uuid", "name", "created_at")[:20]
    return tuple(rows)


def draft_for(by: Acting, uuid: UUID) -> DraftData:
    """The gate: her own import. Raises NotAllowed by role; Http404 for another's or one that is gone."""
    require_writer(by)
    return _data(_row(by, uuid))


@transaction.atomic
def mend_row(*, by: Acting, draft: UUID, number: int, document: QuestionDocument, now: datetime) -> None:
    """Put a row as somebody has mended it in its place. Raises NotAllowed, Http404, BankRefusal ("faults")."""
    held, data, row = _at(by, draft, number)
    for fault in faults(document):
        raise BankRefusal(fault.message, code="faults", field=fault.field)
    names = {media.name for media in document.media}
    before = row.read
    files = tuple((name, content) for name, content in (before.files if before else ()) if name in names)
    place = document.place
    read = ReadQuestion(
        where=row.where,
        type=document.type,
        stem=document.stem,
        key=document.key,
        options=document.options,
        explanation=document.explanation,
        marks=document.marks,
        stimulus=document.stimulus.text if document.stimulus else "",
        stimulus_uid=before.stimulus_uid if before else None,
        uid=before.uid if before else None,
        level=place.level,
        topic=place.topic,
        step=place.step,
        difficulty=place.difficulty,
        clause=place.clause,
        law=place.law,
        source=place.source,
        uncertain=place.uncertain,
        files=files,
    )
    alike = dict(alike_in([(row.where, document)])).get(row.where, ())
    _keep(held, data, number, replace(row, read=read, reason="", out=False, alike=alike))


@transaction.atomic
def leave_out(*, by: Acting, draft: UUID, number: int, out: bool) -> None:
    """Leave a row out, or take it after all. Raises NotAllowed, Http404."""
    held, data, row = _at(by, draft, number)
    _keep(held, data, number, replace(row, out=out))


@transaction.atomic
def leave_out_bad(*, by: Acting, draft: UUID) -> None:
    """Leave out every row that must be mended. Raises NotAllowed, Http404."""
    require_writer(by)
    held = _row(by, draft, lock=True)
    data = _data(held)
    held.payload = _told(data.defaults, [replace(row, out=row.out or row.bad) for row in data.rows], data.taken)
    held.save(update_fields=["payload"])


@transaction.atomic
def take_in(*, by: Acting, draft: UUID, now: datetime) -> tuple[UUID, ...]:
    """Every row that was not left out becomes a draft of the bank, or none does; the keys kept here are wiped.

    Raises NotAllowed, Http404, BankRefusal as `bring_in`; "refused" while a row must be mended, or when it was taken in.
    """
    require_writer(by)
    held = _row(by, draft, lock=True)
    data = _data(held)
    if data.taken:
        raise BankRefusal(_("This import is in the bank already."), code="refused")
    if any(row.bad for row in data.rows):
        raise BankRefusal(_("Mend the rows that cannot be read, or leave them out."), code="refused")
    reading = Reading(data.format, tuple(row.read for row in data.rows if row.ready and row.read is not None), ())
    report = bring_in(by=by, reading=reading, defaults=data.defaults, note=data.name, now=now)
    taken = (*report.made, *report.renewed)
    held.payload = _told(data.defaults, (), taken or report.unchanged)
    held.save(update_fields=["payload"])
    audit.record(
        subject_kind="question_import",
        subject=held.uuid,
        action="taken_in",
        actor=by.user,
        fields={"made": len(report.made), "renewed": len(report.renewed), "unchanged": len(report.unchanged)},
        now=now,
    )
    return taken


@transaction.atomic
def throw_away(*, by: Acting, draft: UUID) -> None:
    """Forget an import that nobody wants. Raises NotAllowed, Http404."""
    require_writer(by)
    _row(by, draft, lock=True).delete()


def document_of_row(data: DraftData, row: DraftRow) -> QuestionDocument | None:
    """A row as a document, for its editor; None where nothing could be read."""
    return document_of(row.read, data.defaults, _NOBODY) if row.read is not None else None


def _owner(by: Acting) -> UUID:
    if by.user is None:  # the installation imports at the command line, in one step
        raise Http404
    return by.user


def _row(by: Acting, uuid: UUID, *, lock: bool = False) -> ImportDraft:
    rows = ImportDraft.objects.select_for_update() if lock else ImportDraft.objects.all()
    row = rows.filter(uuid=uuid, by=_owner(by)).first()
    if row is None:
        raise Http404
    return row


def _at(by: Acting, uuid: UUID, number: int) -> tuple[ImportDraft, DraftData, DraftRow]:
    require_writer(by)
    held = _row(by, uuid, lock=True)
    data = _data(held)
    if not 0 < number <= len(data.rows):
        raise Http404
    return held, data, data.rows[number - 1]


def _keep(held: ImportDraft, data: DraftData, number: int, row: DraftRow) -> None:
    rows = [*data.rows[: number - 1], row, *data.rows[number:]]
    held.payload = _told(data.defaults, rows, data.taken)
    held.save(update_fields=["payload"])


# As JSON -------------------------------------------------------------------------------------------------------------


def _told(defaults: Place, rows: Iterable[DraftRow], taken: Sequence[UUID]) -> str:
    said = {
        "defaults": _place_told(defaults),
        "taken": [str(uid) for uid in taken],
        "rows": [
            {
                "where": row.where,
                "reason": row.reason,
                "excerpt": row.excerpt,
                "out": row.out,
                "alike": [_alike_told(one) for one in row.alike],
                "read": _read_told(row.read) if row.read is not None else None,
            }
            for row in rows
        ],
    }
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))


def _data(held: ImportDraft) -> DraftData:
    said = json.loads(held.payload)
    return DraftData(
        uuid=held.uuid,
        name=held.name,
        format=held.format,
        created_at=held.created_at,
        defaults=_place(said["defaults"]),
        taken=tuple(UUID(uid) for uid in said["taken"]),
        rows=tuple(
            DraftRow(
                where=row["where"],
                read=_read(row["where"], row["read"]) if row["read"] is not None else None,
                reason=row["reason"],
                excerpt=row["excerpt"] or (excerpt(row["read"]["stem"]) if row["read"] else ""),
                out=row["out"],
                alike=tuple(_alike(one) for one in row["alike"]),
            )
            for row in said["rows"]
        ),
    )


def _place_told(place: Place) -> dict[str, Any]:
    return {
        "level": int(place.level),
        "topic": place.topic,
        "step": place.step.value,
        "difficulty": place.difficulty,
        "clause": place.clause,
        "law": place.law,
        "source": place.source,
        "uncertain": place.uncertain,
    }


def _place(said: Mapping[str, Any]) -> Place:
    return Place(**{**said, "level": Level(said["level"]), "step": Step(said["step"])})


def _alike_told(one: LookAlike) -> dict[str, Any]:
    return {
        "score": one.score,
        "stem": one.stem,
        "question": str(one.question) if one.question else None,
        "serial": one.serial,
        "pool": one.pool,
        "state": one.state,
        "where": one.where,
    }


def _alike(said: Mapping[str, Any]) -> LookAlike:
    return LookAlike(
        score=said["score"],
        stem=said["stem"],
        question=UUID(said["question"]) if said["question"] else None,
        serial=said["serial"],
        pool=Pool(said["pool"]) if said["pool"] else None,
        state=QuestionState(said["state"]) if said["state"] else None,
        where=said["where"],
    )


def _read_told(read: ReadQuestion) -> dict[str, Any]:
    key = read.key
    return {
        "type": read.type.value,
        "stem": read.stem,
        "key": {
            "choices": key.choices,
            "truth": key.truth,
            "blanks": key.blanks,
            "pairs": key.pairs,
            "model": key.model,
        },
        "options": [[option.key, option.text] for option in read.options],
        "explanation": read.explanation,
        "marks": None if read.marks is None else str(read.marks),
        "stimulus": read.stimulus,
        "stimulus_uid": str(read.stimulus_uid) if read.stimulus_uid else None,
        "uid": str(read.uid) if read.uid else None,
        "level": int(read.level) if read.level is not None else None,
        "topic": read.topic,
        "step": read.step.value if read.step else None,
        "difficulty": read.difficulty,
        "clause": read.clause,
        "law": read.law,
        "source": read.source,
        "uncertain": read.uncertain,
        "files": [[name, b64encode(content).decode()] for name, content in read.files],
    }


def _read(where: str, said: Mapping[str, Any]) -> ReadQuestion:
    key = said["key"]
    return ReadQuestion(
        **{name: said[name] for name in ("stem", "explanation", "stimulus", "topic", "difficulty", "clause", "law")},
        where=where,
        type=QuestionType(said["type"]),
        key=Key(
            choices=tuple(key["choices"]),
            truth=key["truth"],
            blanks=tuple(tuple(texts) for texts in key["blanks"]),
            pairs=tuple((left, right) for left, right in key["pairs"]),
            model=key["model"],
        ),
        options=tuple(Option(name, text) for name, text in said["options"]),
        marks=Decimal(said["marks"]) if said["marks"] is not None else None,
        stimulus_uid=UUID(said["stimulus_uid"]) if said["stimulus_uid"] else None,
        uid=UUID(said["uid"]) if said["uid"] else None,
        level=Level(said["level"]) if said["level"] is not None else None,
        step=Step(said["step"]) if said["step"] else None,
        source=said["source"],
        uncertain=said["uncertain"],
        files=tuple((name, b64decode(content)) for name, content in said["files"]),
    )
