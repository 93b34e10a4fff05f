"""Making logins and persons."""

from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from lms.accounts.api import (
    INSTALLATION,
    NOBODY,
    AccountsRefusal,
    DocumentKind,
    Membership,
    NotAllowed,
    PersonData,
    Role,
    Sex,
    User,
    acting_for,
    create_person,
    create_user,
    grant_membership,
)
from lms.accounts.hashers import KaiboArgon2Hasher
from lms.accounts.logic import check_digit
from lms.accounts.models import Person
from lms.accounts.people import services
from lms.accounts.people.selectors import document_indexes
from lms.core import audit, clock
from tests.lms.accounts.world import NOW, Places, make_user

NUMBER = "99010119900307002" + check_digit("99010119900307002")
DATA = PersonData(
    name=" 林 晓燕 ",
    document_type=DocumentKind.RESIDENT_CARD,
    document_number=f"{NUMBER[:6]} {NUMBER[6:14]} {NUMBER[14:].lower()}",
    phone="138 0000 1234",
)


def test_login_names_are_eight_digits_without_a_leading_zero_and_unique(places: Places) -> None:
    names = {make_user(places.school).username for _index in range(20)}
    assert len(names) == 20
    assert {len(name) for name in names} == {8}
    assert all(name.isdecimal() and name[0] != "0" for name in names)


def test_a_login_name_that_is_taken_is_drawn_again(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    draws = iter([1, 1, 2])
    monkeypatch.setattr("lms.accounts.people.services.secrets.randbelow", lambda _limit: next(draws))
    assert [make_user(places.school).username for _index in range(2)] == ["10000001", "10000002"]


def test_the_first_password_must_be_changed_and_nobody_logs_in_without_one(places: Places) -> None:
    with_one = create_user(by=INSTALLATION, organisation=places.school, display_name="林", password="x", now=NOW)
    without = create_user(by=INSTALLATION, organisation=places.school, display_name="林", password=None, now=NOW)
    assert (with_one.password_is_initial, with_one.has_usable_password()) == (True, True)
    assert (without.password_is_initial, without.has_usable_password()) == (False, False)


def test_first_passwords_are_random_and_hold_no_look_alikes() -> None:
    passwords = {services.initial_password() for _index in range(200)}
    assert len(passwords) == 200
    assert not set("".join(passwords)) & set("0O1lI")


def test_there_are_no_superusers(places: Places) -> None:
    with pytest.raises(NotImplementedError):
        User.objects.create_superuser("10000001", "x")
    user = make_user(places.school)
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=user.pk).update(is_superuser=True)


def test_logins_are_made_by_the_level_above_in_its_own_place(places: Places) -> None:
    county = acting_for(make_user(places.county, Role.ADMINISTRATOR), None)
    bureau = acting_for(make_user(places.bureau, Role.HR_BUREAU), None)
    school = acting_for(make_user(places.school, Role.INSTITUTION_ADMIN), None)
    body = acting_for(make_user(places.body, Role.INSTITUTION_ADMIN), None)
    for by, where in ((county, places.bureau), (bureau, places.school), (school, places.school), (body, places.body)):
        made = create_user(by=by, organisation=where, display_name="林晓燕", password=None, now=NOW)
        assert made.organisation == where
    for by, where in (
        (county, places.other_school),
        (bureau, places.other_school),
        (bureau, places.bureau),
        (school, places.body),
        (body, places.school),  # an evaluation body examines the county; its people are its own only
        (NOBODY, places.school),
    ):
        with pytest.raises(NotAllowed):
            create_user(by=by, organisation=where, display_name="林晓燕", password=None, now=NOW)


@pytest.mark.req("S2-08")
def test_a_person_is_completed_from_her_card(places: Places) -> None:
    person = create_person(by=INSTALLATION, organisation=places.school, data=DATA, now=NOW)
    person.refresh_from_db()
    assert (person.name, person.sex, person.birth_date) == ("林 晓燕", Sex.FEMALE, date(1990, 3, 7))
    assert (person.document_number, person.phone) == (NUMBER, "13800001234")
    assert str(person) == "林**燕"


def test_number_and_phone_are_nowhere_in_the_database_in_the_clear(places: Places) -> None:
    person = create_person(by=INSTALLATION, organisation=places.school, data=DATA, now=NOW)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM accounts_person")
        rows = str(cursor.fetchall())
        cursor.execute("SELECT * FROM core_auditevent")
        rows += str(cursor.fetchall())
    assert person.document_index in rows
    assert NUMBER not in rows
    assert "13800001234" not in rows


