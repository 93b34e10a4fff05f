"""The people's desk: the chain of creation on its pages, and whom each desk sees."""

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from lms.accounts.api import Organisation, Person, Role, User, identity_seen
from lms.accounts.consent.services import load_consent_texts
from lms.core import clock
from tests.lms.accounts.world import Places, card_number, make_person, make_user, signed_in

PEOPLE = "/accounts/people/"


def admitted(browser: Client, place: Organisation, role: Role, name: str, serial: int) -> User:
    """Registered at the desk; her login."""
    data = {
        "organisation": str(place.uuid),
        "role": role.value,
        "name": name,
        "document_type": "resident_card",
        "document_number": card_number(serial),
    }
    answer = browser.post(f"{PEOPLE}new/", data)
    assert answer.status_code == 302, answer.context["form"].errors
    return User.objects.get(display_name=name)


def first_login(browser: Client, user: User, **check: str) -> Client:
    """A slip is printed for her and she uses it in a browser of her own."""
    shown = browser.post(f"{PEOPLE}{user.uuid}/slip/", {"purpose": "first_login", "check": "paper_seen"} | check)
    slip = shown.context["slip"]
    own = Client()
    password = "boat-lamp-tea-rain"
    own.post(
        "/accounts/slip/",
        {"login_name": slip.login_name, "code": slip.code, "password1": password, "password2": password},
    )
    assert "_auth_user_id" in own.session
    user.refresh_from_db()  # the password signs the session
    if user.memberships.exclude(role="trainee").exists():
        assert own.get("/").headers["Location"] == "/accounts/2fa/totp/activate/"
        Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "x"})
        return signed_in(user)
    return own


@pytest.mark.req("S1-02")
def test_the_whole_chain_from_administrator_to_trainee(places: Places) -> None:
    admin = signed_in(make_user(places.county, Role.ADMINISTRATOR, name="县管理员"))
    made = admin.post(
        f"{PEOPLE}organisations/new/", {"parent": str(places.county.uuid), "name": "县人社局二科", "kind": "bureau"}
    )
    assert made.status_code == 302
    bureau_place = Organisation.objects.get(name="县人社局二科")
    officer = admitted(admin, bureau_place, Role.HR_BUREAU, "黄科长", 2)
    bureau = first_login(admin, officer, paper_end=card_number(2)[-8:])
    made = bureau.post(
        f"{PEOPLE}organisations/new/",
        {"parent": str(places.county.uuid), "name": "连江县电商学校", "kind": "institution"},
    )
    assert made.status_code == 302
    school = Organisation.objects.get(name="连江县电商学校")
    staff = admitted(bureau, school, Role.INSTITUTION_ADMIN, "张老师", 4)
    desk = first_login(bureau, staff, paper_end=card_number(4)[-8:])
    trainee = admitted(desk, school, Role.TRAINEE, "林晓燕", 6)
    own = first_login(desk, trainee, paper_end=card_number(6)[-8:])
    assert own.get("/").status_code == 200
    assert identity_seen(Person.objects.get(user=trainee).uuid)


def test_each_desk_sees_the_next_level_only(places: Places) -> None:
    officer = make_user(places.bureau, Role.HR_BUREAU, name="黄科长")
    staff = make_user(places.school, Role.INSTITUTION_ADMIN, name="张老师")
    trainee = make_user(places.school, Role.TRAINEE, name="林晓燕")
    other = make_user(places.other_school, Role.TRAINEE, name="王强")
    seen = {}
    for user in (officer, staff, make_user(places.county, Role.ADMINISTRATOR, name="县管理员")):
        html = signed_in(user).get(PEOPLE).content.decode()
        seen[user.display_name] = [one.username in html for one in (officer, staff, trainee, other)]
    assert seen == {
        "黄科长": [False, True, False, False],
        "张老师": [False, False, True, False],
        "县管理员": [True, True, True, False],
    }
    html = signed_in(staff).get(PEOPLE).content.decode()
    assert ("林*燕" in html, "林晓燕" in html) == (True, False)
    page = f"{PEOPLE}{trainee.uuid}/"
    for who, status in ((staff, 200), (officer, 404), (other, 403), (trainee, 403)):
        assert signed_in(who).get(page).status_code == status, who.display_name


