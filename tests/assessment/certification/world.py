"""A county with an evaluation body, its bureau, a school, and trainees whose passes are published."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

from assessment.candidates.models import Candidacy
from assessment.certification import issuing, services
from assessment.certification.loading import load_schemes
from assessment.certification.models import Batch, Certificate
from assessment.results.models import GradeDecision, GradeStanding
from assessment.results.types import GradeState
from assessment.specification.selectors import versions
from assessment.specification.services import load_specifications
from lms.accounts.api import (
    INSTALLATION,
    Acting,
    DocumentKind,
    Person,
    PersonData,
    Role,
    User,
    acting_for,
    check_digit,
    create_person,
)
from lms.core.reference import content_hash
from lms.core.types import Level
from lms.policies.api import load_profiles, profile_in_force
from tests.lms.accounts.world import NOW, Places, build_places, make_user

CODES = {"body_type": "S", "body": "0000", "province": "35", "site": "000012"}
NAMES = ("林晓燕", "陈芳", "欧阳修文", "王强")


@dataclass(frozen=True)
class World:
    """`clerk` works for the body, `officer` for the county's bureau; `trainees` passed at level 5, in this order."""

    places: Places
    users: dict[str, User]
    people: list[Person]

    def acting(self, who: str) -> Acting:
        return acting_for(self.users[who], None)

    @property
    def clerk(self) -> Acting:
        return self.acting("clerk")

    @property
    def officer(self) -> Acting:
        return self.acting("officer")


def build_world(*, passed: int = 3) -> World:
    load_profiles()
    load_specifications()
    load_schemes()
    places = build_places()
    staff = {
        "clerk": (places.body, Role.INSTITUTION_ADMIN),
        "other_clerk": (places.other_body, Role.INSTITUTION_ADMIN),
        "school_admin": (places.school, Role.INSTITUTION_ADMIN),
        "officer": (places.bureau, Role.HR_BUREAU),
        "other_officer": (places.other_bureau, Role.HR_BUREAU),
        "chief": (places.body, Role.CHIEF_EXAMINER),
        "inspector": (places.county, Role.INSPECTOR),
    }
    users = {who: make_user(place, role, name=who) for who, (place, role) in staff.items()}
    world = World(places, users, [])
    services.set_codes(by=world.officer, body=places.body.uuid, scheme="skill_level_22", codes=CODES, now=NOW)
    for number in range(passed):
        person = trainee(world, number)
        world.people.append(person)
        publish_grade(candidacy_of(world, person))
    return world


def trainee(world: World, number: int) -> Person:
    """A trainee of the school with a synthetic identity card."""
    user = make_user(world.places.school, Role.TRAINEE, name=NAMES[number % len(NAMES)])
    world.users[f"trainee{number}"] = user
    first17 = f"99010119880506{number + 1:02d}2"
    data = PersonData(
        name=NAMES[number % len(NAMES)],
        document_type=DocumentKind.RESIDENT_CARD,
        document_number=first17 + check_digit(first17),
        phone="13800001234",
    )
    return create_person(by=INSTALLATION, organisation=world.places.school, data=data, user=user, now=NOW)


def candidacy_of(world: World, person: Person, *, level: int = 5) -> Candidacy:
    """Her examination in a class of the school, as the room of classes makes it."""
    # Version 1 asks for the video alone.
    spec = versions("demonstration", Level(level))[-1]
    profile = profile_in_force("demonstration", NOW.date())
    school = world.places.school
    return Candidacy.objects.create(
        person=person.uuid,
        user=person.user.uuid if person.user else None,
        class_uid=uuid4(),
        class_name="连江县初级班第3期",
        organisation=school.uuid,
        organisation_path=school.path,
        organisation_name=school.name,
        level=level,
        job="直播销售员",
        planned_hours=100,
        profile=profile.uuid,
        specification=spec.uuid,
        created_at=NOW,
        renewed_at=NOW,
    )


def publish_grade(
    candidacy: Candidacy, *, grade: str = "good", composite: str = "82.0", version: int = 1
) -> GradeStanding:
    """A published grade decision, as the room of results leaves it."""
    decision = GradeDecision.objects.create(
        candidacy=candidacy,
        version=version,
        specification=candidacy.specification,
        specification_hash="0" * 64,
        profile=candidacy.profile,
        profile_hash="0" * 64,
        policy_decision=uuid4(),
        parts=[],
        composite=Decimal(composite),
        grade=grade,
        content_hash=content_hash(f"{candidacy.uuid} {version}"),
        created_at=NOW,
    )
    return GradeStanding.objects.create(
        decision=decision,
        candidacy=candidacy,
        state=GradeState.PUBLISHED,
        confirmed_by=uuid4(),
        confirmed_at=NOW,
        released_by=uuid4(),
        released_at=NOW + timedelta(seconds=version),
        moved_at=NOW,
    )


def frozen(world: World, *people: Person) -> Batch:
    """A batch of these people (default: all), frozen and filed."""
    chosen = people or tuple(world.people)
    rows = Candidacy.objects.filter(person__in=[person.uuid for person in chosen])
    first = rows[0]
    batch = services.create_batch(by=world.clerk, level=first.level, specification=first.specification, now=NOW)
    services.freeze_batch(by=world.clerk, batch=batch.uuid, candidacies=[row.uuid for row in rows], now=NOW)
    return services.file_batch(by=world.clerk, batch=batch.uuid, now=NOW)


def reviewed(world: World, *people: Person) -> Batch:
    return services.review_batch(by=world.officer, batch=frozen(world, *people).uuid, now=NOW)


def numbered(world: World, *people: Person) -> Batch:
    batch = reviewed(world, *people)
    services.allocate_numbers(by=world.officer, batch=batch.uuid, now=NOW)
    return batch


def issued(world: World, *people: Person) -> list[Certificate]:
    return issuing.issue_batch(by=world.clerk, batch=numbered(world, *people).uuid, now=NOW)
