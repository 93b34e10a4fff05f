"""The demonstration's training: the pool is filed, the body has its codes, a class teaches, another takes enrolments.

Made by the same services that people use, in the roles of those who would; building it twice changes nothing.
"""

from datetime import date, datetime, timedelta

from django.db import transaction

from assessment.api import (
    ExaminerGrade,
    ExaminerRefused,
    ExaminerState,
    add_examiner,
    approve_specification,
    move_examiner,
    set_codes,
    specifications,
)
from courses.api import (
    ClassPlan,
    ClassState,
    Declaration,
    TrainingClass,
    add_instructor,
    approve_enrolment,
    move_class,
    plan_class,
    start_training,
    submit_enrolment,
)
from lms.accounts.api import Person, consents_of, record_consent
from lms.core.clock import day_of
from lms.core.types import Level
from lms.policies.api import profile_in_force
from lms.portal.demo.world import BODY, World

PROFILE = "demonstration"
TEACHING, OPEN = "连江县初级班第3期（演示）", "连江县初级班第4期（演示）"
EXAMINERS = ("examiner", "examiner-2", "examiner-3", "examiner-4")
# In training from the start; one more may enrol in the open class.
IN_TRAINING = ("trainee", "trainee-dates", "trainee-new")
_SEEN = "演示：材料齐全"
# 99 is no province, so no number can be a real one.
_CODES = {"body_type": "S", "body": "0000", "province": "99", "site": "000001"}
_HOURS, _CAPACITY, _DAYS = 40, 50, 10


@transaction.atomic
def build_training(world: World, *, now: datetime) -> bool:
    """Make what is missing; whether anything was made."""
    if TrainingClass.objects.filter(name=OPEN, is_demo=True).exists():
        return False
    today = day_of(now)
    for each in specifications():
        if each.key == PROFILE and not each.approved:
            approve_specification(by=world.acting("hr-city"), specification=each.uuid, now=now)
    _file_examiners(world, today, now)
    set_codes(by=world.acting("hr-city"), body=world.place(BODY).uuid, scheme="skill_level_22", codes=_CODES, now=now)
    for who in IN_TRAINING:
        _consent(world, who, now)
    teaching = _class(world, TEACHING, today, now)
    for who in IN_TRAINING:
        enrolment = submit_enrolment(
            by=world.acting(who), training_class=teaching.uuid, declared=Declaration(), now=now, is_demo=True
        )
        approve_enrolment(by=world.acting("institution"), enrolment=enrolment, now=now)
    start_training(by=world.acting("institution"), training_class=teaching, now=now)
    _class(world, OPEN, today + timedelta(days=_DAYS), now)
    return True


def _file_examiners(world: World, today: date, now: datetime) -> None:
    for number, who in enumerate(EXAMINERS, start=1):
        try:
            examiner = add_examiner(
                by=world.acting("body"),
                user=world.users[who].uuid,
                card_no=f"演示{number:06}",
                grade=ExaminerGrade.EXAMINER,
                levels=[Level.ELEMENTARY, Level.INTERMEDIATE, Level.ADVANCED],
                valid_from=today,
                valid_to=today + timedelta(days=3 * 365),
                now=now,
                is_demo=True,
            )
        except ExaminerRefused as refused:
            if refused.code != "twice":
                raise
        else:
            move_examiner(by=world.acting("hr-city"), examiner=examiner, to=ExaminerState.FILED, now=now)


def _consent(world: World, who: str, now: datetime) -> None:
    person = Person.objects.get(uuid=world.person(who))
    for text in consents_of(person.uuid):
        if not text.given:
            record_consent(by=world.acting(who), person=person, text=text.text.uuid, given=True, now=now)


def _class(world: World, name: str, first: date, now: datetime) -> TrainingClass:
    made = plan_class(
        by=world.acting("institution"),
        policy=profile_in_force(PROFILE, first).uuid,
        plan=ClassPlan(
            name=name,
            level=Level.ELEMENTARY,
            occupation="互联网营销师",
            job="直播销售员",
            starts_on=first,
            ends_on=first + timedelta(days=_DAYS - 1),
            planned_hours=_HOURS,
            theory_hours=_HOURS // 2,
            practice_hours=_HOURS // 2,
            capacity=_CAPACITY,
        ),
        now=now,
        is_demo=True,
    )
    add_instructor(by=world.acting("institution"), training_class=made, person=world.person("instructor"), now=now)
    move_class(by=world.acting("institution"), training_class=made, to=ClassState.FILED, now=now)
    return move_class(by=world.acting("hr"), training_class=made, to=ClassState.OPEN, now=now, reason=_SEEN)
