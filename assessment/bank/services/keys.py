"""The one door to keys. Whoever goes through says why, and that she did is written down before she sees anything."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from assessment.bank.logic import document_from, key_from
from assessment.bank.models import KeyLook, KeyLookItem, Question, QuestionVersion
from assessment.bank.refusals import BankRefusal
from assessment.bank.rules import require_key_reader, require_writer
from assessment.bank.selectors.questions import question_for
from assessment.bank.types import Key, QuestionDocument, RevealedKey
from lms.accounts.api import INSTALLATION, Acting, NotAllowed
from lms.core import audit
from lms.core.ids import new_uuid


@transaction.atomic
def reveal_key(*, by: Acting, question: UUID, version: UUID, reason: str, now: datetime) -> RevealedKey:
    """Key and explanation of one version, for a person with the right and a reason. Every call is one look in the audit.

    Raises NotAllowed, Http404, BankRefusal ("reason").
    """
    user = require_key_reader(by)
    row = question_for(by, question)
    held = row.versions.filter(uuid=version).first()
    if held is None:
        raise BankRefusal(_("This question has no such version."), code="newer")
    look = _look(user, [held], reason, "", now)
    audit.record(
        subject_kind="question",
        subject=row.uuid,
        action="key_seen",
        actor=by.user,
        fields={"version": held.number, "look": look.uuid, "reason": look.reason},
        now=now,
    )
    whole = document_from(row.uuid, held.content, held.secret)
    return RevealedKey(held.uuid, whole.key, whole.explanation, whole.media)


@transaction.atomic
def documents_for_export(
    *, by: Acting, questions: Sequence[UUID], format_: str, with_keys: bool, reason: str, now: datetime
) -> tuple[QuestionDocument, ...]:
    """The newest version of each, in the order asked for; one record in the audit names them all.

    by: a member of the committee, or the installation at the command line: whoever sits there has the keys of the safe, so
    the audit is told and nobody is asked. Raises NotAllowed, BankRefusal ("reason", "newer").
    """
    user = None
    if by != INSTALLATION:
        require_writer(by)
        user = require_key_reader(by) if with_keys else None
    wanted = list(dict.fromkeys(questions))
    rows = {row.uuid: row for row in Question.objects.filter(uuid__in=wanted).select_related("current")}
    held = [rows[uid].current for uid in wanted if uid in rows]
    versions = [version for version in held if version is not None]
    if not wanted or len(versions) < len(wanted):
        raise BankRefusal(_("One of these questions is not there. Choose again."), code="newer")
    look = _look(user, versions, reason, format_, now) if user is not None else None
    audit.record(
        subject_kind="question_export",
        subject=look.uuid if look else new_uuid(),
        action="keys_exported" if with_keys else "questions_exported",
        actor=by.user,
        # Every question by name, so that the trail of keys is whole.
        fields={
            "count": len(wanted),
            "format": format_,
            "reason": reason.strip(),
            **{str(place): uid for place, uid in enumerate(wanted, start=1)},
        },
        now=now,
    )
    return tuple(
        document_from(uid, version.content, version.secret if with_keys else "")
        for uid, version in zip(wanted, versions, strict=True)
    )


@transaction.atomic
def documents_for_paper(
    *, by: Acting, paper: UUID, versions: Sequence[UUID], with_keys: bool, reason: str, now: datetime
) -> tuple[QuestionDocument, ...]:
    """Exactly these versions, in this order, for a paper on its way to the printer. With keys it is a look at each of them.

    Raises NotAllowed, BankRefusal ("reason", "newer").
    """
    require_writer(by)
    user = require_key_reader(by) if with_keys else None
    rows = {row.uuid: row for row in QuestionVersion.objects.filter(uuid__in=versions).select_related("question")}
    if len(rows) < len(set(versions)):
        raise BankRefusal(_("One of these questions is not there. Choose again."), code="newer")
    held = [rows[uid] for uid in versions]
    look = _look(user, held, reason, "paper", now) if user is not None else None
    audit.record(
        subject_kind="question_export",
        subject=look.uuid if look else new_uuid(),
        action="keys_exported" if with_keys else "questions_exported",
        actor=by.user,
        fields={
            "count": len(held),
            "format": "paper",
            "paper": paper,
            "reason": reason.strip(),
            **{str(place): row.question.uuid for place, row in enumerate(held, start=1)},
        },
        now=now,
    )
    return tuple(document_from(row.question.uuid, row.content, row.secret if with_keys else "") for row in held)


@transaction.atomic
def keys_for_machine(*, versions: Collection[UUID], sitting: UUID, now: datetime) -> dict[UUID, Key]:
    """Version → its key, for the machine that marks a sitting's answers. One query and one record in the sitting's trail: a
    caller reads them once for a whole pass. Nobody sees them. Raises LookupError when a version is not there."""
    rows = QuestionVersion.objects.filter(uuid__in=list(versions)).values_list("uuid", "secret")
    keys = {uuid: key_from(secret)[0] for uuid, secret in rows}
    if missing := set(versions) - set(keys):
        raise LookupError(f"{len(missing)} of the versions asked for are not in the bank")
    audit.record(
        subject_kind="sitting",
        subject=sitting,
        action="keys_read_for_marking",
        actor=None,
        fields={"versions": len(keys)},
        now=now,
    )
    return keys


@transaction.atomic
def open_keys(*, by: Acting, sitting: UUID, versions: Collection[UUID], reason: str, now: datetime) -> None:
    """Keys of these versions are opened to everybody who sat them: one look of whoever released them, naming every question.

    The right to release is the caller's gate. Raises BankRefusal ("reason", "newer").
    """
    rows = list(
        QuestionVersion.objects.filter(uuid__in=versions).select_related("question").order_by("question_id", "number")
    )
    if len(rows) < len(set(versions)):
        raise BankRefusal(_("One of these questions is not there. Choose again."), code="newer")
    look = _look(by.user, rows, reason, "opened", now) if by.user is not None else None
    audit.record(
        subject_kind="question_export",
        subject=look.uuid if look else new_uuid(),
        action="keys_opened_to_candidates",
        actor=by.user,
        fields={
            "count": len(rows),
            "sitting": sitting,
            **{str(place): row.question.uuid for place, row in enumerate(rows, start=1)},
        },
        now=now,
    )


def opened_keys(versions: Collection[UUID]) -> dict[UUID, Key]:
    """Version → its key, of a paper that was opened with its keys (`open_keys`, which is on record). That it was, and that the
    reader sat it, is the caller's gate. One query."""
    rows = QuestionVersion.objects.filter(uuid__in=list(versions)).values_list("uuid", "secret")
    return {uuid: key_from(secret)[0] for uuid, secret in rows}


