"""Printed one-time slips: who makes them, what they stop, and that each works once."""

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection
from django.test import Client

from lms.accounts.api import (
    AccountsRefusal,
    IdentityCheckKind,
    NotAllowed,
    PrintedSlip,
    Role,
    SlipPurpose,
    User,
    acting_for,
    issue_slip,
    redeem_slip,
)
from lms.accounts.slips.models import IdentityCheck, Slip
from lms.accounts.slips.services import withdraw_slip
from lms.core import audit, clock
from tests.lms.accounts.world import PASSWORD, Places, card_number, make_person, make_user, signed_in

OWN = "boat-lamp-tea-rain"
USE = "/accounts/slip/"
PAPER_END = card_number(2)[-8:]


@pytest.fixture
def trainee(places: Places) -> User:
    user = make_user(places.school, Role.TRAINEE)
    make_person(places.school, user)
    return user


def make_slip(
    by: User, user: User, purpose: SlipPurpose = SlipPurpose.FORGOTTEN_PASSWORD, **more: object
) -> PrintedSlip:
    fields = {"check": IdentityCheckKind.PAPER_SEEN, "paper_end": PAPER_END, "now": clock.now()} | more
    return issue_slip(by=acting_for(by, None), user=user, purpose=purpose, **fields)  # type: ignore[arg-type]


def use(client: Client, name: str, code: str, password: str = OWN, again: str | None = None):
    data = {"login_name": name, "code": code, "password1": password, "password2": password if again is None else again}
    return client.post(USE, data)


def test_a_slip_sets_an_own_password_once_and_signs_in(places: Places, trainee: User) -> None:
    staff = make_user(places.school, Role.INSTITUTION_ADMIN)
    slip = make_slip(staff, trainee)
    trainee.refresh_from_db()
    assert not trainee.has_usable_password()
    client = Client()
    refused = use(client, trainee.username, slip.code, again="something else")
    assert (refused.status_code, Slip.objects.get().state) == (422, "open")
    typed = f" {slip.code.upper().replace('-', ' ')} "
    answer = use(client, f"{trainee.username[:4]} {trainee.username[4:]}", typed)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert client.get("/accounts/").status_code == 200
    again = use(Client(), trainee.username, slip.code, "another-own-password")
    assert (again.status_code, "对不上" in again.content.decode()) == (422, True)
    trainee.refresh_from_db()
    assert trainee.check_password(OWN)
    assert [event.action for event in audit.events_of(trainee.uuid)][-3:] == ["slip_issued", "slip_used", "signed_in"]


def test_staff_go_on_to_the_second_step(places: Places) -> None:
    bureau = make_user(places.bureau, Role.HR_BUREAU)
    staff = make_user(places.school, Role.INSTITUTION_ADMIN, second_factor=False)
    slip = make_slip(bureau, staff, check=IdentityCheckKind.KNOWN, paper_end="")
    assert slip.second_step
    client = Client()
    use(client, staff.username, slip.code)
    assert client.get("/").headers["Location"] == "/accounts/2fa/totp/activate/"
    # The password was set a moment ago: setting up is not interrupted by asking for it again.
    assert client.get("/accounts/2fa/totp/activate/").status_code == 200


def test_a_forgotten_password_leaves_the_authenticator_and_asks_for_it(places: Places) -> None:
    bureau, staff = make_user(places.bureau, Role.HR_BUREAU), make_user(places.school, Role.INSTITUTION_ADMIN)
    other = signed_in(staff)
    assert other.get("/accounts/").status_code == 200
    slip = make_slip(bureau, staff, check=IdentityCheckKind.KNOWN, paper_end="")
    client = Client()
    assert use(client, staff.username, slip.code).headers["Location"] == "/accounts/2fa/authenticate/"
    assert "_auth_user_id" not in client.session


def test_a_lost_phone_is_forgotten_with_its_recovery_codes(places: Places) -> None:
    bureau, staff = make_user(places.bureau, Role.HR_BUREAU), make_user(places.school, Role.INSTITUTION_ADMIN)
    make_slip(bureau, staff, SlipPurpose.LOST_SECOND_STEP, check=IdentityCheckKind.KNOWN, paper_end="")
    assert not Authenticator.objects.filter(user=staff).exists()
    client = Client()
    client.post("/accounts/login/", {"login": staff.username, "password": PASSWORD})
    assert "_auth_user_id" not in client.session  # the old password alone opens nothing