def test_what_the_chain_does_not_offer_cannot_be_sent(places: Places) -> None:
    staff = signed_in(make_user(places.school, Role.INSTITUTION_ADMIN))
    assert staff.get(f"{PEOPLE}organisations/").status_code == 403
    assert staff.get(f"{PEOPLE}organisations/new/").status_code == 403
    data = {"organisation": str(places.school.uuid), "role": "hr_bureau", "name": "自己的局"}
    assert staff.post(f"{PEOPLE}new/", data).status_code == 422
    data = {"organisation": str(places.bureau.uuid), "role": "instructor", "name": "越界"}
    assert staff.post(f"{PEOPLE}new/", data).status_code == 422
    bureau = signed_in(make_user(places.bureau, Role.HR_BUREAU))
    data = {"parent": str(places.county.uuid), "name": "又一个局", "kind": "bureau"}
    assert bureau.post(f"{PEOPLE}organisations/new/", data).status_code == 422
    data = {"parent": str(places.school.uuid), "name": "校内鉴定站", "kind": "evaluation_body"}
    assert bureau.post(f"{PEOPLE}organisations/new/", data).status_code == 422


def test_a_known_person_keeps_her_login_and_gets_the_role(places: Places) -> None:
    user = make_user(places.other_school, Role.TRAINEE, name="陈芳")
    make_person(places.other_school, user, serial=8, name="陈芳")
    desk = signed_in(make_user(places.school, Role.INSTITUTION_ADMIN))
    data = {
        "organisation": str(places.school.uuid),
        "role": "instructor",
        "name": "陈 芳",
        "document_type": "resident_card",
        "document_number": card_number(8),
    }
    assert desk.post(f"{PEOPLE}new/", data | {"name": "陈圆"}).status_code == 422
    assert desk.post(f"{PEOPLE}new/", data).headers["Location"] == f"{PEOPLE}{user.uuid}/"
    assert (Person.objects.count(), user.memberships.count()) == (1, 2)
    page = desk.get(f"{PEOPLE}{user.uuid}/")
    assert (page.context["page"].helps, bool(page.context["page"].why_not)) == (False, True)
    refused = desk.post(
        f"{PEOPLE}{user.uuid}/slip/",
        {"purpose": "forgotten_password", "check": "paper_seen", "paper_end": card_number(8)[-8:]},
    )
    assert refused.status_code in {403, 422}


def test_roles_end_and_logins_close_at_the_desk(places: Places) -> None:
    desk = signed_in(make_user(places.school, Role.INSTITUTION_ADMIN))
    user = make_user(places.school, Role.TRAINEE)
    page = f"{PEOPLE}{user.uuid}/"
    desk.post(f"{page}roles/", {"role": "instructor", "organisation": str(places.school.uuid)})
    assert user.memberships.count() == 2
    held = user.memberships.get(role="trainee")
    desk.post(f"{page}roles/{held.uuid}/end/")
    held.refresh_from_db()
    assert held.valid_to == max(clock.today(), held.valid_from)
    desk.post(f"{page}activity/", {"active": "0"})
    user.refresh_from_db()
    assert not user.is_active


def test_a_consent_signed_on_paper_is_recorded_at_the_desk(places: Places) -> None:
    load_consent_texts()
    desk = signed_in(make_user(places.school, Role.INSTITUTION_ADMIN))
    user = make_user(places.school, Role.TRAINEE)
    person = make_person(places.school, user)
    text = desk.get(f"{PEOPLE}{user.uuid}/").context["page"].consents[0].text
    page = f"{PEOPLE}{user.uuid}/consent/{text.uuid}/"
    assert text.body[0] in desk.get(page).content.decode()
    data = {"text": str(text.uuid), "given": "1", "signed_on": clock.today().isoformat(), "note": "盒3第12页"}
    assert desk.post(page, data | {"note": ""}).status_code == 422
    assert desk.post(page, data).status_code == 302
    assert person.consents.get().how == "paper"


def test_a_number_is_found_whole_and_stands_in_no_address(places: Places) -> None:
    desk = signed_in(make_user(places.school, Role.INSTITUTION_ADMIN))
    user = make_user(places.school, Role.TRAINEE)
    make_person(places.school, user)
    make_user(places.school, Role.TRAINEE, name="陈芳")
    found = desk.post(PEOPLE, {"q": card_number(2)}).context["page"]
    assert [row.uuid for row in found.rows] == [user.uuid]
    assert desk.get(PEOPLE, {"q": card_number(2)}).context["page"].total == 2  # an address is not searched


def test_the_list_takes_the_same_queries_for_one_row_and_for_three(places: Places) -> None:
    desk = signed_in(make_user(places.school, Role.INSTITUTION_ADMIN))

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert desk.get(PEOPLE).status_code == 200
        return len(seen)

    make_person(places.school, make_user(places.school, Role.TRAINEE), serial=2)
    desk.get(PEOPLE)
    one = queries()
    for serial in (4, 6):
        make_person(places.school, make_user(places.school, Role.TRAINEE), serial=serial)
    assert queries() == one
