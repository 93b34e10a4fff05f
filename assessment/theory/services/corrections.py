"""A question that was asked counts otherwise: the committee proposes, everybody sees whom it changes, the chief decides."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from assessment.bank.logic import secret_of
from assessment.bank.selectors import documents_of
from assessment.bank.types import Key
from assessment.delivery.models import Attempt, Sitting
from assessment.delivery.types import SittingState
from assessment.papers.selectors import papers_holding
from assessment.theory.logic import key_fits, passed, same_worth
from assessment.theory.models import CorrectionDecision, QuestionCorrection
from assessment.theory.rules import CORRECTION
from assessment.theory.selectors import FINISHED, finished
from assessment.theory.services.facts import as_correction, assessed, prepared
from assessment.theory.services.marking import ask_for_marking, said
from assessment.theory.types import Correction, CorrectionKind, Difference, DryRun, TheoryRefused
from lms.accounts.api import Acting, NotAllowed, require
from lms.core import audit

_MARKABLE = (SittingState.CLOSED, SittingState.MARKED, SittingState.RELEASED)


@transaction.atomic
def propose_correction(
    *, by: Acting, version: UUID, kind: CorrectionKind, key: Key | None, reason: str, now: datetime
) -> QuestionCorrection:
    """Propose that a version counts by another key, or is struck out, on every paper that asked it; nothing changes yet.

    A single-choice question may be given several right options. Raises NotAllowed, TheoryRefused ("version": no paper asked
    it, "key": it does not fit the question, "reason", "decided": a proposal for it waits already).
    """
    require(by, CORRECTION, "create")
    if by.user is None:
        raise NotAllowed(_("Your role may not do this here."))
    document = documents_of([version]).get(version)
    if document is None or not sittings_with(version):
        raise TheoryRefused(
            _("No examination has asked this version of the question."), code="version", field="version"
        )
    if kind is CorrectionKind.KEY and (key is None or not key_fits(document, key)):
        raise TheoryRefused(_("This key does not fit the question. Look at its options."), code="key", field="key")
    words = said(reason)
    if QuestionCorrection.objects.filter(version=version, decision=None).exists():
        raise TheoryRefused(_("A correction of this version waits for the chief examiner already."), code="decided")
    made = QuestionCorrection.objects.create(
        question=document.uid,
        version=version,
        kind=kind,
        key=secret_of(replace(document, key=key, explanation="", media=()))
        if kind is CorrectionKind.KEY and key is not None
        else "",
        reason=words,
        proposed_by=by.user,
        proposed_at=now,
    )
    _record(made, "correction_proposed", by.user, now, kind=kind)
    return made


def sittings_with(version: UUID) -> list[Sitting]:
    """Closed sittings in which somebody's paper asked it, oldest first. Two queries."""
    sat = Attempt.objects.filter(paper__in=papers_holding(version), state__in=FINISHED)
    rows = Sitting.objects.filter(pk__in=sat.values("entry__sitting_id"), state__in=_MARKABLE)
    return list(rows.order_by("opens_at", "id"))


def dry_run(*, by: Acting, correction: UUID, now: datetime) -> DryRun:
    """What a proposal would change in every sitting that used the version. Nothing is written but that keys were read.

    Raises NotAllowed, QuestionCorrection.DoesNotExist.
    """
    require(by, CORRECTION, "read")
    return _tried(as_correction(QuestionCorrection.objects.get(uuid=correction)), now)


def _tried(wanted: Correction, now: datetime) -> DryRun:
    papers = papers_holding(wanted.version)
    held = sittings_with(wanted.version)
    changed: list[Difference] = []
    count = 0
    for sitting in held:
        rows = list(finished(sitting).filter(paper__in=papers).select_related("entry__sitting"))
        given = prepared(sitting, {row.paper for row in rows}, now=now)
        for one in assessed(sitting, rows, given, extra=wanted):
            if one.head is None:
                continue
            count += 1
            before = one.head.as_content()
            if not same_worth(before, one.content):
                changed.append(
                    Difference(
                        attempt=one.attempt.uuid,
                        sitting=sitting.uuid,
                        sitting_title=sitting.title,
                        code=one.head.code,
                        released=sitting.state == SittingState.RELEASED,
                        before=before.mark,
                        after=one.content.mark,
                        passed_before=passed(before),
                        passed_after=passed(one.content),
                    )
                )
    return DryRun(tuple((row.uuid, row.title) for row in held), count, tuple(changed))


@transaction.atomic
def decide_correction(
    *, by: Acting, correction: UUID, accepted: bool, reason: str, now: datetime
) -> CorrectionDecision:
    """The chief's word, once. An accepted one makes new marks in every sitting that used the version; who was told her mark
    already is told again.

    Raises NotAllowed, TheoryRefused ("reason", "same_person", "decided"), QuestionCorrection.DoesNotExist.
    """
    require(by, CORRECTION, "approve")
    if by.user is None:
        raise NotAllowed(_("Your role may not do this here."))
    row = QuestionCorrection.objects.select_for_update().get(uuid=correction)
    if row.proposed_by == by.user:
        raise TheoryRefused(_("Somebody else has to decide what you proposed."), code="same_person")
    words = said(reason)
    if CorrectionDecision.objects.filter(correction=row).exists():
        raise TheoryRefused(_("It has been decided already."), code="decided")
    tried = _tried(as_correction(row), now)
    try:
        with transaction.atomic():
            made = CorrectionDecision.objects.create(
                correction=row,
                accepted=accepted,
                reason=words,
                figures=tried.to_json(),
                proposed_by=row.proposed_by,
                by=by.user,
                at=now,
            )
    except IntegrityError:
        raise TheoryRefused(_("It has been decided already."), code="decided") from None
    if accepted:
        for sitting, _title in tried.sittings:
            ask_for_marking(sitting, why=str(row.uuid))
    _record(row, "correction_accepted" if accepted else "correction_refused", by.user, now, **tried.to_json())
    return made


def _record(row: QuestionCorrection, action: str, actor: UUID, now: datetime, **fields: audit.Fact) -> None:
    fields = {"correction": row.uuid, "version": row.version, **fields}
    audit.record(subject_kind="question", subject=row.question, action=action, actor=actor, fields=fields, now=now)
