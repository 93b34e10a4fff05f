"""From marks to a grade decision, its confirmation by the chief, and its release."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from assessment.candidates.models import Candidacy, Submission
from assessment.candidates.selectors import entitlement
from assessment.candidates.services import close_candidacy
from assessment.candidates.types import CandidacyState, NoCandidacy
from assessment.marking.services import grant_evidence
from assessment.results.events import ResultReleased
from assessment.results.logic import canonical
from assessment.results.models import GradeDecision, GradeStanding, PartMark
from assessment.results.resits import hold_marked, settle
from assessment.results.types import OPEN_STATES, GradeState, PartGrade
from assessment.results.validity import due, expire_parts, expired_attempts, made_on, with_expiries
from assessment.specification.selectors import specification
from assessment.specification.types import Part, SpecificationData
from lms.accounts.api import Acting, Role, conflicts_of, records_of, require
from lms.core import audit, clock
from lms.core.events import publish
from lms.core.reference import content_hash
from lms.core.states import IllegalMove
from lms.notices.api import notify
from lms.policies import api as policies
from lms.policies.types import DecisionKind, Grade
from lms.policies.types import PartMark as PolicyMark

# Parts whose marks come from the rooms where the class is taught; theory is marked by papers, a video by examiners alone.
TOLD_FROM_ABOVE = frozenset({Part.HOMEWORK})


class ResultRefused(Exception):
    """A foreseen refusal. `code`: pending, own, tie, moved; of a part's mark: part, closed, not_entitled.

    `message` is for the person who asked.
    """

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(message)
        self.message = message
        self.code = code


@transaction.atomic
def receive_mark(
    *,
    candidacy: UUID,
    part: Part,
    mark: Decimal,
    proposed_fail: bool,
    outcome: UUID,
    submission: UUID | None,
    now: datetime,
    attempt: UUID | None = None,
) -> GradeDecision | None:
    """Take in the mark of one part and compute the next version of the grade; the same outcome again changes nothing.

    A part has its mark only once every finding of severity B and H in it is decided by people. What was open gives
    way; what is published stays so until the new version is released. attempt: the paper sat, whose changed mark is no
    resit. Raises Candidacy.DoesNotExist.
    """
    row = _locked(candidacy)
    if PartMark.objects.filter(outcome=outcome).exists():
        return None
    made = PartMark.objects.create(
        candidacy=row,
        part=part,
        submission=Submission.objects.get(uuid=submission, candidacy=row) if submission else None,
        mark=mark,
        proposed_fail=proposed_fail,
        outcome=outcome,
        attempt=attempt,
        received_at=now,
    )
    known = PartMark.objects.filter(candidacy=row, part=part).exclude(pk=made.pk).select_related("submission")
    if made.attempted not in {one.attempted for one in known}:
        # What had expired when this was sat counts no longer; a mark made anew is no sitting.
        expire_parts(row, specification(row.specification), policies.profile(row.profile), on=made_on(made), now=now)
    decision = _compute(row, now)
    if part is Part.THEORY:
        hold_marked(made, any(one.passed for one in decision.part_grades if one.outcome == outcome), now=now)
    return decision


@transaction.atomic
def record_part_mark(
    *, candidacy: UUID, part: Part, mark: Decimal, evidence: UUID, now: datetime
) -> GradeDecision | None:
    """Take in the mark of a part that a room above marks (homework, S5-21): 0 to 100 with one decimal.

    `evidence`: what it rests on there, written once; told again it changes nothing and gives None. A later mark of the
    part takes the place of the earlier. The composite is computed as after a panel.
    Raises NoCandidacy, ResultRefused ("part": the specification does not ask for it; "closed": her examination is over;
    "not_entitled": the latest word on the part is no), ValueError for a part that examiners or papers mark.
    """
    if part not in TOLD_FROM_ABOVE:
        raise ValueError(f"{part} is marked in this street")
    row = Candidacy.objects.select_for_update().filter(uuid=candidacy).first()
    if row is None:
        raise NoCandidacy(candidacy)
    if PartMark.objects.filter(outcome=evidence).exists():
        return None
    if specification(row.specification).part(part) is None:
        raise ResultRefused(_("The assessment of this class does not ask for this part."), code="part")
    if row.state != CandidacyState.OPEN:
        raise ResultRefused(_("This examination is closed."), code="closed")
    said = entitlement(candidacy, part)
    if said is None or not said.granted:
        raise ResultRefused(
            _(said.reason) if said else _("Nothing gives her a right to this part."), code="not_entitled"
        )
    return receive_mark(
        candidacy=candidacy, part=part, mark=mark, proposed_fail=False, outcome=evidence, submission=None, now=now
    )


def _locked(candidacy: UUID) -> Candidacy:
    """Everything about one candidacy's grade happens one after the other."""
    return Candidacy.objects.select_for_update().get(uuid=candidacy)