@transaction.atomic
def keys_for_marking(*, by: Acting, booklet: UUID, versions: Sequence[UUID], now: datetime) -> dict[UUID, RevealedKey]:
    """What a person marks short answers by: key and explanation of exactly these versions, for one booklet.

    Whose booklet it is, is the caller's gate, taken before; so no right to the bank is asked. The first time is a look that
    names every question; coming back to the same booklet is the same look. Raises NotAllowed (nobody in person), BankRefusal
    ("newer").
    """
    if by.user is None:
        raise NotAllowed(_("Only a person may look at keys."))
    rows = list(
        QuestionVersion.objects.filter(uuid__in=versions).select_related("question").order_by("question_id", "number")
    )
    if len(rows) < len(set(versions)):
        raise BankRefusal(_("One of these questions is not there. Choose again."), code="newer")
    if not KeyLook.objects.filter(by=by.user, booklet=booklet).exists():
        _look_for_marking(by.user, booklet, rows, now)
    documents = {row.uuid: document_from(row.question.uuid, row.content, row.secret) for row in rows}
    return {
        version: RevealedKey(version, whole.key, whole.explanation, whole.media) for version, whole in documents.items()
    }


def _look_for_marking(by: UUID, booklet: UUID, rows: Sequence[QuestionVersion], now: datetime) -> None:
    try:
        with transaction.atomic():
            look = _look(by, rows, _("Marking of short answers"), "marking", now, booklet=booklet)
    except IntegrityError:
        return  # another window of hers was first
    audit.record(
        subject_kind="question_export",
        subject=look.uuid,
        action="keys_seen_for_marking",
        actor=by,
        fields={
            "count": len(rows),
            "format": "marking",
            "booklet": booklet,
            **{str(place): row.question.uuid for place, row in enumerate(rows, start=1)},
        },
        now=now,
    )


def _look(
    by: UUID,
    versions: Sequence[QuestionVersion],
    reason: str,
    format_: str,
    now: datetime,
    *,
    booklet: UUID | None = None,
) -> KeyLook:
    said = reason.strip()
    if not said:
        raise BankRefusal(_("Say why you need the answers."), code="reason", field="reason")
    look = KeyLook.objects.create(by=by, reason=said[:500], format=format_, booklet=booklet, at=now)
    KeyLookItem.objects.bulk_create([KeyLookItem(look=look, version=version) for version in versions], batch_size=500)
    return look
