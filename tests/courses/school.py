"""Classes and enrolments for the standing cast (tests/media_pipeline/cast.py)."""

from datetime import date, timedelta
from typing import Any

from assessment.api import approve_specification, load_specifications, specifications
from courses.classes.models import TrainingClass
from courses.classes.services import move_class, plan_class
from courses.classes.types import ClassPlan, ClassState
from courses.enrolment.models import Enrolment
from courses.enrolment.services import approve_enrolment, submit_enrolment
from courses.enrolment.types import Declaration
from lms.accounts.api import Person
from lms.core.types import Level
from lms.core.workdays.api import load_workdays
from lms.policies.api import load_profiles, profile_in_force
from tests.assessment.people import person_of, with_pool_offices
from tests.media_pipeline.cast import NOW, Cast

FIRST_DAY = NOW.date() + timedelta(days=30)


def lay_rules(cast: Cast) -> None:
    """Profiles, calendar, and every specification approved by the city's bureau."""
    load_workdays()
    load_profiles()
    load_specifications()
    with_pool_offices(cast)
    for one in specifications():
        if not one.approved:
            approve_specification(by=cast.acting("city_bureau"), specification=one.uuid, now=NOW)


def plan(**changes: Any) -> ClassPlan:
    fields: dict[str, Any] = {
        "name": "连江县初级班第3期",
        "level": Level.ELEMENTARY,
        "occupation": "互联网营销师",
        "job": "直播销售员",
        "starts_on": FIRST_DAY,
        "ends_on": FIRST_DAY + timedelta(days=5),
        "planned_hours": 40,
        "capacity": 30,
    }
    return ClassPlan(**(fields | changes))


def planned(cast: Cast, key: str = "demonstration", *, who: str = "school_admin", **changes: Any) -> TrainingClass:
    rules = profile_in_force(key, NOW.date())
    return plan_class(by=cast.acting(who), policy=rules.uuid, plan=plan(**changes), now=NOW)


def pin(row: TrainingClass, key: str) -> TrainingClass:
    """Put a class under another policy, as if planned so: for policies whose window or specification is not at hand."""
    TrainingClass.objects.filter(pk=row.pk).update(profile=profile_in_force(key, NOW.date()).uuid)
    row.refresh_from_db()
    return row


def opened(cast: Cast, key: str = "demonstration", *, reason: str = "", **changes: Any) -> TrainingClass:
    """A class that takes enrolments."""
    row = planned(cast, key, **changes)
    row = move_class(by=cast.acting("school_admin"), training_class=row, to=ClassState.FILED, now=NOW)
    return move_class(by=cast.acting("bureau"), training_class=row, to=ClassState.OPEN, reason=reason, now=NOW)


def asked(
    cast: Cast, row: TrainingClass, who: str = "owner", *, born: date = date(1998, 5, 4), **declared: Any
) -> Enrolment:
    person = person_of(cast, who)
    Person.objects.filter(pk=person.pk).update(birth_date=born)
    return submit_enrolment(by=cast.acting(who), training_class=row.uuid, declared=Declaration(**declared), now=NOW)


def admitted(cast: Cast, row: TrainingClass, who: str = "owner") -> Enrolment:
    return approve_enrolment(by=cast.acting("school_admin"), enrolment=asked(cast, row, who), now=NOW)
