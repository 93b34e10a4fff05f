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
from django.utils.translation import pgettext

from assessment.bank.exchange.checks import document_of, excerpt, faults
from assessment.bank.models import ImportDraft, Question
from assessment.bank.refusals import BankRefusal
from assessment.bank.rules import require_writer
from assessment.bank.selectors.questions import names_of
from assessment.bank.services.importing import alike_in, bring_in, documents_of
from assessment.bank.services.review import submit_for_review
from assessment.bank.services.writing import hash_of
from assessment.bank.types import (
    ImportReport,
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
# Rows of one import: what somebody looks through on a screen, and what is written and sent in one request.
MOST: Final = 1000
_NOBODY: Final = UUID(int=0)


@dataclass(frozen=True)
class Renewal:
    """The question of the bank that a row would write on, as it stands now. version and author: of its newest version;
    other: somebody else wrote that; same: the row says what it says already."""

    serial: int
    version: UUID
    author_name: str
    state: QuestionState
    other: bool
    same: bool


@dataclass(frozen=True)
class DraftRow:
    """One row of an import. reason: why it must be mended, "" for a sound one; read: None where nothing could be read.

    renews: the question it is a new version of, None for a new one; base: the version of it she has agreed to write on.
    """

    where: str
    read: ReadQuestion | None = field(repr=False)
    reason: str = ""
    excerpt: str = ""
    out: bool = False
    alike: tuple[LookAlike, ...] = ()
    renews: Renewal | None = None
    base: UUID | None = None

    @property
    def blocked(self) -> str:
        """Why the bank does not let it in as things stand, "" when it does; nothing in the row itself mends that."""
        known = self.renews
        if known is None or known.same:
            return ""
        if known.state is QuestionState.IN_REVIEW:
            words = pgettext("import", "Question %(number)s is under review. Withdraw it first, or leave this row out.")
            return words % {"number": known.serial}
        if known.state is QuestionState.RETIRED:
            return pgettext("import", "Question %(number)s is retired. Leave this row out.") % {"number": known.serial}
        if known.other and known.version != self.base and not self.out:
            words = pgettext(
                "import",
                "%(name)s has changed question %(number)s meanwhile. Leave this row out; then you may take it after all.",
            )
            return words % {"number": known.serial, "name": known.author_name or "—"}
        return ""

    @property
    def bad(self) -> bool:
        """Whether it stands in the way of the others."""
        return bool(self.reason or self.blocked) and not self.out

    @property
    def ready(self) -> bool:
        """Whether it is taken in."""
        return self.read is not None and not self.reason and not self.blocked and not self.out


@dataclass(frozen=True)
class DraftData:
    """A whole import. done: it was taken in, and the rows are gone; taken: what came of it, by uid with the version that
    was written; unchanged: how many of its questions were in the bank with the same words."""

    uuid: UUID
    name: str
    format: str
    created_at: datetime
    defaults: Place
    rows: tuple[DraftRow, ...]
    done: bool = False
    taken: tuple[tuple[UUID, UUID], ...] = ()
    unchanged: int = 0


@transaction.atomic
def keep_reading(*, by: Acting, name: str, reading: Reading, defaults: Place, now: datetime) -> UUID:
    """Keep what was read for its second look; nothing is in the bank yet. Raises NotAllowed, BankRefusal ("refused").

    A row that would write on somebody else's question is left out until its reader takes it in by choice.
    """
    require_writer(by)
    if not reading.accepted and not reading.refused:
        raise BankRefusal(_("There is no question in this file."), code="refused", field="file")
    if len(reading.accepted) + len(reading.refused) > MOST:
        raise BankRefusal(
            _("At most 1,000 questions are looked through at once. Split the file."), code="refused", field="file"
        )
    documents = documents_of(reading, defaults)
    alike = dict(alike_in(documents))
    rows = [DraftRow(read.where, read, alike=alike.get(read.where, ())) for read in reading.accepted]
    rows += [DraftRow(one.where, one.read, one.reason, one.excerpt) for one in reading.refused]
    # What must be mended comes first: it is what there is to do.
    rows = [_agreed(row, out=row.renews is not None and row.renews.other) for row in _standing(rows, defaults, by)]
    rows.sort(key=lambda row: not (row.reason or row.blocked))
    sweep_drafts(now=now)
    made = ImportDraft.objects.create(
        by=_owner(by), name=name[:200], format=reading.format, payload=_told(defaults, rows), created_at=now
    )
    return made.uuid


def _agreed(row: DraftRow, *, out: bool) -> DraftRow:
    """Left out, or to be written on the version that is the newest now. A row that changes nothing needs nobody's word, and
    one that cannot be let in says so before all else."""
    known = row.renews
    stays_out = out and (known is None or not known.same)
    base = None if known is None or stays_out else known.version
    return replace(row, out=stays_out, base=base)


def _standing(rows: Iterable[DraftRow], defaults: Place, by: Acting) -> list[DraftRow]:
    """The rows with what the bank holds of their questions now: two queries, whatever their number."""
    listed = list(rows)
    carried = {row.read.uid for row in listed if row.read is not None and row.read.uid is not None}
    if not carried:
        return listed
    held = Question.objects.filter(uuid__in=carried, pool=Pool.EXAM, current__isnull=False).values_list(
        "uuid", "pk", "state", "current__uuid", "current__author", "current__content_hash"
    )
    known = {row[0]: row[1:] for row in held}
    names = names_of(row[3] for row in known.values())
    found = []
    for row in listed:
        if row.read is not None and row.read.uid in known:
            serial, state, version, author, digest = known[row.read.uid]
            same = hash_of(document_of(row.read, defaults, _NOBODY)) == digest
            renews = Renewal(
                serial, version, names.get(author, ""), QuestionState(state), author is None or author != by.user, same
            )
            row = replace(row, renews=renews)
        found.append(row)
    return found


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
    return _data(_row(by, uuid), by)


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
    _keep(held, data, number, _agreed(replace(row, read=read, reason="", alike=alike), out=False))


@transaction.atomic
def leave_out(*, by: Acting, draft: UUID, number: int, out: bool) -> None:
    """Leave a row out, or take it after all. Raises NotAllowed, Http404."""
    held, data, row = _at(by, draft, number)
    _keep(held, data, number, replace(row, out=True) if out else _agreed(row, out=False))


@transaction.atomic
def leave_out_bad(*, by: Acting, draft: UUID) -> None:
    """Leave out every row that must be mended. Raises NotAllowed, Http404."""
    require_writer(by)
    held = _row(by, draft, lock=True)
    data = _data(held, by)
    held.payload = _told(data.defaults, [replace(row, out=row.out or row.bad) for row in data.rows])
    held.save(update_fields=["payload"])


@transaction.atomic
def take_in(*, by: Acting, draft: UUID, now: datetime) -> ImportReport:
    """Every row that was not left out becomes a draft of the bank, or none does; the keys kept here are wiped.

    Raises NotAllowed, Http404, BankRefusal as `bring_in`; "refused" while a row must be mended, or when it was taken in.
    """
    require_writer(by)
    held = _row(by, draft, lock=True)
    data = _data(held, by)
    if data.done:
        raise BankRefusal(_("This import is in the bank already."), code="refused")
    if any(row.bad for row in data.rows):
        raise BankRefusal(_("Mend the rows that cannot be read, or leave them out."), code="refused")
    reading = Reading(data.format, tuple(row.read for row in data.rows if row.ready and row.read is not None), ())
    report = bring_in(by=by, reading=reading, defaults=data.defaults, note=data.name, compare=False, now=now)
    taken = (*report.made, *report.renewed)
    written = dict(Question.objects.filter(uuid__in=taken).values_list("uuid", "current__uuid"))
    held.payload = _told(
        data.defaults, (), done=True, taken=[(uid, written[uid]) for uid in taken], unchanged=len(report.unchanged)
    )
    held.save(update_fields=["payload"])
    audit.record(
        subject_kind="question_import",
        subject=held.uuid,
        action="taken_in",
        actor=by.user,
        fields={"made": len(report.made), "renewed": len(report.renewed), "unchanged": len(report.unchanged)},
        now=now,
    )
    return report


def sendable(data: DraftData) -> tuple[tuple[UUID, UUID], ...]:
    """What came of an import and is a draft still, as it was taken in: (question, version) in the file's order."""
    rows = Question.objects.filter(uuid__in=[uid for uid, _version in data.taken], state=QuestionState.DRAFT)
    now = set(rows.values_list("uuid", "current__uuid"))
    return tuple(pair for pair in data.taken if pair in now)


def send_all(*, by: Acting, draft: UUID, now: datetime) -> tuple[int, dict[str, list[str]]]:
    """Send everything that came of an import and is a draft still to the experts: how many were sent, and why → serials of
    those that were not. Each goes by itself. Raises NotAllowed, Http404."""
    pairs = sendable(draft_for(by, draft))
    serials = dict(Question.objects.filter(uuid__in=[uid for uid, _version in pairs]).values_list("uuid", "pk"))
    sent = 0
    refused: dict[str, list[str]] = {}
    for uid, version in pairs:
        try:
            submit_for_review(by=by, question=uid, version=version, now=now)
        except BankRefusal as refusal:
            refused.setdefault(refusal.message, []).append(str(serials[uid]))
        else:
            sent += 1
    return sent, refused


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
    data = _data(held, by)
    if not 0 < number <= len(data.rows):
        raise Http404
    return held, data, data.rows[number - 1]


def _keep(held: ImportDraft, data: DraftData, number: int, row: DraftRow) -> None:
    rows = [*data.rows[: number - 1], row, *data.rows[number:]]
    held.payload = _told(data.defaults, rows)
    held.save(update_fields=["payload"])


# As JSON -------------------------------------------------------------------------------------------------------------


def _told(
    defaults: Place,
    rows: Iterable[DraftRow],
    *,
    done: bool = False,
    taken: Sequence[tuple[UUID, UUID]] = (),
    unchanged: int = 0,
) -> str:
    said = {
        "defaults": _place_told(defaults),
        "done": done,
        "taken": [[str(uid), str(version)] for uid, version in taken],
        "unchanged": unchanged,
        "rows": [
            {
                "where": row.where,
                "reason": row.reason,
                "excerpt": row.excerpt,
                "out": row.out,
                "base": str(row.base) if row.base else None,
                "alike": [_alike_told(one) for one in row.alike],
                "read": _read_told(row.read) if row.read is not None else None,
            }
            for row in rows
        ],
    }
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))


def _data(held: ImportDraft, by: Acting) -> DraftData:
    said = json.loads(held.payload)
    defaults = _place(said["defaults"])
    rows = [
        DraftRow(
            where=row["where"],
            read=_read(row["where"], row["read"]) if row["read"] is not None else None,
            reason=row["reason"],
            excerpt=row["excerpt"] or (excerpt(row["read"]["stem"]) if row["read"] else ""),
            out=row["out"],
            alike=tuple(_alike(one) for one in row["alike"]),
            base=UUID(row["base"]) if row.get("base") else None,
        )
        for row in said["rows"]
    ]
    # An import from before the versions were kept: its drafts are found in the list of hers.
    taken = [pair for pair in said["taken"] if isinstance(pair, list)]
    return DraftData(
        uuid=held.uuid,
        name=held.name,
        format=held.format,
        created_at=held.created_at,
        defaults=defaults,
        rows=tuple(_standing(rows, defaults, by)),
        done=bool(said.get("done") or said["taken"]),
        taken=tuple((UUID(uid), UUID(version)) for uid, version in taken),
        unchanged=said.get("unchanged", 0),
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