def _compute(row: Candidacy, now: datetime) -> GradeDecision:
    rules, law = specification(row.specification), policies.profile(row.profile)
    parts = _parts(row, rules)
    graded = policies.grade(law, [_policy_mark(part) for part in parts])
    judged = with_expiries(law, row, parts, graded.decision)
    stored = policies.store_decision(
        kind=DecisionKind.GRADE,
        subject_kind="candidacy",
        subject=row.uuid,
        decision=judged,
        profile=law.uuid,
        by=None,
        now=now,
    )
    open_now = GradeStanding.objects.filter(candidacy=row, state__in=OPEN_STATES).first()
    if open_now:
        open_now.move(GradeState.SUPERSEDED, now=now)
    version = GradeDecision.objects.filter(candidacy=row).count() + 1
    content = canonical(
        candidacy=row.uuid,
        version=version,
        specification_hash=rules.content_hash,
        profile_hash=law.content_hash,
        policy_decision=stored,
        parts=parts,
        composite=graded.composite,
        grade=graded.grade,
    )
    decision = GradeDecision.objects.create(
        candidacy=row,
        version=version,
        specification=rules.uuid,
        specification_hash=rules.content_hash,
        profile=law.uuid,
        profile_hash=law.content_hash,
        policy_decision=stored,
        parts=[part.to_json() for part in parts],
        composite=graded.composite if graded.grade else None,
        grade=graded.grade or "",
        content_hash=content_hash(content),
        created_at=now,
    )
    GradeStanding.objects.create(decision=decision, candidacy=row, moved_at=now)
    _audit(decision, "computed", None, now)
    return decision


def _parts(row: Candidacy, rules: SpecificationData) -> list[PartGrade]:
    """Each part the specification asks for, with the newest mark of it."""
    newest = {
        mark.part: mark for mark in PartMark.objects.filter(candidacy=row).select_related("submission").order_by("id")
    }
    expired = expired_attempts(row)
    parts = []
    for rule in rules.parts:
        mark = newest.get(rule.part)
        if mark is not None and mark.attempted in expired:
            over = expired[mark.attempted].until
            parts.append(PartGrade(part=rule.part, weight=rule.weight, pass_mark=rule.pass_mark, expired=over))
            continue
        parts.append(
            PartGrade(
                part=rule.part,
                weight=rule.weight,
                pass_mark=rule.pass_mark,
                mark=mark.mark if mark else None,
                proposed_fail=mark.proposed_fail if mark else False,
                outcome=mark.outcome if mark else None,
                submission=mark.submission.uuid if mark and mark.submission else None,
            )
        )
    return parts


def _policy_mark(part: PartGrade) -> PolicyMark:
    """A part is told only once its chief has ruled, so a proposed fail is a confirmed one."""
    return PolicyMark(
        part=part.part,
        mark=part.mark,
        pass_mark=part.pass_mark,
        weight=part.weight,
        proposed_fail=part.proposed_fail,
        fail_confirmed=True if part.proposed_fail else None,
    )


def expire_due(*, now: datetime, beat: Callable[[], None] | None = None) -> int:
    """Take back the passed parts that have expired by today, each candidacy in its own transaction; how many candidacies.

    A result that was still open is computed anew without them. beat: called in each transaction.
    """
    count = 0
    for uuid in list(due(now)):
        with transaction.atomic():
            if beat is not None:
                beat()
            row = _locked(uuid)
            rules, law = specification(row.specification), policies.profile(row.profile)
            if expire_parts(row, rules, law, on=clock.day_of(now), now=now):
                count += 1
                if GradeStanding.objects.filter(candidacy=row, state__in=OPEN_STATES).exists():
                    _compute(row, now)
    return count


