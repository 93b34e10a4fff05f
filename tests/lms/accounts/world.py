"""A small city: two counties, a school in each, bureaus beside them; and browsers in which somebody is signed in."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from allauth.mfa.models import Authenticator
from django.test import Client

from lms.accounts.api import (
    INSTALLATION,
    DocumentKind,
    Organisation,
    OrganisationKind,
    Person,
    PersonData,
    Role,
    User,
    check_digit,
    create_organisation,
    create_person,
    create_user,
    enrol_demo_second_factor,
    grant_membership,
)
from lms.accounts.signin.signals import SECOND_FACTOR_KEY

NOW = datetime(2026, 3, 16, 6, 30, tzinfo=UTC)
PASSWORD = "rice-paper-lamp-7"


@dataclass(frozen=True)
class Places:
    city: Organisation
    county: Organisation
    other_county: Organisation
    bureau: Organisation
    other_bureau: Organisation
    body: Organisation
    other_body: Organisation
    school: Organisation
    other_school: Organisation


def build_places() -> Places:
    def place(parent: Organisation | None, name: str, kind: OrganisationKind) -> Organisation:
        return create_organisation(by=INSTALLATION, parent=parent, name=name, kind=kind, now=NOW)

    city = place(None, "福州市", OrganisationKind.CITY)
    county = place(city, "连江县", OrganisationKind.COUNTY)
    other = place(city, "罗源县", OrganisationKind.COUNTY)
    return Places(
        city=city,
        county=county,
        other_county=other,
        bureau=place(county, "连江县人社局", OrganisationKind.BUREAU),
        other_bureau=place(other, "罗源县人社局", OrganisationKind.BUREAU),
        body=place(county, "连江县鉴定站", OrganisationKind.EVALUATION_BODY),
        other_body=place(other, "罗源县鉴定站", OrganisationKind.EVALUATION_BODY),
        school=place(county, "连江县职业中学", OrganisationKind.INSTITUTION),
        other_school=place(other, "罗源县技工学校", OrganisationKind.INSTITUTION),
    )


def make_user(
    place: Organisation, *roles: Role, name: str = "林晓燕", second_factor: bool = True, initial: bool = False
) -> User:
    """A user with a password of her own, these roles, and for staff an authenticator."""
    user = create_user(
        by=INSTALLATION,
        organisation=place,
        display_name=name,
        password=PASSWORD,
        password_is_initial=initial,
        is_demo=True,
        now=NOW,
    )
    for role in roles:
        grant_membership(by=INSTALLATION, user=user, organisation=place, role=role, now=NOW)
    if second_factor and set(roles) - {Role.TRAINEE}:
        enrol_demo_second_factor(user=user)
    return user


def signed_in(user: User, **options: Any) -> Client:
    """A browser in which the user is signed in and, where she has one, has shown the second factor."""
    client = Client(**options)
    client.force_login(user)
    if Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists():
        session = client.session
        session[SECOND_FACTOR_KEY] = True
        session.save()
    return client


def card_number(serial: int, born: str = "19900307") -> str:
    """A synthetic resident card's number (region 99), valid by GB 11643."""
    first = f"990101{born}{serial:03d}"
    return first + check_digit(first)


def make_person(place: Organisation, user: User | None, serial: int = 2, name: str = "林晓燕") -> Person:
    """The person of a login, with a resident card."""
    data = PersonData(name=name, document_type=DocumentKind.RESIDENT_CARD, document_number=card_number(serial))
    return create_person(by=INSTALLATION, organisation=place, data=data, user=user, is_demo=True, now=NOW)
