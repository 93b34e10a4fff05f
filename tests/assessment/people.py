"""Candidacies and filed examiners for the standing cast (tests/media_pipeline/cast.py)."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from allauth.mfa.models import Authenticator

from assessment.api import CandidacyData, Grant, renew_candidacy
from assessment.examiners.models import Examiner
from assessment.examiners.services import add_examiner, move_examiner
from assessment.examiners.types import ExaminerGrade, ExaminerState
from assessment.specification.types import Part
from lms.accounts.api import (
    INSTALLATION,
    Organisation,
    OrganisationKind,
    Person,
    PersonData,
    Role,
    User,
    create_organisation,
    create_person,
    create_user,
    grant_membership,
)
from lms.core.types import Level
from tests.media_pipeline.cast import NOW, Cast

TODAY = NOW.date()
VIDEO = (Grant(Part.VIDEO, True, ""),)


def person_of(cast: Cast, who: str, birth_date: date = date(1998, 5, 4)) -> Person:
    """The person behind a login of the cast."""
    held = Person.objects.filter(user=cast.users[who]).first()
    return held or create_person(
        by=INSTALLATION,
        organisation=cast.school,
        data=PersonData(name=cast.users[who].display_name, birth_date=birth_date),
        user=cast.users[who],
        now=NOW,
    )


def open_candidacy(cast: Cast, who: str = "owner", **changes: Any) -> CandidacyData:
    """A candidacy at the school, entitled to the video."""
    fields: dict[str, Any] = {
        "person": person_of(cast, who).uuid,
        "user": cast.uuid(who),
        "class_uid": uuid4(),
        "class_name": "连江县初级班第3期",
        "organisation": cast.school.uuid,
        "organisation_path": cast.school.path,
        "organisation_name": cast.school.name,
        "level": Level.ELEMENTARY,
        "job": "直播销售员",
        "planned_hours": 40,
        "profile": uuid4(),
        "specification": uuid4(),
        "entitlements": VIDEO,
        "by": None,
        "now": NOW,
    }
    return renew_candidacy(**(fields | changes))


def body_of(cast: Cast) -> Organisation:
    return Organisation.objects.get(kind=OrganisationKind.EVALUATION_BODY, name="福州市鉴定中心")


def member(place: Organisation, role: Role, name: str) -> User:
    user = create_user(
        by=INSTALLATION, organisation=place, display_name=name, password="x", now=NOW, password_is_initial=False
    )
    grant_membership(by=INSTALLATION, user=user, organisation=place, role=role, now=NOW)
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "x"})
    return user


def with_pool_offices(cast: Cast) -> Cast:
    """Adds to the cast: "body_admin" (staff of the evaluation body), "city_bureau" (files its pool). Twice is once."""
    if "body_admin" not in cast.users:
        bureau = create_organisation(
            by=INSTALLATION, parent=cast.city, name="福州市人社局", kind=OrganisationKind.BUREAU, now=NOW
        )
        cast.users["body_admin"] = member(body_of(cast), Role.INSTITUTION_ADMIN, "钟老师")
        cast.users["city_bureau"] = member(bureau, Role.HR_BUREAU, "市局科长")
    return cast


def pool(cast: Cast, who: str = "examiner", **changes: Any) -> Examiner:
    """An examiner of the cast in the pool of her body, not filed yet."""
    with_pool_offices(cast)
    fields: dict[str, Any] = {
        "user": cast.uuid(who),
        "card_no": f"KP-{who}",
        "grade": ExaminerGrade.EXAMINER,
        "levels": [Level.ELEMENTARY, Level.INTERMEDIATE, Level.ADVANCED],
        "valid_from": TODAY - timedelta(days=100),
        "valid_to": TODAY + timedelta(days=1000),
        "now": NOW,
    }
    return add_examiner(by=cast.acting("body_admin"), **(fields | changes))


def filed(cast: Cast, who: str = "examiner", **changes: Any) -> Examiner:
    """The same, filed by the city's bureau."""
    row = pool(cast, who, **changes)
    return move_examiner(by=cast.acting("city_bureau"), examiner=row, to=ExaminerState.FILED, now=NOW)
