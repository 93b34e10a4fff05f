"""Asking to join, being admitted, training, result and certificate."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from assessment.api import AttemptsUsedUp, CandidacyState, Onward, Part, candidacy, entitlement, open_candidacies
from assessment.candidates.models import Candidacy
from assessment.results.models import GradeDecision, GradeStanding, UsedUp
from courses.classes.models import TrainingClass
from courses.classes.services import move_class
from courses.classes.types import ClassState
from courses.enrolment.models import Enrolment
from courses.enrolment.services import (
    approve_enrolment,
    let_leave,
    record_certificate,
    record_result,
    reject_enrolment,
    start_training,
    withdraw_enrolment,
)
from courses.enrolment.types import EnrolmentRefused, EnrolmentState
from lms.accounts.api import NotAllowed
from lms.accounts.registration.models import Registration
from lms.accounts.slips.models import IdentityCheck
from lms.core import audit
from lms.core.events import publish
from lms.core.states import IllegalMove
from lms.core.types import Level
from lms.notices.api import unread_count
from lms.notices.models import Notice
from lms.policies.api import DecisionKind, Outcome, decision, decisions_about
from media_pipeline.api import AssetState, UploadRefused
from media_pipeline.assets.models import MediaAsset
from tests.assessment.people import person_of
from tests.courses.school import FIRST_DAY, admitted, asked, opened, pin
from tests.media_pipeline.cast import NOW, Cast, hand_in


def years(number: int, *, off: timedelta = timedelta()) -> date:
    """Born so many years before the first training day."""
    return FIRST_DAY.replace(year=FIRST_DAY.year - number) + off


def admit(cast: Cast, enrolment: Enrolment, **said: Any) -> Enrolment:
    return approve_enrolment(by=cast.acting("school_admin"), enrolment=enrolment, now=NOW, **said)


def reason_of(enrolment: Enrolment, rule: str) -> Any:
    assert enrolment.decision
    return decision(enrolment.decision).decision.reason(rule)


def test_the_whole_way(cast: Cast) -> None:
    row = opened(cast)
    enrolment = admitted(cast, row)
    assert unread_count(cast.acting("owner")) == 1
    assert start_training(by=cast.acting("school_admin"), training_class=row, now=NOW) == 1
    enrolment.refresh_from_db()
    row.refresh_from_db()
    assert (enrolment.state, row.state) == (EnrolmentState.IN_TRAINING, ClassState.TEACHING)
    assert enrolment.candidacy
    held = candidacy(enrolment.candidacy)
    assert (held.person, held.class_uid, held.planned_hours, held.specification) == (
        enrolment.person.uuid,
        row.uuid,
        40,
        row.specification,
    )
    video = entitlement(held.uuid, Part.VIDEO)
    assert video
    assert video.granted
    assert decisions_about(held.uuid, DecisionKind.EXAM_ENTITLEMENT)
    hand_in(cast)
    record_result(candidacy=held.uuid, onward=Onward.PASSED, now=NOW)
    record_result(candidacy=held.uuid, onward=Onward.PASSED, now=NOW)  # told again: nothing new
    enrolment.refresh_from_db()
    assert enrolment.state == EnrolmentState.PASSED
    assert candidacy(held.uuid).state is CandidacyState.CLOSED
    paper = uuid4()
    record_certificate(candidacy=held.uuid, certificate=paper, now=NOW)
    enrolment.refresh_from_db()
    assert (enrolment.state, enrolment.certificate) == (EnrolmentState.CERTIFIED, paper)
    assert audit.verify(enrolment.uuid).ok


def test_a_failed_trainee_may_join_another_class(cast: Cast) -> None:
    first = opened(cast)
    enrolment = admitted(cast, first)
    start_training(by=cast.acting("school_admin"), training_class=first, now=NOW)
    enrolment.refresh_from_db()
    assert enrolment.candidacy
    record_result(candidacy=enrolment.candidacy, onward=Onward.RESIT, now=NOW)
    second = opened(cast, name="第4期")
    admitted(cast, second)
    assert start_training(by=cast.acting("school_admin"), training_class=second, now=NOW) == 1


def in_training(cast: Cast, **changes: Any) -> Enrolment:
    """Somebody in a class that is being taught."""
    row = opened(cast, **changes)
    enrolment = admitted(cast, row)
    start_training(by=cast.acting("school_admin"), training_class=row, now=NOW)
    return Enrolment.objects.select_related("training_class").get(pk=enrolment.pk)


def told(enrolment: Enrolment, onward: Onward) -> Enrolment:
    assert enrolment.candidacy
    record_result(candidacy=enrolment.candidacy, onward=onward, now=NOW)
    enrolment.refresh_from_db()
    return enrolment


def state_of(enrolment: Enrolment) -> tuple[str, CandidacyState]:
    enrolment.refresh_from_db()
    assert enrolment.candidacy
    return enrolment.state, candidacy(enrolment.candidacy).state


def test_an_absence_that_used_the_last_attempt_ends_it_like_a_failed_one(cast: Cast) -> None:
    enrolment = in_training(cast)
    assert enrolment.candidacy
    publish(AttemptsUsedUp(enrolment.candidacy, enrolment.person.uuid, Onward.RETAKE_REQUIRED))
    assert state_of(enrolment) == (EnrolmentState.RETAKE_REQUIRED, CandidacyState.CLOSED)


@pytest.mark.req("S5-24", "S5-25")
def test_a_resit_keeps_the_examination_open_and_a_retake_ends_it(cast: Cast) -> None:
    enrolment = told(in_training(cast), Onward.RESIT)
    assert state_of(enrolment) == (EnrolmentState.RESIT, CandidacyState.OPEN)
    told(enrolment, Onward.RESIT)  # failed again, with no limit
    assert state_of(enrolment) == (EnrolmentState.RESIT, CandidacyState.OPEN)
    told(enrolment, Onward.RETAKE_REQUIRED)
    assert state_of(enrolment) == (EnrolmentState.RETAKE_REQUIRED, CandidacyState.CLOSED)
    told(enrolment, Onward.PASSED)  # an appeal
    assert enrolment.state == EnrolmentState.PASSED
    told(enrolment, Onward.RESIT)  # and another
    assert state_of(enrolment) == (EnrolmentState.RESIT, CandidacyState.OPEN)
    told(enrolment, Onward.OVER)
    assert state_of(enrolment) == (EnrolmentState.FAILED, CandidacyState.CLOSED)


def test_who_gives_up_her_resit_may_join_another_class(cast: Cast) -> None:
    enrolment = told(in_training(cast), Onward.RESIT)
    work = hand_in(cast)
    with pytest.raises(EnrolmentRefused) as refusal:
        withdraw_enrolment(by=cast.acting("owner"), enrolment=enrolment, now=NOW)
    assert refusal.value.code == "judging"
    MediaAsset.objects.filter(pk=work.pk).update(state=AssetState.REJECTED, refusal=[{"code": "too_short"}])
    withdraw_enrolment(by=cast.acting("owner"), enrolment=enrolment, now=NOW)
    assert state_of(enrolment) == (EnrolmentState.WITHDRAWN, CandidacyState.CLOSED)
    told(enrolment, Onward.PASSED)  # too late: she has left
    assert enrolment.state == EnrolmentState.WITHDRAWN


@pytest.mark.req("S5-25")
def test_the_end_of_a_new_training_sets_the_retaker_free(cast: Cast) -> None:
    first = told(in_training(cast), Onward.RETAKE_REQUIRED)
    first.refresh_from_db()
    assert first.candidacy
    ended = GradeDecision.objects.create(
        candidacy=Candidacy.objects.get(uuid=first.candidacy),
        version=1,
        specification=first.training_class.specification,
        specification_hash="a" * 64,
        profile=first.training_class.profile,
        profile_hash="a" * 64,
        policy_decision=uuid4(),
        parts=[],
        composite=50,
        grade="fail",
        content_hash="a" * 64,
        created_at=NOW,
    )
    out = {
        "state": "published",
        "confirmed_by": uuid4(),
        "confirmed_at": NOW,
        "released_by": uuid4(),
        "released_at": NOW,
    }
    GradeStanding.objects.create(decision=ended, candidacy=ended.candidacy, moved_at=NOW, **out)
    UsedUp.objects.create(candidacy=ended.candidacy, retake=True, policy_decision=uuid4(), at=NOW)
    second = in_training(cast, name="第4期")
    assert second.candidacy
    with pytest.raises(UploadRefused):
        hand_in(cast)
    word = entitlement(second.candidacy, Part.VIDEO)
    assert word
    assert (word.granted, word.held) == (False, True)
    move_class(by=cast.acting("school_admin"), training_class=second.training_class, to=ClassState.FINISHED, now=NOW)
    hand_in(cast)


def test_a_result_outside_any_class_is_left_alone(cast: Cast) -> None:
    row = opened(cast)
    enrolment = admitted(cast, row)
    start_training(by=cast.acting("school_admin"), training_class=row, now=NOW)
    before, told = Enrolment.objects.filter(pk=enrolment.pk).values().get(), Notice.objects.count()
    record_result(candidacy=uuid4(), onward=Onward.PASSED, now=NOW)
    record_certificate(candidacy=uuid4(), certificate=uuid4(), now=NOW)
    assert Enrolment.objects.filter(pk=enrolment.pk).values().get() == before
    assert Notice.objects.count() == told


@pytest.mark.parametrize(
    "born, state, outcome",
    (
        (years(16, off=timedelta(days=1)), EnrolmentState.REJECTED, Outcome.NOT_MET),
        (years(16), EnrolmentState.SUBMITTED, Outcome.MET),
    ),
)
def test_the_youngest_is_sixteen_on_the_first_training_day(
    cast: Cast, born: date, state: EnrolmentState, outcome: Outcome
) -> None:
    enrolment = asked(cast, opened(cast), born=born)
    assert enrolment.state == state
    assert reason_of(enrolment, "minimum_age").outcome is outcome


def test_a_minor_waits_for_her_guardians_consent(cast: Cast) -> None:
    enrolment = asked(cast, opened(cast), born=years(17), guardian_consent=True)  # her own word counts for nothing
    assert reason_of(enrolment, "guardian_consent").outcome is Outcome.UNKNOWN
    with pytest.raises(EnrolmentRefused) as refusal:
        admit(cast, enrolment)
    assert refusal.value.code == "unknown"
    enrolment = admit(cast, enrolment, guardian_consent=True)
    assert enrolment.state == EnrolmentState.APPROVED
    assert reason_of(enrolment, "guardian_consent").outcome is Outcome.MET


def fuzhou(cast: Cast) -> TrainingClass:
    """A class of the Fuzhou policy, opened by hand: its window is over."""
    return pin(opened(cast), "fuzhou_2021")


@pytest.mark.req("S2-03", "S2-02")
@pytest.mark.parametrize(
    "declared, state",
    (
        ({"is_student": True, "on_establishment": False}, EnrolmentState.REJECTED),
        ({"is_student": False, "on_establishment": True}, EnrolmentState.REJECTED),
        ({"is_student": False, "on_establishment": False}, EnrolmentState.SUBMITTED),
    ),
)
def test_students_and_public_staff_are_excluded_where_the_policy_says_so(
    cast: Cast, declared: dict[str, Any], state: EnrolmentState
) -> None:
    enrolment = asked(cast, fuzhou(cast), **declared)
    assert enrolment.state == state
    assert enrolment.declaration.is_student is declared["is_student"]


def test_what_is_unknown_never_admits(cast: Cast) -> None:
    enrolment = asked(cast, fuzhou(cast))
    assert enrolment.state == EnrolmentState.SUBMITTED
    with pytest.raises(EnrolmentRefused) as refusal:
        admit(cast, enrolment)
    assert refusal.value.code == "unknown"


def test_a_policy_with_an_attendance_gate_opens_no_video_without_attendance(cast: Cast) -> None:
    row = fuzhou(cast)
    admit(cast, asked(cast, row, is_student=False, on_establishment=False))
    start_training(by=cast.acting("school_admin"), training_class=row, now=NOW)
    with pytest.raises(UploadRefused) as refusal:
        hand_in(cast)
    assert refusal.value.code == "not_entitled"


@pytest.mark.req("S1-10")
def test_a_closed_level_is_refused_with_its_reason(cast: Cast) -> None:
    row = opened(cast)
    TrainingClass.objects.filter(pk=row.pk).update(level=Level.TECHNICIAN)
    row.refresh_from_db()
    enrolment = asked(cast, row)
    assert enrolment.state == EnrolmentState.REJECTED
    assert reason_of(enrolment, "levels_open").found == "2"


def test_places_are_not_given_twice(cast: Cast) -> None:
    row = opened(cast, capacity=1)
    admitted(cast, row)
    late = asked(cast, row, "colleague")
    with pytest.raises(EnrolmentRefused) as refusal:
        admit(cast, late)
    assert refusal.value.code == "full"


def test_one_enrolment_a_level_until_it_is_over(cast: Cast) -> None:
    first, second = opened(cast), opened(cast, name="第4期")
    enrolment = asked(cast, first)
    with pytest.raises(EnrolmentRefused) as refusal:
        asked(cast, second)
    assert refusal.value.code == "twice"
    withdraw_enrolment(by=cast.acting("owner"), enrolment=enrolment, now=NOW)
    asked(cast, second)
    with pytest.raises(IllegalMove):
        admit(cast, enrolment)


def test_only_open_classes_of_her_own_institution(cast: Cast) -> None:
    row = opened(cast)
    with pytest.raises(EnrolmentRefused):
        asked(cast, row, "stranger")
    TrainingClass.objects.filter(pk=row.pk).update(state=ClassState.TEACHING)
    with pytest.raises(EnrolmentRefused):
        asked(cast, row)


def test_the_institution_decides_on_its_own(cast: Cast) -> None:
    enrolment = asked(cast, opened(cast))
    for who in ("owner", "colleague", "other_admin", "body_admin", "instructor", "inspector", "chief"):
        with pytest.raises(NotAllowed):
            approve_enrolment(by=cast.acting(who), enrolment=enrolment, now=NOW)
    with pytest.raises(NotAllowed):
        withdraw_enrolment(by=cast.acting("colleague"), enrolment=enrolment, now=NOW)
    approve_enrolment(by=cast.acting("bureau"), enrolment=enrolment, now=NOW)


def test_who_registered_herself_is_admitted_once_her_paper_was_seen(cast: Cast) -> None:
    enrolment = asked(cast, opened(cast))
    Registration.objects.create(person=enrolment.person, organisation=cast.school, created_at=NOW)
    with pytest.raises(EnrolmentRefused) as refusal:
        admit(cast, enrolment)
    assert refusal.value.code == "unseen"
    IdentityCheck.objects.create(
        person=enrolment.person.uuid, kind="paper_seen", by=cast.uuid("school_admin"), created_at=NOW
    )
    assert admit(cast, enrolment).state == EnrolmentState.APPROVED


def test_a_refusal_has_words_that_she_reads_and_the_database_does_not(cast: Cast) -> None:
    enrolment = asked(cast, opened(cast), category="disabled")
    with pytest.raises(EnrolmentRefused):
        reject_enrolment(by=cast.acting("school_admin"), enrolment=enrolment, reason=" ", now=NOW)
    reject_enrolment(by=cast.acting("school_admin"), enrolment=enrolment, reason="材料不全", now=NOW)
    with connection.cursor() as cursor:
        cursor.execute("SELECT declared, reason FROM courses_enrolment WHERE id = %s", [enrolment.pk])
        stored = cursor.fetchone()
    assert stored
    assert not any("disabled" in text or "材料" in text for text in stored)
    again = Enrolment.objects.get(pk=enrolment.pk)
    assert (again.reason, again.declaration.category) == ("材料不全", "disabled")


def test_training_starts_when_all_is_decided(cast: Cast) -> None:
    row = opened(cast)
    school = cast.acting("school_admin")
    with pytest.raises(EnrolmentRefused) as refusal:
        start_training(by=school, training_class=row, now=NOW)
    assert refusal.value.code == "nobody"
    admitted(cast, row)
    asked(cast, row, "colleague")
    with pytest.raises(EnrolmentRefused) as refusal:
        start_training(by=school, training_class=row, now=NOW)
    assert refusal.value.code == "waiting"
    row.refresh_from_db()
    assert row.state == ClassState.OPEN
    with pytest.raises(NotAllowed):
        start_training(by=cast.acting("other_admin"), training_class=row, now=NOW)
    reject_enrolment(
        by=school, enrolment=Enrolment.objects.get(person=person_of(cast, "colleague")), reason="材料不全", now=NOW
    )
    start_training(by=school, training_class=row, now=NOW)
    with pytest.raises(IllegalMove):
        start_training(by=school, training_class=row, now=NOW)


def test_who_leaves_the_training_may_enrol_anew(cast: Cast) -> None:
    row = opened(cast)
    enrolment = admitted(cast, row)
    school = cast.acting("school_admin")
    start_training(by=school, training_class=row, now=NOW)
    enrolment.refresh_from_db()
    with pytest.raises(EnrolmentRefused) as refusal:
        let_leave(by=school, enrolment=enrolment, reason=" ", now=NOW)
    assert refusal.value.code == "reason"
    with pytest.raises(NotAllowed):
        let_leave(by=cast.acting("other_admin"), enrolment=enrolment, reason="离开", now=NOW)
    let_leave(by=school, enrolment=enrolment, reason="迁居外地", now=NOW)
    enrolment.refresh_from_db()
    person = person_of(cast, "owner")
    assert (enrolment.state, enrolment.reason) == (EnrolmentState.WITHDRAWN, "迁居外地")
    assert open_candidacies(person.uuid) == ()
    with pytest.raises(IllegalMove):
        let_leave(by=school, enrolment=enrolment, reason="再次", now=NOW)


def test_nobody_leaves_while_her_work_is_judged(cast: Cast) -> None:
    row = opened(cast)
    enrolment = admitted(cast, row)
    school = cast.acting("school_admin")
    start_training(by=school, training_class=row, now=NOW)
    enrolment.refresh_from_db()
    hand_in(cast)
    with pytest.raises(EnrolmentRefused) as refusal:
        let_leave(by=school, enrolment=enrolment, reason="迁居外地", now=NOW)
    assert refusal.value.code == "judging"
    enrolment.refresh_from_db()
    assert enrolment.state == EnrolmentState.IN_TRAINING
    assert len(open_candidacies(person_of(cast, "owner").uuid)) == 1


def test_a_cancelled_class_lets_everybody_go(cast: Cast) -> None:
    row = opened(cast)
    enrolment = admitted(cast, row)
    move_class(by=cast.acting("school_admin"), training_class=row, to=ClassState.CANCELLED, reason="人数不足", now=NOW)
    enrolment.refresh_from_db()
    assert enrolment.state == EnrolmentState.REJECTED
    assert unread_count(cast.acting("owner")) == 2
    asked(cast, opened(cast, name="第4期"))
