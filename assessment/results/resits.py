"""What a released grade, a mark, an absence or a training completed anew means for who may sit what.

Everything here runs in its caller's transaction with the candidacy locked, and speaks to other rooms by holds on parts:
delivery and the video door read entitlements only.
"""

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_noop

from assessment.candidates.models import Candidacy
from assessment.candidates.selectors import holds
from assessment.candidates.services import close_candidacy, hold_parts, make_room
from assessment.candidates.types import Withheld
from assessment.results.counting import History, history, judged
from assessment.results.events import AttemptsUsedUp
from assessment.results.models import CountedAbsence, FreshStart, GradeDecision, PartMark, UsedUp
from assessment.results.types import Onward, PartGrade
from assessment.specification.selectors import specification
from assessment.specification.types import NoSpecification, Part, SpecificationData
from lms.core import audit
from lms.core.events import publish
from lms.core.states import IllegalMove
from lms.notices.api import notify
from lms.policies import api as policies
from lms.policies.types import Decision, DecisionKind, ProfileData

PASSED = gettext_noop("You have passed this part. It need not be sat again.")
AWAITING = gettext_noop("This part is marked. The whole result comes first.")
USED_UP = gettext_noop("All resits of this part are used up.")
RETAKE = gettext_noop("Your resits are used up. Take the training again first.")
_RETAKE_REQUIRED = "retake_required"


def settle(row: GradeDecision, *, now: datetime) -> Onward:
    """A decision was released: what is passed stays so, what failed is open once more while resits are left.

    Else every part is held with the reason, and so is entry until the training was taken again, where the profile says so.
    """
    candidacy = row.candidacy
    rules, law = specification(row.specification), policies.profile(row.profile)
    if row.passed:
        _hold(candidacy, [Withheld(rule.part, PASSED) for rule in rules.parts], now)
        return Onward.PASSED
    found = history(candidacy.person, rules, candidacy)
    failed = [part for part in row.part_grades if not part.passed]
    decision = _decide(rules, law, found, failed)
    stored = policies.store_decision(
        kind=DecisionKind.RESIT,
        subject_kind="candidacy",
        subject=candidacy.uuid,
        decision=decision,
        profile=law.uuid,
        by=None,
        now=now,
    )
    if decision.refused:
        return _end(candidacy, rules, law, stored, now)
    for part in failed:
        if part.submission is not None:
            with suppress(IllegalMove):  # it gave way long ago, and its resit is with the examiners
                make_room(submission=part.submission, now=now)
    open_now = {part.part for part in failed}
    _hold(candidacy, [Withheld(rule.part, "" if rule.part in open_now else PASSED) for rule in rules.parts], now)
    return Onward.RESIT


def _decide(rules: SpecificationData, law: ProfileData, found: History, failed: Iterable[PartGrade]) -> Decision:
    """The reasons of every failed part; the same reason is given once."""
    asked = [rule for rule in rules.parts if rule.part in {part.part for part in failed}]
    reasons = dict.fromkeys(reason for rule in asked for reason in judged(law, rule, found).reasons)
    return Decision(tuple(reasons))


def _end(row: Candidacy, rules: SpecificationData, law: ProfileData, decision: UUID, now: datetime) -> Onward:
    retake = law.parameters.after_failed_resit == _RETAKE_REQUIRED
    UsedUp.objects.get_or_create(candidacy=row, defaults={"retake": retake, "policy_decision": decision, "at": now})
    _hold(row, [Withheld(rule.part, RETAKE if retake else USED_UP) for rule in rules.parts], now)
    return Onward.RETAKE_REQUIRED if retake else Onward.OVER


def hold_marked(mark: PartMark, passed: bool, *, now: datetime) -> None:
    """A theory mark came in: until the whole result is out nobody sits the part again, and what is passed stays shut.

    A mark that changes an attempt already released as failed leaves a resit open that is open.
    """
    row = mark.candidacy
    if not passed:
        found = history(row.person, specification(row.specification), row)
        if mark.attempted in found.attempts.get(Part(mark.part), {}):
            return
    _hold(row, [Withheld(Part(mark.part), PASSED if passed else AWAITING)], now)


@transaction.atomic
def record_absence(*, candidacy: UUID, part: Part, sitting: UUID, now: datetime) -> None:
    """She did not come. That uses no attempt, unless her law book says `absence_uses_attempt`; told again is once.

    The last attempt used so ends it as a failed last one does. Who could not have sat, for the results held the part, was not
    absent. Raises Candidacy.DoesNotExist.
    """
    row = Candidacy.objects.select_for_update().get(uuid=candidacy)
    rules, law = specification(row.specification), policies.profile(row.profile)
    rule = rules.part(part)
    if not law.parameters.absence_uses_attempt or rule is None:
        return
    held = holds([candidacy], part).get(candidacy)
    if held is not None and held.held:
        return
    _, fresh = CountedAbsence.objects.get_or_create(candidacy=row, part=part, sitting=sitting, defaults={"at": now})
    decision = judged(law, rule, history(row.person, rules, row))
    if not fresh or not decision.refused:
        return
    stored = policies.store_decision(
        kind=DecisionKind.RESIT,
        subject_kind="candidacy",
        subject=row.uuid,
        decision=decision,
        profile=law.uuid,
        by=None,
        now=now,
    )
    onward = _end(row, rules, law, stored, now)
    publish(AttemptsUsedUp(candidacy=row.uuid, person=row.person, onward=onward))
    if row.class_uid is None:
        # No enrolment ends it: another try is another application.
        close_candidacy(candidacy=row.uuid, by=None, now=now)
    notify(
        user=row.user,
        person=row.person,
        kind="attempts_used_up",
        title=gettext_noop("Your attempts are used up"),
        body=gettext_noop("You were recorded as absent in %(class)s, which used the last attempt that you had."),
        params={"class": row.class_name},
        url=reverse("assessment:results"),
        now=now,
        about=row.class_uid,
        about_name=row.class_name,
        key=str(stored),
    )


@transaction.atomic
def admit_candidate(candidacy: UUID, *, now: datetime) -> None:
    """Somebody became a candidate: who has to take the training again sits nothing before it is completed (S5-25)."""
    row = Candidacy.objects.select_for_update().get(uuid=candidacy)
    try:
        rules = specification(row.specification)
    except NoSpecification:
        return
    if history(row.person, rules, row).retake:
        _hold(row, [Withheld(rule.part, RETAKE) for rule in rules.parts], now)


@transaction.atomic
def start_afresh(*, candidacies: Iterable[UUID], now: datetime) -> None:
    """These people completed a training of their level: who had sat before is counted anew, and is free where she was held."""
    for row in Candidacy.objects.select_for_update().filter(uuid__in=list(candidacies)).order_by("id"):
        try:
            rules = specification(row.specification)
        except NoSpecification:
            continue
        found = history(row.person, rules, row)
        if not found.retake and len(found.candidacies) < 2:
            continue
        _, fresh = FreshStart.objects.get_or_create(candidacy=row, defaults={"at": now})
        if fresh:
            shut = set(row.holds.filter(reason=RETAKE).values_list("part", flat=True))
            _hold(row, [Withheld(Part(part), "") for part in sorted(shut)], now)
            audit.record(
                subject_kind="candidacy", subject=row.uuid, action="counted_afresh", actor=None, fields={}, now=now
            )


def _hold(row: Candidacy, words: Iterable[Withheld], now: datetime) -> None:
    hold_parts(candidacy=row.uuid, words=words, now=now)