def test_the_last_day_counts_to_its_end_and_a_newer_slip_voids_the_older(places: Places, trainee: User) -> None:
    staff = make_user(places.school, Role.INSTITUTION_ADMIN)
    first = make_slip(staff, trainee)
    second = make_slip(staff, trainee)
    late = clock.now().astimezone(clock.SHANGHAI).replace(hour=23, minute=59) + timedelta(days=7)
    for slip, at in ((first, clock.now()), (second, late + timedelta(minutes=1))):
        with pytest.raises(AccountsRefusal) as refused:
            redeem_slip(login_name=trainee.username, code=slip.code, password=OWN, now=at)
        assert refused.value.code == "code"
    assert redeem_slip(login_name=trainee.username, code=second.code, password=OWN, now=late) == trainee
    assert list(Slip.objects.order_by("id").values_list("state", flat=True)) == ["replaced", "used"]


def test_the_paper_is_compared_and_the_check_recorded(places: Places, trainee: User) -> None:
    staff = make_user(places.school, Role.INSTITUTION_ADMIN)
    for more, code in (
        ({"paper_end": card_number(2)[-4:]}, "paper_end"),
        ({"paper_end": ""}, "paper_end"),
        ({"check": IdentityCheckKind.KNOWN}, "check"),
    ):
        with pytest.raises(AccountsRefusal) as refused:
            make_slip(staff, trainee, **more)
        assert refused.value.code == code
    trainee.refresh_from_db()
    assert trainee.check_password(PASSWORD)  # nothing happened to her login
    make_slip(staff, trainee)
    check = IdentityCheck.objects.get()
    assert (check.by, check.user, check.kind) == (staff.uuid, trainee.uuid, IdentityCheckKind.PAPER_SEEN)
    (event,) = [event for event in audit.events_of(trainee.uuid) if event.action == "slip_issued"]
    assert (event.actor, event.fields["check"]) == (staff.uuid, "paper_seen")


def test_only_the_next_level_up_makes_slips(places: Places, trainee: User) -> None:
    for place, role in (
        (places.other_school, Role.INSTITUTION_ADMIN),
        (places.body, Role.INSTITUTION_ADMIN),
        (places.bureau, Role.HR_BUREAU),
        (places.school, Role.INSTRUCTOR),
        (places.other_county, Role.ADMINISTRATOR),
    ):
        with pytest.raises((NotAllowed, AccountsRefusal)):
            make_slip(make_user(place, role), trainee)
    with pytest.raises(AccountsRefusal) as refused:
        make_slip(trainee_staff := make_user(places.school, Role.INSTITUTION_ADMIN), trainee_staff)
    assert refused.value.code in {"self", "elsewhere"}
    assert make_slip(make_user(places.county, Role.ADMINISTRATOR), trainee).code


def test_a_withdrawn_slip_opens_nothing_and_a_closed_login_gets_none(places: Places, trainee: User) -> None:
    staff = make_user(places.school, Role.INSTITUTION_ADMIN)
    slip = make_slip(staff, trainee)
    withdraw_slip(by=acting_for(staff, None), slip=Slip.objects.get(), now=clock.now())
    with pytest.raises(AccountsRefusal):
        redeem_slip(login_name=trainee.username, code=slip.code, password=OWN, now=clock.now())
    with pytest.raises(AccountsRefusal):
        withdraw_slip(by=acting_for(staff, None), slip=Slip.objects.get(), now=clock.now())
    User.objects.filter(pk=trainee.pk).update(is_active=False)
    with pytest.raises(AccountsRefusal) as refused:
        make_slip(staff, trainee)
    assert refused.value.code == "closed"


def test_the_code_stands_nowhere_and_is_shown_once(places: Places, trainee: User) -> None:
    staff = signed_in(make_user(places.school, Role.INSTITUTION_ADMIN))
    page = f"/accounts/people/{trainee.uuid}/"
    form = {"purpose": "forgotten_password", "check": "paper_seen", "paper_end": PAPER_END}
    shown = staff.post(f"{page}slip/", form)
    code = shown.context["slip"].code
    html = shown.content.decode()
    assert (html.count(code), trainee.username in html, "no-store" in shown.headers["Cache-Control"]) == (1, True, True)
    assert code not in staff.get(page).content.decode()
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM accounts_slip")
        rows = str(cursor.fetchall())
    assert code not in rows
    assert code.replace("-", "") not in rows


def test_wrong_codes_are_counted(places: Places, trainee: User) -> None:
    slip = make_slip(make_user(places.school, Role.INSTITUTION_ADMIN), trainee)
    for _try in range(10):
        assert use(Client(), trainee.username, "aaaa-bbbb-cccc").status_code == 422
    assert use(Client(), trainee.username, slip.code).status_code == 429


def test_a_weak_password_does_not_use_the_slip_up(places: Places, trainee: User) -> None:
    slip = make_slip(make_user(places.school, Role.INSTITUTION_ADMIN), trainee)
    client = Client()
    assert use(client, trainee.username, slip.code, "12345").status_code == 422
    assert use(client, trainee.username, slip.code).status_code == 302
