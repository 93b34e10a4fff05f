"""The way of a question: submitted, judged by a quorum of experts, in use, suspended, retired. Every word is kept (S1-27)."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from assessment.bank.events import QuestionApproved, QuestionWithdrawn
from assessment.bank.logic import NOT_DRAWN
from assessment.bank.models import Question, QuestionVerdict, QuestionVersion
from assessment.bank.refusals import BankRefusal
from assessment.bank.rules import require_expert, require_writer
from assessment.bank.selectors.impartial import persons_of, require_impartial
from assessment.bank.selectors.questions import may_withdraw, question_for
from assessment.bank.selectors.topics import quorum_of
from assessment.bank.services.writing import note_move, required
from assessment.bank.types import Pool, QuestionState, ReviewVerdict
from lms.accounts.api import INSTALLATION, Acting
from lms.core import audit
from lms.core.events import publish
from lms.core.states import IllegalMove
from lms.core.types import Level
from lms.notices.api import notify

APPROVED_KIND, RETURNED_KIND = "question_approved", "question_returned"
NOTICE_KINDS = {
    APPROVED_KIND: gettext_noop("Approval of a question"),
    RETURNED_KIND: gettext_noop("Return of a question"),
}


@transaction.atomic
def submit_for_review(*, by: Acting, question: UUID, version: UUID, now: datetime) -> None:
    """Ask the experts about the newest version; a new round, for which earlier verdicts do not count.

    Raises NotAllowed, Http404, BankRefusal ("newer", "incomplete", "state", "pool").
    """
    require_writer(by)
    row, current = _at(by, question, version)
    place = current.content["place"]
    if not place["clause"] or not place["source"]:
        raise BankRefusal(
            _("Say where it stands (the clause or standard) and who the question is from; then send it for review."),
            code="incomplete",
            field="place",
        )
    _move(row, QuestionState.IN_REVIEW, by=by, now=now, round=row.round + 1)


@transaction.atomic
def withdraw(*, by: Acting, question: UUID, reason: str = "", now: datetime) -> None:
    """Take a question out of review, or take a returned one up again: a draft.

    Raises NotAllowed, Http404, BankRefusal ("state", "author": it is under review and neither written nor sent by her).
    """
    require_writer(by)
    row = _row(by, question)
    if row.state not in {QuestionState.IN_REVIEW, QuestionState.RETURNED}:
        raise _not_now()
    if not may_withdraw(by, row):
        raise BankRefusal(
            _("Only who wrote it or sent it for review takes it out again. You may return it with a remark."),
            code="author",
        )
    _move(row, QuestionState.DRAFT, by=by, reason=reason, now=now)


@transaction.atomic
def give_verdict(
    *, by: Acting, question: UUID, version: UUID, verdict: ReviewVerdict, words: str = "", now: datetime
) -> QuestionState:
    """One expert's word on the version under review; the state it leads to.

    One return sends it back, the level's quorum of approvals lets it into the bank. Raises NotAllowed, Http404, BankRefusal
    ("newer", "state", "author", "teaches", "level", "twice", "words").
    """
    user, person = require_expert(by)
    row, current = _at(by, question, version)
    if row.state != QuestionState.IN_REVIEW:
        raise _not_now()
    require_impartial(by, row, now=now)
    said = words.strip()
    if verdict is ReviewVerdict.RETURN and not said:
        raise BankRefusal(_("Say what is to be changed."), code="words", field="words")
    given = QuestionVerdict.objects.filter(version=current, round=row.round)
    if given.filter(expert_person__in=persons_of(by)).exists() or given.filter(expert=user).exists():
        raise _twice()
    try:
        with transaction.atomic():
            QuestionVerdict.objects.create(
                version=current,
                round=row.round,
                expert=user,
                expert_person=person,
                verdict=verdict,
                words=said[:2000],
                at=now,
            )
    except IntegrityError:
        raise _twice() from None
    level = Level(row.level)
    if verdict is ReviewVerdict.RETURN:
        _move(row, QuestionState.RETURNED, by=by, reason=said, now=now, verdict=verdict)
        _tell(row, RETURNED_KIND, now)
    elif given.filter(verdict=ReviewVerdict.APPROVE).count() >= quorum_of(level):
        _move(row, QuestionState.APPROVED, by=by, now=now, verdict=verdict, approved=current)
        publish(QuestionApproved(row.uuid, version, level))
        _tell(row, APPROVED_KIND, now)
    else:
        _record(row, "judged", by=by, now=now, verdict=verdict)
    return QuestionState(row.state)


def _twice() -> BankRefusal:
    return BankRefusal(_("You have given your verdict on this version already."), code="twice")


@transaction.atomic
def suspend(*, by: Acting, question: UUID, reason: str, now: datetime) -> None:
    """Keep papers from drawing it from now on: a complaint, bad statistics, a law that has changed.

    Raises NotAllowed, Http404, BankRefusal ("reason", "state").
    """
    require_expert(by)
    row = _row(by, question)
    if row.approved_id is None:
        raise _not_now()
    _move(row, QuestionState.SUSPENDED, by=by, reason=_reason(reason), now=now)
    publish(QuestionWithdrawn(row.uuid, Level(row.level)))


@transaction.atomic
def reinstate(*, by: Acting, question: UUID, reason: str, now: datetime) -> None:
    """Let papers draw the approved version again. Whoever may not judge the question may not do this either.

    When there is a newer version it is a draft again. Raises NotAllowed, Http404, BankRefusal ("reason", "state", "author",
    "teaches", "level").
    """
    require_expert(by)
    row = _row(by, question)
    if row.state != QuestionState.SUSPENDED:
        raise _not_now()
    require_impartial(by, row, now=now)
    if row.current_id != row.approved_id:
        after = QuestionState.DRAFT
    else:
        after = QuestionState.IN_USE if row.exposure else QuestionState.APPROVED
    _move(row, after, by=by, reason=_reason(reason), now=now)


@transaction.atomic
def retire(*, by: Acting, question: UUID, reason: str, now: datetime) -> None:
    """For good. Raises NotAllowed, Http404, BankRefusal ("reason", "state")."""
    require_expert(by)
    row = _row(by, question)
    drawn = row.approved_id is not None
    _move(row, QuestionState.RETIRED, by=by, reason=_reason(reason), now=now)
    if drawn:
        publish(QuestionWithdrawn(row.uuid, Level(row.level)))


@transaction.atomic
def mark_used(*, questions: Collection[UUID], now: datetime) -> None:
    """These stand on a paper now: counted once each, whoever made the paper. Raises BankRefusal ("drawable")."""
    rows = Question.objects.select_for_update(of=("self",)).filter(uuid__in=set(questions)).order_by("uuid")
    found = list(rows)
    if len(found) < len(set(questions)) or any(
        row.pool != Pool.EXAM or row.approved_id is None or row.state in NOT_DRAWN for row in found
    ):
        raise BankRefusal(_("One of these questions may not be drawn any more."), code="drawable")
    for row in found:
        Question.objects.filter(pk=row.pk).update(exposure=F("exposure") + 1)
        if row.state == QuestionState.APPROVED:
            before = QuestionState(row.state)
            row.move(QuestionState.IN_USE, now=now)
            note_move(row, before, by=INSTALLATION, reason="", now=now)
        audit.record(
            subject_kind="question",
            subject=row.uuid,
            action="used",
            actor=None,
            fields={"exposure": row.exposure + 1},
            now=now,
        )


@transaction.atomic
def mark_opened(*, questions: Collection[UUID], sitting: UUID, now: datetime) -> None:
    """Whoever sat these may read them from now on. They stay drawable: whether they are burnt is the committee's to say, to
    whom the bank shows it (ADR 0026)."""
    for row in Question.objects.select_for_update().filter(uuid__in=set(questions), opened_at=None).order_by("uuid"):
        Question.objects.filter(pk=row.pk).update(opened_at=now)
        audit.record(
            subject_kind="question",
            subject=row.uuid,
            action="opened_to_candidates",
            actor=None,
            fields={"sitting": sitting},
            now=now,
        )


def _row(by: Acting, question: UUID) -> Question:
    question_for(by, question)
    row = required(question)
    if row.pool != Pool.EXAM:
        raise BankRefusal(_("A lesson's own question comes and goes with its lesson."), code="pool")
    return row


def _at(by: Acting, question: UUID, version: UUID) -> tuple[Question, QuestionVersion]:
    """The locked row and its newest version, when `version` still is that."""
    row = _row(by, question)
    if row.current is None or row.current.uuid != version:
        raise BankRefusal(_("There is a newer version of this question. Read it first."), code="newer")
    return row, row.current


def _not_now() -> BankRefusal:
    return BankRefusal(_("As the question stands now, this cannot be done. Load the page again."), code="state")


def _reason(reason: str) -> str:
    said = reason.strip()
    if not said:
        raise BankRefusal(_("Say why."), code="reason", field="reason")
    return said[:500]


def _move(
    row: Question,
    after: QuestionState,
    *,
    by: Acting,
    reason: str = "",
    now: datetime,
    verdict: ReviewVerdict | None = None,
    **fields: object,
) -> None:
    before = QuestionState(row.state)
    try:
        row.move(after, now=now, **fields)
    except IllegalMove:
        raise _not_now() from None
    note_move(row, before, by=by, reason=reason.strip()[:2000], now=now)
    _record(row, after.value, by=by, now=now, verdict=verdict, before=before, reason=reason or None)


def _record(
    row: Question,
    action: str,
    *,
    by: Acting,
    now: datetime,
    verdict: ReviewVerdict | None = None,
    before: QuestionState | None = None,
    reason: str | None = None,
) -> None:
    fields = {
        "version": row.current.number if row.current else None,
        "round": row.round,
        "from": before,
        "verdict": verdict,
        "reason": reason,
    }
    audit.record(
        subject_kind="question",
        subject=row.uuid,
        action=action,
        actor=by.user,
        fields={name: fact for name, fact in fields.items() if fact is not None},
        now=now,
    )


def _tell(row: Question, kind: str, now: datetime) -> None:
    """Her who wrote the newest version; without a word of the question, for notices are read on any screen."""
    if row.current is None or row.current.author is None:
        return
    returned = kind == RETURNED_KIND
    notify(
        user=row.current.author,
        person=None,
        kind=kind,
        title=gettext_noop("Question %(serial)s was returned to you")
        if returned
        else gettext_noop("Question %(serial)s is approved"),
        body=gettext_noop("Read what is to be changed.")
        if returned
        else gettext_noop("Papers may draw it from now on."),
        params={"serial": str(row.pk)},
        url=reverse("bank:question", args=[row.uuid]),
        now=now,
    )
