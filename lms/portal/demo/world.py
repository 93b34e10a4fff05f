"""The demonstration world: organisations, people and works, made by the same services that people use.

Everything is marked `is_demo`, every name is invented, every identity number is synthetic (region 99, which no place has).
Building it twice changes nothing.
"""

import json
import os
import secrets
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction

from lms.accounts.api import (
    INSTALLATION,
    Acting,
    DocumentKind,
    Organisation,
    OrganisationKind,
    Person,
    PersonData,
    Role,
    User,
    acting_for,
    check_digit,
    create_organisation,
    create_person,
    create_user,
    demo_totp,
    enrol_demo_second_factor,
    grant_membership,
    role_label,
)

CITY, COUNTY, OTHER_COUNTY = "福州市（演示）", "连江县（演示）", "罗源县（演示）"
SCHOOL, OTHER_SCHOOL = "连江县演示职业培训学校", "罗源县演示培训中心"
BODY = "福州市演示技能鉴定中心"
CITY_BUREAU = "福州市人社局（演示）"

# name, parent, kind
_PLACES: tuple[tuple[str, str | None, OrganisationKind], ...] = (
    (CITY, None, OrganisationKind.CITY),
    (CITY_BUREAU, CITY, OrganisationKind.BUREAU),
    (BODY, CITY, OrganisationKind.EVALUATION_BODY),
    (COUNTY, CITY, OrganisationKind.COUNTY),
    ("连江县人社局（演示）", COUNTY, OrganisationKind.BUREAU),
    (SCHOOL, COUNTY, OrganisationKind.INSTITUTION),
    (OTHER_COUNTY, CITY, OrganisationKind.COUNTY),
    (OTHER_SCHOOL, OTHER_COUNTY, OrganisationKind.INSTITUTION),
)


@dataclass(frozen=True)
class Character:
    """Somebody of the demonstration. `born` as yyyymmdd; the sequence's parity gives the sex (even: female)."""

    key: str
    name: str
    role: Role
    place: str
    born: str
    sequence: str


CAST: tuple[Character, ...] = (
    Character("trainee", "林晓燕", Role.TRAINEE, SCHOOL, "19950412", "012"),
    Character("trainee-dates", "陈芳", Role.TRAINEE, SCHOOL, "19881103", "024"),
    Character("trainee-new", "王小梅", Role.TRAINEE, SCHOOL, "20010726", "036"),
    Character("trainee-fresh", "赵春梅", Role.TRAINEE, SCHOOL, "19960822", "038"),
    Character("trainee-other", "李强", Role.TRAINEE, OTHER_SCHOOL, "19930219", "011"),
    Character("examiner", "周文静", Role.EXAMINER, BODY, "19800815", "048"),
    Character("examiner-2", "马丽娟", Role.EXAMINER, BODY, "19830409", "056"),
    Character("examiner-3", "孙志强", Role.EXAMINER, BODY, "19791118", "019"),
    Character("examiner-4", "林国栋", Role.EXAMINER, BODY, "19770630", "021"),
    Character("chief", "吴建国", Role.CHIEF_EXAMINER, BODY, "19750120", "013"),
    Character("committee", "郑秀兰", Role.COMMITTEE, BODY, "19830608", "052"),
    Character("committee-2", "余海燕", Role.COMMITTEE, BODY, "19861021", "074"),
    Character("committee-3", "陈玉珍", Role.COMMITTEE, BODY, "19790425", "086"),
    Character("body", "方敏", Role.INSTITUTION_ADMIN, BODY, "19860127", "068"),
    Character("instructor", "高建华", Role.INSTRUCTOR, SCHOOL, "19810516", "023"),
    Character("invigilator", "罗志远", Role.INVIGILATOR, SCHOOL, "19850118", "031"),
    Character("institution", "黄丽", Role.INSTITUTION_ADMIN, SCHOOL, "19900304", "064"),
    Character("hr", "许志明", Role.HR_BUREAU, "连江县人社局（演示）", "19781212", "015"),
    Character("hr-city", "蒋敏", Role.HR_BUREAU, CITY_BUREAU, "19841003", "072"),
    Character("inspector", "何勇", Role.INSPECTOR, CITY_BUREAU, "19820922", "017"),
    Character("administrator", "管理员", Role.ADMINISTRATOR, CITY, "19850505", "019"),
)


