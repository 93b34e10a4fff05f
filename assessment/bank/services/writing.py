"""Writing questions: a new one, a version more, an old version again; remarks. What is judged is never written over."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from assessment.bank.exchange.checks import faults, tidied
from assessment.bank.logic import content_of, document_from, search_text_of, secret_of, signature_of, whole_of
from assessment.bank.models import Question, QuestionComment, QuestionFile, QuestionMove, QuestionVersion
from assessment.bank.refusals import BankRefusal
from assessment.bank.rules import require_writer
from assessment.bank.selectors.questions import question_for, version_data
from assessment.bank.selectors.topics import topics
from assessment.bank.services.files import keep_file
from assessment.bank.types import Media, MediaKind, Place, Pool, QuestionDocument, QuestionState, VersionData
from lms.accounts.api import INSTALLATION, Acting
from lms.core import audit
from lms.core.crypto import blind_index


@transaction.atomic
def write_question(
    *,
    by: Acting,
    document: QuestionDocument,
    base: UUID | None = None,
    files: Mapping[str, bytes] | None = None,
    note: str = "",
    now: datetime,
) -> VersionData:
    """A new question, or version n+1 of the one of this uid; the same words again are the version there is.

    base: the version she began from, None for a new question; when somebody has written since, she is told and nothing is
    lost. files: bytes by the names in `document.media`; files that are stored already need not come again. What papers
    draw stays what was approved last; a suspended version is not drawn again once it was edited.
    Raises NotAllowed, BankRefusal ("faults", "place", "file", "newer", "in_review", "retired", "pool").
    """
    require_writer(by)
    ready = sound(with_files(document, files or {}, by=by, now=now))
    row = locked(ready.uid)
    if (row.current.uuid if row is not None and row.current else None) != base:
        raise BankRefusal(_("Somebody has written a newer version meanwhile. Compare, then write yours."), code="newer")
    return version_data(keep(row, ready, by=by, note=note, now=now)[1])


@transaction.atomic
def restore_version(
    *, by: Acting, question: UUID, number: int, base: UUID | None = None, note: str = "", now: datetime
) -> VersionData:
    """An old version's words as a new version, which goes the whole way again. base: as in `write_question`; None: any.

    Raises NotAllowed, Http404, BankRefusal ("same", "newer", "in_review", "retired", "pool").
    """
    require_writer(by)
    question_for(by, question)
    row = required(question)
    old = row.versions.filter(number=number).first()
    if old is None or row.current is None or old.pk == row.current_id:
        raise BankRefusal(_("Choose an older version of this question."), code="same")
    if base is not None and row.current.uuid != base:
        raise BankRefusal(_("Somebody has written a newer version meanwhile. Compare, then write yours."), code="newer")
    if old.content_hash == row.current.content_hash:
        raise BankRefusal(_("The newest version says the same."), code="same")
    document = document_from(row.uuid, old.content, old.secret)
    return version_data(keep(row, document, by=by, note=note, restored_from=number, now=now)[1])


@transaction.atomic
def comment(*, by: Acting, question: UUID, words: str, now: datetime) -> QuestionComment:
    """A remark on the newest version; never changed. Raises NotAllowed, Http404, BankRefusal ("words")."""
    require_writer(by)
    row = question_for(by, question)
    said = words.strip()
    if not said or by.user is None or row.current is None:
        raise BankRefusal(_("Write what you want to say."), code="words", field="words")
    made = QuestionComment.objects.create(version=row.current, author=by.user, words=said[:2000], at=now)
    audit.record(
        subject_kind="question",
        subject=row.uuid,
        action="commented",
        actor=by.user,
        fields={"comment": made.uuid, "version": row.current.number},
        now=now,
    )
    return made


def sound(document: QuestionDocument) -> QuestionDocument:
    """The tidy document, when nothing is wrong with it and it says where it belongs (S1-26). Raises BankRefusal."""
    tidy = tidied(document)
    for fault in faults(tidy):
        raise BankRefusal(fault.message, code="faults", field=fault.field)
    for problem in place_problems(tidy.place):
        raise BankRefusal(problem, code="place", field="place")
    held = dict(
        QuestionFile.objects.filter(sha256__in=[media.sha256 for media in tidy.media]).values_list("sha256", "kind")
    )
    for media in tidy.media:
        if held.get(media.sha256) != media.kind:
            raise BankRefusal(
                _("The file %(name)s has not been handed in.") % {"name": media.name}, code="file", field="media"
            )
    return tidy


def place_problems(place: Place) -> list[str]:
    """Why a question cannot be kept at this place: every question has a level and one of its topics (S1-26)."""
    if any(topic.code == place.topic and topic.level is place.level for topic in topics()):
        return []
    return [_("Choose a level and one of its topics.")]


def with_files(
    document: QuestionDocument, files: Mapping[str, bytes], *, by: Acting, now: datetime
) -> QuestionDocument:
    """The document with its new files stored; a picture is made anew, so its SHA-256 changes. Raises BankRefusal."""
    if not files:
        return document
    media: list[Media] = []
    for one in document.media:
        if one.name in files:
            held = keep_file(data=files[one.name], name=one.name, by=by.user, now=now)
            one = Media(one.name, held.sha256, MediaKind(held.kind))
        media.append(one)
    return replace(document, media=tuple(media))


def locked(uid: UUID) -> Question | None:
    """The row for update, with its newest version; None for a question that is not there yet."""
    rows = Question.objects.select_for_update(of=("self",)).select_related("current", "approved")
    return rows.filter(uuid=uid).first()


def required(uid: UUID) -> Question:
    """The same of one that is known to be there."""
    row = locked(uid)
    if row is None:  # pragma: no cover  # rows are never deleted
        raise BankRefusal(_("This question is not there any more."), code="newer")
    return row


def hash_of(document: QuestionDocument) -> str:
    """Keyed: of a plain hash somebody could find the key by trying four."""
    return blind_index(sha256(whole_of(document).encode()).hexdigest(), purpose="question")


def keep(
    row: Question | None,
    document: QuestionDocument,
    *,
    by: Acting,
    note: str = "",
    restored_from: int | None = None,
    pool: Pool = Pool.EXAM,
    lesson: UUID | None = None,
    is_demo: bool = False,
    author: UUID | None = None,
    now: datetime,
) -> tuple[Question, QuestionVersion, bool]:
    """The question, the version that says this, and whether it is new. `row` is locked; the document is sound.

    author: a user, where it is not who acts. Raises BankRefusal ("in_review", "retired", "pool", "newer").
    """
    digest = hash_of(document)
    if row is not None and row.pool != pool:
        raise BankRefusal(_("A lesson's own question is changed in its lesson."), code="pool")
    if row is not None and row.current is not None and row.current.content_hash == digest:
        return row, row.current, False
    if row is None:
        row = _begin(document, pool, lesson, is_demo, author or by.user, now)
    elif pool is Pool.EXAM:
        _refuse_unwritable(row)
    version = QuestionVersion.objects.create(
        question=row,
        number=row.current.number + 1 if row.current else 1,
        content=content_of(document),
        secret=secret_of(document),
        content_hash=digest,
        signature=signature_of(document),
        author=author or by.user,
        author_person=by.person if author in (None, by.user) else None,
        note=note.strip()[:500],
        restored_from=restored_from,
        created_at=now,
    )
    _point_to(row, version, document, by=by, now=now)
    audit.record(
        subject_kind="question",
        subject=row.uuid,
        action="written",
        actor=by.user,
        fields={"version": version.number, "content_hash": digest, "pool": pool, "restored_from": restored_from},
        now=now,
    )
    return row, version, True


def _begin(
    document: QuestionDocument, pool: Pool, lesson: UUID | None, is_demo: bool, author: UUID | None, now: datetime
) -> Question:
    try:
        with transaction.atomic():
            return Question.objects.create(
                uuid=document.uid,
                pool=pool,
                lesson=lesson,
                is_demo=is_demo,
                author=author,
                # A lesson's question is approved with its lesson; until its version is there the state must claim nothing.
                state=QuestionState.RETIRED if pool is Pool.PRACTICE else QuestionState.DRAFT,
                created_at=now,
                updated_at=now,
                **_place_of(document),
            )
    except IntegrityError:
        raise BankRefusal(
            _("Somebody has written a newer version meanwhile. Compare, then write yours."), code="newer"
        ) from None


def _refuse_unwritable(row: Question) -> None:
    if row.state == QuestionState.IN_REVIEW:
        raise BankRefusal(_("The question is under review. Withdraw it before you change it."), code="in_review")
    if row.state == QuestionState.RETIRED:
        raise BankRefusal(_("The question is retired. Write a new one."), code="retired")


def _place_of(document: QuestionDocument) -> dict[str, object]:
    place = document.place
    return {
        "level": int(place.level),
        "topic": place.topic,
        "type": document.type,
        "difficulty": place.difficulty,
        "step": place.step,
        "law": place.law,
        "stimulus": document.stimulus.uid if document.stimulus else None,
        "search_text": search_text_of(document),
    }


def _point_to(
    row: Question, version: QuestionVersion, document: QuestionDocument, *, by: Acting, now: datetime
) -> None:
    fields = {**_place_of(document), "current": version}
    if row.pool == Pool.EXAM and row.state != QuestionState.DRAFT:
        if row.state == QuestionState.SUSPENDED:
            fields["approved"] = None  # what was taken out of use does not come back by being edited
        before = QuestionState(row.state)
        row.move(QuestionState.DRAFT, now=now, **fields)
        note_move(row, before, by=by, reason="", now=now)
        return
    for name, value in {**fields, "updated_at": now}.items():
        setattr(row, name, value)
    row.save(update_fields=[*fields, "updated_at"])


def note_move(row: Question, before: QuestionState, *, by: Acting, reason: str, now: datetime) -> None:
    """Write down how and why the state has changed."""
    QuestionMove.objects.create(
        question=row, before=before, after=row.state, reason=reason, by=None if by == INSTALLATION else by.user, at=now
    )
