"""The administrator's pages in the Wagtail admin, and what others and Wagtail's own editors may not do."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from lms.accounts.api import (
    INSTALLATION,
    DocumentKind,
    Membership,
    Organisation,
    PersonData,
    Role,
    User,
    create_person,
)
from lms.accounts.logic import check_digit
from lms.accounts.models import Person
from lms.core import clock
from tests.lms.accounts.world import NOW, Places, make_user, signed_in
from tests.unread import unread

PEOPLE = "/admin/people"
NUMBER = "99010119900307002" + check_digit("99010119900307002")


@pytest.fixture
def county_admin(places: Places) -> Client:
    return signed_in(make_user(places.county, Role.ADMINISTRATOR, name="县管理员"))


def test_an_administrator_makes_a_login_gives_a_role_and_hands_over_a_slip(
    places: Places, county_admin: Client
) -> None:
    made = county_admin.post(
        f"{PEOPLE}/users/new/", {"organisation": str(places.school.uuid), "display_name": "林晓燕"}
    )
    user = User.objects.get(display_name="林晓燕")
    page = f"{PEOPLE}/users/{user.uuid}/"
    assert made.headers["Location"] == page
    granted = county_admin.post(f"{page}roles/", {"role": "trainee", "organisation": str(places.school.uuid)})
    assert granted.headers["Location"] == page
    assert f'href="/accounts/people/{user.uuid}/slip/"' in county_admin.get(page).content.decode()
    slip = county_admin.post(f"/accounts/people/{user.uuid}/slip/", {"purpose": "first_login", "check": "known"})
    code, own = slip.context["slip"].code, "boat-lamp-tea-rain"
    browser = Client()
    browser.post("/accounts/slip/", {"login_name": user.username, "code": code, "password1": own, "password2": own})
    assert browser.get("/").status_code == 200


def test_she_sees_and_changes_only_her_own_county(places: Places, county_admin: Client) -> None:
    inside = make_user(places.school, Role.TRAINEE, name="本县学员")
    outside = make_user(places.other_school, Role.TRAINEE, name="外县学员")
    listed = county_admin.get(f"{PEOPLE}/users/").content.decode()
    assert ("本县学员" in listed, "外县学员" in listed) == (True, False)
    tree = county_admin.get(f"{PEOPLE}/organisations/").content.decode()
    assert (places.school.name in tree, places.other_school.name in tree, places.city.name in tree) == (
        True,
        False,
        False,
    )
    assert county_admin.get(f"{PEOPLE}/users/{inside.uuid}/").status_code == 200
    for what in ("", "activity/", "roles/"):
        assert county_admin.post(f"{PEOPLE}/users/{outside.uuid}/{what}").status_code == 404, what
    assert county_admin.get(f"{PEOPLE}/organisations/{places.other_school.uuid}/").status_code == 404
    foreign = {"organisation": str(places.other_school.uuid), "display_name": "越界"}
    assert county_admin.post(f"{PEOPLE}/users/new/", foreign).status_code == 422
    foreign = {"role": "trainee", "organisation": str(places.other_school.uuid)}
    assert county_admin.post(f"{PEOPLE}/users/{inside.uuid}/roles/", foreign).status_code == 422
    assert not User.objects.filter(display_name="越界").exists()


def test_a_page_number_of_any_length_is_a_page(county_admin: Client) -> None:
    for number in ("9" * 5000, "0", "x"):
        assert county_admin.get(f"{PEOPLE}/users/", {"p": number}).status_code == 200, number[:9]


def test_a_role_ends_today_and_refusals_stand_beside_the_form(places: Places, county_admin: Client) -> None:
    user = make_user(places.school, Role.TRAINEE)
    membership = user.memberships.get()
    again = county_admin.post(
        f"{PEOPLE}/users/{user.uuid}/roles/", {"role": "trainee", "organisation": str(places.school.uuid)}
    )
    assert (again.status_code, "已经有这个角色" in again.content.decode()) == (422, True)
    Membership.objects.filter(pk=membership.pk).update(valid_from=clock.today())
    county_admin.post(f"{PEOPLE}/users/{user.uuid}/roles/{membership.uuid}/end/")
    membership.refresh_from_db()
    assert membership.valid_to == clock.today()


def test_nobody_changes_her_own_login(places: Places, county_admin: Client) -> None:
    own = User.objects.get(display_name="县管理员")
    page = f"{PEOPLE}/users/{own.uuid}/"
    before = own.password
    county_admin.post(f"/accounts/people/{own.uuid}/slip/", {"purpose": "forgotten_password", "check": "known"})
    county_admin.post(f"{page}activity/", {"active": "0"})
    county_admin.post(f"{page}roles/", {"role": "committee", "organisation": str(places.county.uuid)})
    own.refresh_from_db()
    assert (own.password, own.is_active, own.memberships.count()) == (before, True, 1)


def test_organisations_are_added_and_renamed(places: Places, county_admin: Client) -> None:
    data = {"parent": str(places.county.uuid), "name": "连江县电商学校", "kind": "institution"}
    county_admin.post(f"{PEOPLE}/organisations/new/", data)
    made = Organisation.objects.get(name="连江县电商学校")
    assert made.path.startswith(places.county.path)
    county_admin.post(f"{PEOPLE}/organisations/{made.uuid}/", {"name": "连江县直播学校", "kind": "institution"})
    made.refresh_from_db()
    assert made.name == "连江县直播学校"


def test_persons_are_masked_and_found_by_the_whole_number(places: Places, county_admin: Client) -> None:
    data = {
        "organisation": str(places.school.uuid),
        "name": "林晓燕",
        "document_type": "resident_card",
        "document_number": NUMBER,
        "phone": "13800001234",
    }
    assert county_admin.post(f"{PEOPLE}/persons/new/", data).status_code == 302
    for searched in ("", "林晓", NUMBER, "13800001234"):
        listing = county_admin.post(f"{PEOPLE}/persons/", {"q": searched})
        html = listing.content.decode()
        (row,) = listing.context["listing"].rows
        assert (row.name, row.document, row.phone) == ("林*燕", f"9901**********{NUMBER[-4:]}", "138****1234")
        assert "林晓燕" not in html
        assert html.count(NUMBER) == (1 if searched == NUMBER else 0)  # only what she typed herself
    assert county_admin.post(f"{PEOPLE}/persons/", {"q": NUMBER[:-1]}).context["listing"].total == 0
    wrong = county_admin.post(f"{PEOPLE}/persons/new/", {**data, "document_number": NUMBER[:-1] + "X"})
    assert wrong.status_code == 422
    assert Person.objects.count() == 1


def test_lists_take_the_same_queries_for_one_row_and_for_three(places: Places, county_admin: Client) -> None:
    def queries(page: str) -> int:
        with CaptureQueriesContext(connection) as seen:
            assert county_admin.get(f"{PEOPLE}/{page}/").status_code == 200
        return len(seen)

    def person(digit: int) -> None:
        user = make_user(places.school, Role.TRAINEE)
        data = PersonData(name="林晓燕", document_type=DocumentKind.PASSPORT, document_number=f"E1234567{digit}")
        create_person(by=INSTALLATION, organisation=places.school, data=data, user=user, now=NOW)

    person(1)
    county_admin.get(f"{PEOPLE}/users/")
    one = [queries(page) for page in ("users", "persons", "organisations")]
    person(2)
    person(3)
    assert [queries(page) for page in ("users", "persons", "organisations")] == one


@pytest.mark.parametrize("role", (Role.COMMITTEE, Role.HR_BUREAU, Role.INSTITUTION_ADMIN, Role.TRAINEE))
def test_nobody_else_manages_people(places: Places, role: Role) -> None:
    client = signed_in(make_user(places.city, role))
    for page in ("users/", "users/new/", "organisations/", "organisations/new/", "persons/", "persons/new/"):
        answer = client.get(f"{PEOPLE}/{page}")
        away = ("/admin/", f"/accounts/admin-door/?next={PEOPLE}/{page}")
        assert answer.status_code == 302, page
        assert answer.headers["Location"] in away, page
    if role is not Role.COMMITTEE:
        assert client.get("/accounts/admin-door/").status_code == 403


@pytest.mark.parametrize("role", (Role.ADMINISTRATOR, Role.COMMITTEE))
def test_wagtails_own_editors_of_users_and_groups_stay_closed(places: Places, role: Role) -> None:
    user = make_user(places.city, role)
    client = signed_in(user)
    for page in (
        "/admin/users/",
        "/admin/users/new/",
        f"/admin/users/edit/{user.pk}/",
        "/admin/groups/",
        "/admin/sites/",
    ):
        assert client.get(page).headers["Location"] == "/admin/", page


def test_the_admin_is_in_chinese_and_in_our_colours(places: Places, county_admin: Client) -> None:
    html = county_admin.get("/admin/").content.decode()
    assert '<html lang="zh-hans"' in html
    assert "admin/kaibo-admin.css" in html
    assert "img/logo.svg" in html
    assert "账号与角色" in html


def test_what_is_larger_than_a_form_is_read_from_those_alone_who_enter(places: Places) -> None:
    for client in (
        Client(enforce_csrf_checks=True),
        signed_in(make_user(places.school, Role.TRAINEE), enforce_csrf_checks=True),
    ):
        assert client.generic("POST", "/admin/images/multiple/add/", **unread(12 << 20)).status_code == 403
