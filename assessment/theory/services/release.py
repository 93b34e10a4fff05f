"""The chief confirms the marks of a sitting, chief or bureau releases them, the worker tells one candidate after another."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from assessment.bank.services import mark_opened, open_keys
from assessment.delivery.models import Sitting
from assessment.delivery.selectors import absentees
from assessment.delivery.types import SittingState
from assessment.papers.selectors import paper
from assessment.papers.services import withdraw_paper
from assessment.papers.types import PaperRefusal
from assessment.theory.events import CandidateAbsent
from assessment.theory.logic import seal_of
from assessment.theory.models import Absence, MarksDecision, PaperMark
from assessment.theory.rules import PUBLISH, require_for
from assessment.theory.selectors import finished, may_be_shown, still_to_sit
from assessment.theory.services.facts import assessed, papers_sat, prepared
from assessment.theory.services.marking import _record, persons_of, said
from assessment.theory.services.telling import tell
from assessment.theory.types import Step, TheoryRefused
from lms.accounts.api import INSTALLATION, Acting, NotAllowed, Role, conflicts_of, records_of
from lms.core import clock
from lms.core.events import publish
from lms.core.jobs import enqueue
from lms.policies.types import Shown

TELL_JOB = "theory.tell_released"
# Candidates a transaction: each is a grade computed and a notice written.
PIECE = 20


@transaction.atomic
def confirm_marks(*, by: Acting, sitting: UUID, now: datetime) -> MarksDecision:
    """The chief stands by the marks of a sitting as they are; another mark written later has to be confirmed again.

    Raises NotAllowed, TheoryRefused ("state", "pending", "stale", "own", "tie", "confirmed").
    """
    row = _judged(by, sitting, now)
    if by != INSTALLATION and by.role is not Role.CHIEF_EXAMINER:
        raise NotAllowed(_("Your role may not do this here."))
    seal, papers = _sealed(row, now)
    if MarksDecision.objects.filter(sitting=row, step=Step.CONFIRMED, seal=seal).exists():
        raise TheoryRefused(_("These marks are confirmed already."), code="confirmed")
    made = MarksDecision.objects.create(sitting=row, step=Step.CONFIRMED, seal=seal, papers=papers, by=by.user, at=now)
    _record(row, "marks_confirmed", by.user, now, papers=papers, seal=seal)
    return made


@transaction.atomic
def release_marks(
    *, by: Acting, sitting: UUID, now: datetime, shown: Shown = Shown.MARKS, reason: str = ""
) -> MarksDecision:
    """Release confirmed marks for good: results take them in, each candidate is told, absences are recorded.

    shown: what candidates see of their papers; more than marks needs the policy's leave and a reason, and no sitting uses
    these papers again. Raises NotAllowed, TheoryRefused ("state", "pending", "stale", "own", "tie", "changed": not confirmed,
    or a mark was written since; "policy", "in_use": somebody is still to sit one of the papers, "reason").
    """
    row = _judged(by, sitting, now)
    seal, papers = _sealed(row, now)
    if not MarksDecision.objects.filter(sitting=row, step=Step.CONFIRMED, seal=seal).exists():
        raise TheoryRefused(
            _("The chief examiner has to confirm the marks as they are now before they are released."), code="changed"
        )
    words = _open(by, row, shown, reason, now) if shown is not Shown.MARKS else ""
    row.move(SittingState.RELEASED, now=now)
    made = MarksDecision.objects.create(
        sitting=row, step=Step.RELEASED, seal=seal, papers=papers, shown=shown, reason=words, by=by.user, at=now
    )
    enqueue(TELL_JOB, row.uuid, key=str(row.uuid))
    _record(row, "marks_released", by.user, now, papers=papers, seal=seal, shown=shown)
    return made


def _open(by: Acting, row: Sitting, shown: Shown, reason: str, now: datetime) -> str:
    """Papers that candidates may read are known from now on. The reason in words."""
    if shown not in may_be_shown(row):
        raise TheoryRefused(
            _("The policy of this sitting does not open that much of a paper."), code="policy", field="shown"
        )
    words = said(reason)
    sat = papers_sat(row)
    if titles := still_to_sit(sat, row):
        text = _("A paper of this sitting is still to be sat in “%(sitting)s”. Open it after that.")
        raise TheoryRefused(text % {"sitting": titles[0]}, code="in_use", field="shown")
    for uuid in sat:
        with suppress(PaperRefusal):  # the committee has withdrawn it already
            withdraw_paper(by=INSTALLATION, paper=uuid, reason=_("Opened to the candidates who sat it."), now=now)
    items = [item for uuid in sat for item in paper(uuid).items]
    mark_opened(questions={item.question for item in items}, sitting=row.uuid, now=now)
    if shown is Shown.KEYS:
        open_keys(by=by, sitting=row.uuid, versions={item.version for item in items}, reason=words, now=now)
    return words


def _judged(by: Acting, sitting: UUID, now: datetime) -> Sitting:
    """The sitting, locked and marked. Nobody decides on her own marks, or on those of somebody she taught or is bound to
    (domain 3.3), as for grades."""
    row = Sitting.objects.select_for_update().filter(uuid=sitting).first()
    if row is None:
        raise TheoryRefused(_("The sitting has moved on. Look at it again."), code="state")
    require_for(by, PUBLISH, "approve", row)
    if by != INSTALLATION:
        _require_free(by, row, now)
    if row.state == SittingState.CLOSED:
        raise TheoryRefused(_("Not every paper of this sitting is marked yet."), code="pending")
    if row.state != SittingState.MARKED:
        raise TheoryRefused(_("The sitting has moved on. Look at it again."), code="state")
    return row


def _require_free(by: Acting, row: Sitting, now: datetime) -> None:
    if by.user is None:
        raise NotAllowed(_("Your role may not do this here."))
    persons, classes = persons_of(row)
    if by.person is None:
        return
    if records_of([by.person])[by.person] & persons:
        raise TheoryRefused(_("Nobody decides on her own result."), code="own")
    if conflicts_of(person=by.person, persons=persons, classes=classes, submissions=[], on=clock.day_of(now)):
        raise TheoryRefused(
            _("A conflict of interest with somebody in this sitting is on record. Somebody else must decide."),
            code="tie",
        )


def _sealed(row: Sitting, now: datetime) -> tuple[str, int]:
    """Seal and number of the marks that stand, made again from the facts first: what is released is never out of date."""
    rows = list(finished(row).select_related("entry__sitting"))
    found = assessed(row, rows, prepared(row, papers_sat(row), now=now))
    heads = [one.head for one in found if one.head is not None]
    if len(heads) < len(found) or any(head.mark is None for head in heads):
        raise TheoryRefused(_("Not every paper of this sitting is marked yet."), code="pending")
    if any(one.changed for one in found):
        raise TheoryRefused(
            _(
                "Something was decided since these papers were marked; the marks are being made anew. Try again in a minute."
            ),
            code="stale",
        )
    uuids = {one.pk: one.uuid for one in rows}
    return seal_of([(uuids[head.attempt_id], head.number, head.content_hash) for head in heads]), len(heads)


def tell_released(*, sitting: UUID, now: datetime, beat: Callable[[int, int], None] | None = None) -> int:
    """Make the marks of a released sitting known, twenty candidates a transaction, and record who was absent. How many marks.

    beat: as in `mark_sitting`.
    """
    told = 0
    row = Sitting.objects.filter(uuid=sitting, state=SittingState.RELEASED).first()
    if row is None:
        return 0
    rows = list(finished(row).values_list("pk", flat=True))
    for start in range(0, len(rows), PIECE):
        with transaction.atomic():
            if beat is not None:
                beat(start, len(rows))
            locked = Sitting.objects.select_for_update().get(pk=row.pk)
            told += tell(locked, _known(rows[start : start + PIECE]), now=now)
    _note_absent(row, now=now)
    return told


def _known(attempts: list[int]) -> list[PaperMark]:
    """The marks that stand, with attempts and entries."""
    held = PaperMark.objects.filter(attempt__in=attempts, mark__isnull=False).select_related("attempt__entry")
    newest = {mark.attempt_id: mark for mark in held.order_by("number")}
    return [newest[pk] for pk in attempts if pk in newest]


@transaction.atomic
def _note_absent(row: Sitting, *, now: datetime) -> None:
    Sitting.objects.select_for_update().get(pk=row.pk)
    known = set(Absence.objects.filter(sitting=row).values_list("candidacy", flat=True))
    for candidacy in absentees(row):
        if candidacy not in known:
            Absence.objects.create(sitting=row, candidacy=candidacy, at=now)
            publish(CandidateAbsent(row.uuid, candidacy))