@dataclass(frozen=True)
class World:
    """The cast by key, the places by name, everybody's password, and whether anything was made just now."""

    users: dict[str, User]
    places: dict[str, Organisation]
    password: str
    fresh: bool

    def acting(self, key: str) -> Acting:
        """On whose behalf this character acts."""
        return acting_for(self.users[key], None)

    def person(self, key: str) -> UUID:
        """Who this character is."""
        return Person.objects.values_list("uuid", flat=True).get(user=self.users[key])

    def place(self, name: str) -> Organisation:
        """An organisation of the demonstration."""
        return self.places[name]


def synthetic_number(character: Character) -> str:
    """A resident identity number of the unassigned region 99 with a right date and check digit."""
    body = f"990101{character.born}{character.sequence}"
    return body + check_digit(body)


def _password(path: Path) -> str:
    """One password for the whole cast, drawn once for this installation (mode 0600)."""
    if path.exists():
        return str(json.loads(path.read_text())["password"])
    drawn = f"kaibo-{secrets.token_hex(4)}"
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump({"password": drawn}, file)
    return drawn


@transaction.atomic
def build_world(*, now: datetime) -> World:
    """Make what is missing of the demonstration world. Raises RuntimeError outside a demonstration."""
    if not settings.DEMO or settings.PRODUCTION:
        raise RuntimeError("the demonstration world is built only with KAIBO_DEMO=1, never in production")
    password = _password(Path(settings.VAR_DIR) / "demo" / "password.json")
    places: dict[str, Organisation] = {}
    fresh = False
    for name, parent, kind in _PLACES:
        place = Organisation.objects.filter(name=name, is_demo=True).first()
        if place is None:
            fresh = True
            above = Organisation.objects.get(pk=places[parent].pk) if parent else None
            place = create_organisation(by=INSTALLATION, parent=above, name=name, kind=kind, now=now, is_demo=True)
        places[name] = place
    users: dict[str, User] = {}
    for character in CAST:
        user = User.objects.filter(display_name=character.name, is_demo=True).first()
        if user is None:
            fresh = True
            user = _make(character, places[character.place], password, now)
        users[character.key] = user
    return World(users, places, password, fresh)


def _make(character: Character, place: Organisation, password: str, now: datetime) -> User:
    user = create_user(
        by=INSTALLATION,
        organisation=place,
        display_name=character.name,
        password=password,
        password_is_initial=False,
        is_demo=True,
        now=now,
    )
    data = PersonData(
        name=character.name, document_type=DocumentKind.RESIDENT_CARD, document_number=synthetic_number(character)
    )
    create_person(by=INSTALLATION, organisation=place, data=data, user=user, is_demo=True, now=now)
    grant_membership(by=INSTALLATION, user=user, organisation=place, role=character.role, now=now)
    if character.role is not Role.TRAINEE:
        enrol_demo_second_factor(user=user)
    return user


@dataclass(frozen=True)
class Login:
    """How one of the cast signs in now. `code` is empty for trainees, who need none."""

    key: str
    username: str
    name: str
    role_label: str
    code: str

    @property
    def line(self) -> str:
        """For a terminal."""
        return f"  {self.username}  {self.name}  {self.role_label}" + (
            f"  动态码 code {self.code}" if self.code else ""
        )

    def as_dict(self, password: str) -> dict[str, str]:
        """For programs."""
        return {"username": self.username, "name": self.name, "password": password, "code": self.code}


def logins(world: World) -> list[Login]:
    """The whole cast; codes are those of this half minute."""
    return [
        Login(
            character.key,
            world.users[character.key].username,
            character.name,
            role_label(character.role),
            "" if character.role is Role.TRAINEE else demo_totp(world.users[character.key]),
        )
        for character in CAST
    ]
