"""A question that was asked counts otherwise: the committee proposes, everybody sees whom it changes, the chief decides."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from assessment.bank.logic import secret_of
from assessment.bank.selectors import documents_of
from assessment.bank.types import Key
from assessment.delivery.models import Attempt, Sitting
from assessment.delivery.types import SittingState
from assessment.papers.selectors import papers_holding
from assessment.theory.logic import key_fits, passed, same_worth
from assessment.theory.models import CorrectionDecision, CorrectionTrial, PaperMark, QuestionCorrection
from assessment.theory.rules import CORRECTION
from assessment.theory.selectors import FINISHED, finished
from assessment.theory.services.facts import Assessed, as_correction, assessed, prepared
from assessment.theory.services.marking import PIECE, ask_for_marking, said
from assessment.theory.types import CorrectionKind, Difference, DryRun, TheoryRefused, Trial, Trying
from lms.accounts.api import Acting, NotAllowed, require
from lms.core import audit
from lms.core.jobs import JobState, enqueue, latest_job

TRY_JOB = "theory.try_correction"
# So many changed papers are kept by name; the figures count all of them.
ROWS_KEPT = 200
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
    ask_for_trial(made)
    _record(made, "correction_proposed", by.user, now, kind=kind)
    return made


def sittings_with(version: UUID) -> list[Sitting]:
    """Closed sittings in which somebody's paper asked it, oldest first. Two queries."""
    sat = Attempt.objects.filter(paper__in=papers_holding(version), state__in=FINISHED)
    rows = Sitting.objects.filter(pk__in=sat.values("entry__sitting_id"), state__in=_MARKABLE)
    return list(rows.order_by("opens_at", "id"))


def ask_for_trial(row: QuestionCorrection) -> None:
    """Let the worker find out what a proposal would change as marks are now; again while it waits or runs is harmless."""
    enqueue(TRY_JOB, row.uuid, key=f"{row.uuid}:{basis_of(row.version)}")


def basis_of(version: UUID) -> str:
    """Names what a trial stands on: while it is the same no mark was written since, nor another correction accepted. Three
    queries."""
    newest = PaperMark.objects.filter(paper__in=papers_holding(version)).aggregate(newest=Max("pk"))["newest"]
    accepted = CorrectionDecision.objects.filter(accepted=True).aggregate(newest=Max("pk"))["newest"]
    return f"{newest or 0}.{accepted or 0}"


def trying(*, by: Acting, correction: UUID) -> Trying:
    """The trial of a proposal as marks are now, or how far the worker is with it; asked for again where marks have moved on.

    Raises NotAllowed, QuestionCorrection.DoesNotExist.
    """
    require(by, CORRECTION, "read")
    row = QuestionCorrection.objects.get(uuid=correction)
    if (held := fresh_trial(row)) is not None:
        return Trying(trial=held)
    key = f"{row.uuid}:{basis_of(row.version)}"
    job = latest_job(subject=row.uuid, kind=TRY_JOB)
    if job is not None and job.key == key and job.state is JobState.DEAD:
        return Trying(failed=True)
    if job is None or job.key != key or job.state in {JobState.DONE, JobState.CANCELLED}:
        ask_for_trial(row)
        return Trying()
    return Trying(progress=job.progress)


def fresh_trial(row: QuestionCorrection) -> Trial | None:
    """The stored trial, unless a mark was written since."""
    held = CorrectionTrial.objects.filter(correction=row, basis=basis_of(row.version)).first()
    if held is None:
        return None
    return Trial(
        held.uuid,
        held.figures,
        tuple(title for _uuid, title in held.sittings),
        tuple(Difference.from_json(one) for one in held.rows),
        held.at,
    )


def try_correction(*, correction: UUID, now: datetime, beat: Callable[[int, int], None]) -> None:
    """Store what a proposal would change, once for the same marks; nothing for one that is decided.

    beat: called with (papers done, papers in all) after each piece, in a transaction.
    """
    row = QuestionCorrection.objects.filter(uuid=correction, decision=None).first()
    if row is None or fresh_trial(row) is not None:
        return
    basis = basis_of(row.version)
    found = dry_run(row, now=now, beat=beat)
    with transaction.atomic():
        beat(found.papers, found.papers)
        CorrectionTrial.objects.get_or_create(
            correction=row,
            basis=basis,
            defaults={
                "figures": found.to_json(),
                "sittings": [[str(uuid), title] for uuid, title in found.sittings],
                "rows": [one.to_json() for one in found.changed[:ROWS_KEPT]],
                "at": now,
            },
        )


def dry_run(row: QuestionCorrection, *, now: datetime, beat: Callable[[int, int], None] | None = None) -> DryRun:
    """What a proposal would change in every sitting that used the version. Nothing is written but that keys were read."""
    wanted = as_correction(row)
    papers = papers_holding(wanted.version)
    held = sittings_with(wanted.version)
    sat = [(sitting, list(finished(sitting).filter(paper__in=papers).values_list("pk", flat=True))) for sitting in held]
    whole = sum(len(rows) for _sitting, rows in sat)
    changed: list[Difference] = []
    count = done = 0
    for sitting, numbers in sat:
        used = set(finished(sitting).filter(pk__in=numbers).order_by().values_list("paper", flat=True))
        given = prepared(sitting, used, now=now)
        for start in range(0, len(numbers), PIECE):
            piece = finished(sitting).filter(pk__in=numbers[start : start + PIECE]).select_related("entry__sitting")
            marked = [one for one in assessed(sitting, piece, given, extra=wanted) if one.head is not None]
            count += len(marked)
            changed += [difference for one in marked if (difference := _difference(sitting, one)) is not None]
            done += PIECE
            if beat is not None:
                with transaction.atomic():
                    beat(min(done, whole), whole)
    return DryRun(tuple((one.uuid, one.title) for one in held), count, tuple(changed))


def _difference(sitting: Sitting, one: Assessed) -> Difference | None:
    if one.head is None or same_worth(before := one.head.as_content(), one.content):
        return None
    return Difference(
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


@transaction.atomic
def decide_correction(
    *, by: Acting, correction: UUID, accepted: bool, reason: str, now: datetime, seen: UUID | None = None
) -> CorrectionDecision:
    """The chief's word, once, on what the stored trial says. An accepted one makes new marks in every sitting that used the
    version; who was told her mark already is told again.

    seen: the trial she looked at. Raises NotAllowed, TheoryRefused ("reason", "same_person", "decided", "stale": there is no
    trial yet, or marks were written since), QuestionCorrection.DoesNotExist.
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
    tried = fresh_trial(row)
    if tried is None or (seen is not None and tried.uuid != seen):
        raise TheoryRefused(
            _("What it changes is being computed anew, for marks have moved on. Look at it, then decide."), code="stale"
        )
    try:
        with transaction.atomic():
            made = CorrectionDecision.objects.create(
                correction=row,
                accepted=accepted,
                reason=words,
                figures=dict(tried.figures),
                proposed_by=row.proposed_by,
                by=by.user,
                at=now,
            )
    except IntegrityError:
        raise TheoryRefused(_("It has been decided already."), code="decided") from None
    if accepted:
        for sitting in sittings_with(row.version):
            ask_for_marking(sitting.uuid, why=str(row.uuid))
    _record(row, "correction_accepted" if accepted else "correction_refused", by.user, now, **tried.figures)
    return made


def _record(row: QuestionCorrection, action: str, actor: UUID, now: datetime, **fields: audit.Fact) -> None:
    fields = {"correction": row.uuid, "version": row.version, **fields}
    audit.record(subject_kind="question", subject=row.question, action=action, actor=actor, fields=fields, now=now)
