"""A trainee registers herself."""

import pytest
from django.test import Client

from lms.accounts.api import (
    ConsentKey,
    Person,
    Role,
    User,
    acting_for,
    has_consented,
    identity_seen,
    texts_in_force,
    waiting_identities,
)
from lms.accounts.consent.services import load_consent_texts
from lms.core import clock
from tests.lms.accounts.world import Places, card_number, make_person, make_user, signed_in

PAGE = "/accounts/register/"


@pytest.fixture
def form(places: Places) -> dict[str, str]:
    load_consent_texts()
    return {
        "institution": str(places.school.uuid),
        "name": "陈 芳",
        "document_type": "resident_card",
        "document_number": card_number(4),
        "phone": "138 0000 1234",
        "password1": "boat-lamp-tea-rain",
        "password2": "boat-lamp-tea-rain",
        "sensitive_data": "on",
    }


def test_she_gets_a_login_name_and_signs_in_with_her_own_password(places: Places, form: dict[str, str]) -> None:
    browser = Client()
    done = browser.post(PAGE, form)
    assert done.headers["Location"] == f"{PAGE}done/"
    person = Person.objects.get(name="陈 芳")
    assert person.user is not None
    shown = browser.get(f"{PAGE}done/").content.decode()
    assert (person.user.username in shown, form["password1"] in shown) == (True, False)
    signs_in = {"login": person.user.username, "password": form["password1"]}
    assert browser.post("/accounts/login/", signs_in).headers["Location"] == "/"
    acting = acting_for(person.user, None)
    assert (acting.role, acting.organisation, acting.person) == (Role.TRAINEE, places.school.uuid, person.uuid)
    assert has_consented(person.uuid, ConsentKey.SENSITIVE_DATA)
    assert not has_consented(person.uuid, ConsentKey.VIDEO)
    assert Client().get(f"{PAGE}done/").headers["Location"] == PAGE


@pytest.mark.parametrize(
    "changes, said",
    (
        ({"document_number": card_number(4)[:-1] + "0"}, "最后一位"),
        ({"sensitive_data": ""}, "不能登记"),
        ({"password2": "another"}, "两次"),
        ({"password1": "12345", "password2": "12345"}, "密码"),
        ({"institution": ""}, ""),
        ({"document_type": "passport", "document_number": "E1234567"}, "出生日期"),
        ({"document_type": "passport", "document_number": "E-1"}, "证件"),
    ),
)
def test_what_cannot_be_is_refused_and_nothing_is_made(
    form: dict[str, str], changes: dict[str, str], said: str
) -> None:
    before = User.objects.count()
    refused = Client().post(PAGE, form | changes)
    assert (refused.status_code, said in refused.content.decode()) == (422, True)
    assert (Person.objects.count(), User.objects.count()) == (0, before)


def test_under_sixteen_is_refused(form: dict[str, str]) -> None:
    born = f"{clock.today().year - 15}0101"
    refused = Client().post(PAGE, form | {"document_number": card_number(4, born)})
    assert (refused.status_code, "满16" in refused.content.decode(), Person.objects.count()) == (422, True, 0)


def test_sixteen_today_is_old_enough_and_told_of_the_guardian(form: dict[str, str]) -> None:
    today = clock.today()
    born = f"{today.year - 16}{today.month:02d}{today.day:02d}"
    browser = Client()
    browser.post(PAGE, form | {"document_number": card_number(4, born)})
    assert "监护人" in browser.get(f"{PAGE}done/").content.decode()


def test_a_paper_registers_once(places: Places, form: dict[str, str]) -> None:
    make_person(places.other_school, None, serial=4)
    refused = Client().post(PAGE, form)
    assert (refused.status_code, Person.objects.count()) == (422, 1)


def test_the_institution_sees_her_with_her_paper(places: Places, form: dict[str, str]) -> None:
    Client().post(PAGE, form)
    person = Person.objects.get(name="陈 芳")
    staff, stranger = (make_user(place, Role.INSTITUTION_ADMIN) for place in (places.school, places.other_school))
    assert [waiting_identities(acting_for(user, None)) for user in (staff, stranger)] == [1, 0]
    assert person.user is not None
    page = f"/accounts/people/{person.user.uuid}/"
    browser = signed_in(staff)
    assert "证件未核对" in browser.get("/accounts/people/?unseen=1").content.decode()
    assert browser.post(f"{page}identity/", {"paper_end": "0000"}).status_code == 422
    assert signed_in(stranger).post(f"{page}identity/", {"paper_end": card_number(4)[-8:]}).status_code == 404
    assert not identity_seen(person.uuid)
    assert browser.post(f"{page}identity/", {"paper_end": card_number(4)[-8:]}).status_code == 302
    assert (identity_seen(person.uuid), waiting_identities(acting_for(staff, None))) == (True, 0)


def test_the_texts_in_force_are_on_the_page(form: dict[str, str]) -> None:
    html = Client().get(PAGE).content.decode()
    assert [text.title in html for text in texts_in_force()] == [True, True]


def test_no_office_is_given_to_a_login_that_somebody_else_may_have_registered(
    places: Places, form: dict[str, str]
) -> None:
    Client().post(PAGE, form)  # with the name and number of a future examiner
    stranger = Person.objects.get(document_index__gt="")
    assert stranger.user
    paper = {key: form[key] for key in ("document_type", "document_number")}
    bureau = signed_in(make_user(places.bureau, Role.HR_BUREAU))
    data = {"organisation": str(places.school.uuid), "role": "institution_admin", "name": "陈芳", **paper}
    refused = bureau.post("/accounts/people/new/", data)
    assert (refused.status_code, "核对过证件原件" in refused.content.decode()) == (422, True)
    desk = signed_in(make_user(places.school, Role.INSTITUTION_ADMIN))
    page = f"/accounts/people/{stranger.user.uuid}/"
    role = {"role": "instructor", "organisation": str(places.school.uuid)}
    assert desk.post(f"{page}roles/", role).status_code == 422
    assert [held.role for held in stranger.user.memberships.all()] == ["trainee"]
    # The person herself comes with her paper: a slip takes the login from whoever made it.
    printed = desk.post(
        f"{page}slip/", {"purpose": "forgotten_password", "check": "paper_seen", "paper_end": card_number(4)[-8:]}
    )
    assert printed.context["slip"].code
    assert not Client().login(username=stranger.user.username, password=form["password1"])
    assert desk.post(f"{page}roles/", role).status_code == 302