def test_a_person_is_found_by_the_whole_number_only(places: Places) -> None:
    person = create_person(by=INSTALLATION, organisation=places.school, data=DATA, now=NOW)
    found = Person.objects.filter(document_index__in=document_indexes(NUMBER.lower()))
    assert list(found) == [person]
    assert not Person.objects.filter(document_index__in=document_indexes(NUMBER[:-1])).exists()


def test_one_paper_is_one_person_but_a_passport_is_not_a_card(places: Places) -> None:
    create_person(by=INSTALLATION, organisation=places.school, data=DATA, now=NOW)
    with pytest.raises(AccountsRefusal) as refused:
        create_person(by=INSTALLATION, organisation=places.other_school, data=DATA, now=NOW)
    assert (refused.value.code, refused.value.field) == ("registered", "document_number")
    passport = replace(DATA, document_type=DocumentKind.PASSPORT)
    create_person(by=INSTALLATION, organisation=places.school, data=passport, now=NOW)
    assert Person.objects.count() == 2


def test_two_persons_without_a_paper_may_share_a_phone(places: Places) -> None:
    data = PersonData(name="陈芳", phone="13800001234")
    first = create_person(by=INSTALLATION, organisation=places.school, data=data, now=NOW)
    second = create_person(by=INSTALLATION, organisation=places.school, data=data, now=NOW)
    assert first.phone_index == second.phone_index != ""


@pytest.mark.parametrize(
    "changes, code, field",
    (
        ({"name": "  "}, "name", "name"),
        ({"document_number": NUMBER[:-1]}, "length", "document_number"),
        ({"document_number": "11010519491231002Y"}, "digits", "document_number"),
        ({"document_type": None}, "document_type", "document_type"),
        ({"sex": Sex.MALE}, "contradiction", "sex"),
        ({"birth_date": date(1990, 3, 8)}, "contradiction", "birth_date"),
        ({"phone": "1380000123"}, "phone", "phone"),
        ({"phone": "1380000123x"}, "phone", "phone"),
        ({"document_number": "", "birth_date": date(2027, 1, 1)}, "birth_date", "birth_date"),
    ),
)
def test_what_cannot_be_right_is_refused_beside_its_field(
    places: Places, changes: dict[str, Any], code: str, field: str
) -> None:
    with pytest.raises(AccountsRefusal) as refused:
        create_person(by=INSTALLATION, organisation=places.school, data=replace(DATA, **changes), now=NOW)
    assert (refused.value.code, refused.value.field) == (code, field)
    assert Person.objects.count() == 0


def test_a_login_belongs_to_one_person(places: Places) -> None:
    user = make_user(places.school)
    create_person(by=INSTALLATION, organisation=places.school, data=DATA, user=user, now=NOW)
    with pytest.raises(AccountsRefusal) as refused:
        create_person(by=INSTALLATION, organisation=places.school, data=PersonData(name="陈芳"), user=user, now=NOW)
    assert refused.value.code == "user"


def test_everything_is_on_the_record_without_values(places: Places) -> None:
    user = make_user(places.school)
    person = create_person(by=INSTALLATION, organisation=places.school, data=DATA, user=user, now=NOW)
    (event,) = audit.events_of(person.uuid)
    assert (event.action, event.actor) == ("created", None)
    assert set(event.fields) == {"name", "document_type", "document_number", "phone", "organisation", "user"}
    assert event.fields["document_number"] != NUMBER
    assert event.fields["user"] == str(user.uuid)


def test_the_hasher_is_argon2id_with_our_cost() -> None:
    encoded = KaiboArgon2Hasher().encode("rice-paper", "saltsaltsaltsalt")
    assert encoded.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")


def test_a_login_that_holds_a_role_elsewhere_is_managed_by_the_level_above(places: Places) -> None:
    school, county = (
        acting_for(make_user(place, Role.ADMINISTRATOR), None) for place in (places.school, places.county)
    )
    user, now = make_user(places.school, Role.INSTRUCTOR), clock.now()
    tomorrow = clock.today() + timedelta(days=1)
    later = grant_membership(
        by=INSTALLATION, user=user, organisation=places.body, role=Role.EXAMINER, valid_from=tomorrow, now=now
    )
    for act in (
        partial(services.rename_user, display_name="改名"),
        partial(services.set_active, active=False),
    ):
        with pytest.raises(AccountsRefusal) as refused:
            act(by=school, user=user, now=now)
        assert refused.value.code == "elsewhere"
    rename = partial(services.rename_user, user=user, display_name="改名", now=now)
    rename(by=county)
    rename(by=INSTALLATION)
    Membership.objects.filter(pk=later.pk).update(
        valid_from=tomorrow - timedelta(days=9), valid_to=tomorrow - timedelta(days=2)
    )
    rename(by=school)