@transaction.atomic
def confirm_grade(*, by: Acting, decision: UUID, now: datetime) -> GradeDecision:
    """The chief stands by a computed grade (domain 3.2). Raises NotAllowed, ResultRefused, GradeDecision.DoesNotExist."""
    row, standing = _judged(by, decision, now)
    if by.role is not Role.CHIEF_EXAMINER:
        raise PermissionDenied
    if not row.grade:
        raise ResultRefused(_("A part of the assessment is still missing."), code="pending")
    _move(standing, GradeState.CHIEF_CONFIRMED, now=now, confirmed_by=by.user, confirmed_at=now)
    _audit(row, "chief_confirmed", by.user, now)
    return row


@transaction.atomic
def release_grade(*, by: Acting, decision: UUID, now: datetime) -> GradeDecision:
    """Publish a confirmed grade: she is told, may read it and her evidence; what was published before gives way.

    Raises NotAllowed, ResultRefused, GradeDecision.DoesNotExist.
    """
    row, standing = _judged(by, decision, now)
    before = GradeStanding.objects.filter(candidacy=row.candidacy, state=GradeState.PUBLISHED).first()
    if before and before.pk != standing.pk and standing.state == GradeState.CHIEF_CONFIRMED:
        before.move(GradeState.SUPERSEDED, now=now)
    _move(standing, GradeState.PUBLISHED, now=now, released_by=by.user, released_at=now)
    candidacy = row.candidacy
    if candidacy.user:
        for work in _works(row):
            grant_evidence(examiner=candidacy.user, asset=work.asset, granted_by=by.user, now=now)
    onward = settle(row, now=now)
    publish(
        ResultReleased(
            candidacy=candidacy.uuid,
            person=candidacy.person,
            passed=row.passed,
            grade=Grade(row.grade),
            decision=row.uuid,
            onward=onward,
        )
    )
    if candidacy.class_uid is None and candidacy.state == CandidacyState.OPEN:
        # No enrolment ends it: another try is another application.
        close_candidacy(candidacy=candidacy.uuid, by=None, now=now)
    notify(
        user=candidacy.user,
        person=candidacy.person,
        kind="result_released",
        title=gettext_noop("Your result is out"),
        body=gettext_noop("The result of your assessment in %(class)s is out. You can read how it came about."),
        params={"class": candidacy.class_name},
        url=reverse("assessment:result", args=[row.uuid]),
        now=now,
        about=candidacy.class_uid,
        about_name=candidacy.class_name,
        key=str(row.uuid),
    )
    _audit(row, "published", by.user, now)
    return row


def _judged(by: Acting, decision: UUID, now: datetime) -> tuple[GradeDecision, GradeStanding]:
    """The decision and its standing, with its candidacy locked. Nobody decides on her own result, or on that of somebody she
    taught or is bound to (domain 3.3)."""
    found = GradeDecision.objects.select_related("candidacy").get(uuid=decision)
    require(by, "grade_publish", "approve", place=found.candidacy.organisation_path)
    if by.user is None:
        raise PermissionDenied
    _locked(found.candidacy.uuid)
    owner = found.candidacy.person
    if by.user == found.candidacy.user or by.person in records_of([owner])[owner]:
        raise ResultRefused(_("Nobody decides on her own result."), code="own")
    if by.person is not None and conflicts_of(
        person=by.person,
        persons=[owner],
        classes=[found.candidacy.class_uid] if found.candidacy.class_uid else [],
        submissions=[part.submission for part in found.part_grades if part.submission],
        on=clock.day_of(now),
    ):
        raise ResultRefused(
            _("A conflict of interest with this work is on record. Another chief examiner must decide."), code="tie"
        )
    return found, GradeStanding.objects.select_for_update().get(decision=found)


def _works(row: GradeDecision) -> list[Submission]:
    wanted = [part.submission for part in row.part_grades if part.submission]
    return list(Submission.objects.filter(uuid__in=wanted).order_by("id"))


def _move(standing: GradeStanding, after: GradeState, *, now: datetime, **changes: object) -> None:
    try:
        standing.move(after, now=now, **changes)
    except IllegalMove as gone:
        raise ResultRefused(
            _("Somebody has moved this result meanwhile. See where it stands now."), code="moved"
        ) from gone


def _audit(row: GradeDecision, action: str, actor: UUID | None, now: datetime) -> None:
    audit.record(
        subject_kind="grade",
        subject=row.candidacy.uuid,
        action=action,
        actor=actor,
        fields={"decision": row.uuid, "version": row.version, "grade": Grade(row.grade) if row.grade else None},
        now=now,
    )
