"""How long a part passed alone counts: `part_score_valid_months` of the law book (domain A4 found an examination whose failed
part is retaken within a year).

The rest has to be sat within the months: a work handed in or a paper begun in time counts however long its marking takes. What
was passed as a whole never expires.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from django.db.models import Exists, Min, OuterRef
from django.urls import reverse
from django.utils.translation import gettext_noop

from assessment.candidates.models import LIVE, Candidacy
from assessment.candidates.selectors import holds
from assessment.candidates.services import hold_parts, make_room
from assessment.candidates.types import CandidacyState, Withheld
from assessment.delivery.selectors import begun_at, begun_untold
from assessment.results.models import ExpiredPart, GradeStanding, PartMark
from assessment.results.resits import PASSED
from assessment.results.types import OPEN_STATES, GradeState, PartGrade
from assessment.specification.types import Part, PartRule, SpecificationData
from lms.core import audit
from lms.core.clock import day_of
from lms.core.states import IllegalMove
from lms.notices.api import notify
from lms.policies import api as policies
from lms.policies.types import Decision, DecisionKind, Grade, ProfileData


def expired_attempts(row: Candidacy) -> dict[UUID, ExpiredPart]:
    """Attempt that had passed → why it counts no longer; one query."""
    return {one.attempted: one for one in ExpiredPart.objects.filter(candidacy=row)}


def with_expiries(law: ProfileData, row: Candidacy, parts: Iterable[PartGrade], decision: Decision) -> Decision:
    """A grade's decision with what has expired of these parts among its reasons; the missing mark keeps it open, this says
    why."""
    missing = [part.part for part in parts if part.expired is not None]
    newest = {one.part: one for one in ExpiredPart.objects.filter(candidacy=row, part__in=missing).order_by("id")}
    said = [
        replace(reason, soft=True)
        for one in newest.values()
        for reason in policies.part_validity(law, part=one.part, passed_on=one.passed_on, on=day_of(one.at)).reasons
    ]
    return Decision((*decision.reasons, *said))


def made_on(mark: PartMark) -> date:
    """The day an attempt was made, whenever its mark came."""
    if mark.submission is not None:
        return day_of(mark.submission.created_at)
    return day_of((begun_at(mark.attempt) if mark.attempt else None) or mark.received_at)


def expire_parts(
    row: Candidacy, rules: SpecificationData, law: ProfileData, *, on: date, now: datetime
) -> tuple[Part, ...]:
    """Take back what was passed alone and has expired by a day; which parts. Again changes nothing.

    row: locked. A whole result, released or on its way, is left alone, and so is what can no longer be sat.
    """
    if law.parameters.part_score_valid_months is None or _whole(row):
        return ()
    known = expired_attempts(row)
    found = []
    for rule in rules.parts:
        mark = (
            PartMark.objects.filter(candidacy=row, part=rule.part).select_related("submission").order_by("-id").first()
        )
        if mark is None or mark.attempted in known or mark.mark < rule.pass_mark or mark.proposed_fail:
            continue
        hold = holds([row.uuid], rule.part).get(row.uuid)
        if hold is not None and hold.held and hold.reason != PASSED:
            continue
        if _expire(row, rule, mark, law, on, now):
            found.append(rule.part)
    return tuple(found)


def _whole(row: Candidacy) -> bool:
    """Passed and published, or every part has its mark and the decision is on its way."""
    standings = GradeStanding.objects.filter(candidacy=row)
    passed = standings.filter(state=GradeState.PUBLISHED).exclude(decision__grade__in=["", Grade.FAIL])
    return passed.exists() or standings.filter(state__in=OPEN_STATES).exclude(decision__grade="").exists()


def _expire(row: Candidacy, rule: PartRule, mark: PartMark, law: ProfileData, on: date, now: datetime) -> bool:
    same = PartMark.objects.filter(candidacy=row, part=rule.part)
    same = same.filter(submission=mark.submission) if mark.submission else same.filter(attempt=mark.attempt)
    first = same.aggregate(first=Min("received_at"))["first"] if mark.submission or mark.attempt else mark.received_at
    passed_on = day_of(first)
    decision = policies.part_validity(law, part=rule.part, passed_on=passed_on, on=on)
    until = policies.months_after(passed_on, law.parameters.part_score_valid_months or 0)
    if not decision.refused or _under_way(row, until):
        return False
    stored = policies.store_decision(
        kind=DecisionKind.RESIT,
        subject_kind="candidacy",
        subject=row.uuid,
        decision=decision,
        profile=law.uuid,
        by=None,
        now=now,
    )
    ExpiredPart.objects.create(
        candidacy=row,
        part=rule.part,
        attempted=mark.attempted,
        passed_on=passed_on,
        until=until,
        policy_decision=stored,
        at=now,
    )
    if mark.submission is not None:
        with suppress(IllegalMove):  # it gave way before
            make_room(submission=mark.submission.uuid, now=now)
    hold_parts(candidacy=row.uuid, words=[Withheld(Part(rule.part), "")], now=now)
    notify(
        user=row.user,
        person=row.person,
        kind="part_expired",
        title=gettext_noop("A part you had passed counts no longer"),
        body=gettext_noop(
            "A part that you passed in %(class)s has expired before the rest was passed. You may sit it again."
        ),
        params={"class": row.class_name},
        url=reverse("assessment:results"),
        now=now,
        about=row.class_uid,
        about_name=row.class_name,
        key=str(stored),
    )
    audit.record(
        subject_kind="candidacy",
        subject=row.uuid,
        action="part_expired",
        actor=None,
        fields={"part": str(rule.part), "decision": stored},
        now=now,
    )
    return True


def _under_way(row: Candidacy, until: date) -> bool:
    """Something was handed in or begun in time and has no mark yet."""
    works = row.submissions.filter(state__in=LIVE, part_marks=None)
    return any(day_of(at) <= until for at in works.values_list("created_at", flat=True)) or any(
        day_of(at) <= until for at in begun_untold(row.uuid)
    )


def due(now: datetime) -> Iterator[UUID]:
    """Open candidacies that may hold an expired part: marks older than their law book's months, each month as short as any."""
    marked = Candidacy.objects.filter(
        Exists(PartMark.objects.filter(candidacy=OuterRef("pk"))), state=CandidacyState.OPEN
    )
    for profile in set(marked.values_list("profile", flat=True)):
        try:
            months = policies.profile(profile).parameters.part_score_valid_months
        except policies.NoProfile:
            continue
        if months is None:
            continue
        oldest = marked.filter(profile=profile).annotate(oldest=Min("part_marks__received_at"))
        for uuid, first in oldest.order_by("id").values_list("uuid", "oldest"):
            if (now - first).days >= months * 28:
                yield uuid
