"""Signing in: name and password, the second factor of staff, first passwords, limits, sessions."""

import re
from dataclasses import replace
from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.mfa.utils import decrypt
from django.core.management import call_command
from django.db import connection
from django.test import Client, override_settings
from pytest_django import Settings

from lms.accounts.api import (
    INSTALLATION,
    IdentityCheckKind,
    Role,
    SlipPurpose,
    User,
    acting_for,
    demo_totp,
    grant_membership,
    issue_slip,
)
from lms.accounts.people.services import set_active
from lms.accounts.signin.services import DemonstrationOnly
from lms.core import audit
from lms.core.keys import Keyring
from lms.settings.base import SHARED_CACHE
from tests.lms.accounts.world import NOW, PASSWORD, Places, make_user, signed_in

LOGIN = "/accounts/login/"


def sign_in(client: Client, name: str, password: str = PASSWORD, **more: str):
    return client.post(LOGIN, {"login": name, "password": password, **more})


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_a_trainee_signs_in_with_name_and_password(places: Places) -> None:
    user = make_user(places.school, Role.TRAINEE)
    client = Client()
    full_width = f"{user.username[:4]} " + "".join(chr(ord(digit) + 0xFEE0) for digit in user.username[4:])
    answer = sign_in(client, full_width)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert client.get("/accounts/").status_code == 200
    assert [event.action for event in audit.events_of(user.uuid)][-1] == "signed_in"


def test_staff_show_the_second_factor_before_they_are_in(places: Places) -> None:
    user = make_user(places.body, Role.EXAMINER)
    client = Client()
    assert sign_in(client, user.username).headers["Location"] == "/accounts/2fa/authenticate/"
    assert not is_signed_in(client)
    refused = client.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert (refused.status_code, is_signed_in(client)) == (200, False)
    digits = demo_totp(user)
    answer = client.post("/accounts/2fa/authenticate/", {"code": f"{digits[:3]} {digits[3:]}"})
    assert (answer.status_code, is_signed_in(client)) == (302, True)
    assert client.get("/accounts/").status_code == 200


def test_a_code_of_the_authenticator_works_once_while_it_could_be_accepted(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = make_user(places.body, Role.EXAMINER)
    secret = decrypt(Authenticator.objects.get(user=user, type="totp").data["secret"])
    began = 1_800_000_000  # on the edge of a step
    code = format_hotp_value(hotp_value(secret, began // 30 + 1))
    outcomes = []
    # The code of the next step, from the moment a clock half a minute ahead may type it to its last second.
    for passed in (0, 31, 59, 89):
        monkeypatch.setattr("time.time", lambda passed=passed: began + passed)
        client = Client()
        sign_in(client, user.username)
        client.post("/accounts/2fa/authenticate/", {"code": code})
        outcomes.append(is_signed_in(client))
    assert outcomes == [True, False, False, False]


def test_the_code_that_set_the_authenticator_up_signs_nobody_in(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("allauth.mfa.totp.internal.flows.transaction.on_commit", lambda act: act())
    user = make_user(places.body, Role.EXAMINER, second_factor=False)
    client = Client()
    sign_in(client, user.username)
    secret = client.get("/accounts/2fa/totp/activate/").context["form"].secret
    code = format_hotp_value(hotp_value(secret, list(yield_hotp_counters_from_time())[1]))
    client.post("/accounts/2fa/totp/activate/", {"code": code})
    assert client.get("/accounts/").status_code == 200
    thief = Client()
    sign_in(thief, user.username)
    thief.post("/accounts/2fa/authenticate/", {"code": code})
    assert not is_signed_in(thief)


def test_a_recovery_code_works_once(places: Places) -> None:
    user = make_user(places.body, Role.EXAMINER)
    code = Authenticator.objects.get(user=user, type="recovery_codes").wrap().get_unused_codes()[0]
    for expected in (True, False):
        client = Client()
        sign_in(client, user.username)
        client.post("/accounts/2fa/authenticate/", {"code": code})
        assert is_signed_in(client) is expected


def test_staff_without_a_second_factor_set_it_up_before_anything_else(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The test's own transaction never commits; in earnest this runs before the answer is sent.
    monkeypatch.setattr("allauth.mfa.totp.internal.flows.transaction.on_commit", lambda act: act())
    user = make_user(places.body, Role.EXAMINER, second_factor=False)
    client = Client()
    sign_in(client, user.username)
    for page in ("/", "/accounts/", "/evidence/", "/accounts/sessions/", "/admin/"):
        assert client.get(page).headers["Location"] == "/accounts/2fa/totp/activate/", page
    fragment = client.get("/", headers={"hx-request": "true"})
    assert (fragment.status_code, fragment.headers["HX-Redirect"]) == (204, "/accounts/2fa/totp/activate/")
    form = client.get("/accounts/2fa/totp/activate/")
    secret = form.context["form"].secret
    assert 'src="data:image/svg+xml;base64,' in form.content.decode()
    counter = next(iter(yield_hotp_counters_from_time()))
    done = client.post("/accounts/2fa/totp/activate/", {"code": format_hotp_value(hotp_value(secret, counter))})
    assert done.headers["Location"] == "/accounts/2fa/recovery-codes/"
    codes = client.get(done.headers["Location"]).content.decode()
    assert len(re.findall(r"<li>\d{8}</li>", codes)) == 10
    assert client.get("/accounts/").status_code == 200
    stored = Authenticator.objects.get(user=user, type="totp").data["secret"]
    assert secret not in stored


def test_a_session_from_before_the_second_factor_ends(places: Places) -> None:
    user = make_user(places.body, Role.EXAMINER)
    thief = Client()
    thief.force_login(user)
    assert thief.get("/accounts/").headers["Location"] == LOGIN
    assert not is_signed_in(thief)


def test_a_trainee_needs_none_until_she_becomes_staff(places: Places) -> None:
    user = make_user(places.school, Role.TRAINEE)
    client = signed_in(user)
    assert client.get("/accounts/").status_code == 200
    membership = grant_membership(by=INSTALLATION, user=user, organisation=places.school, role=Role.INSTRUCTOR, now=NOW)
    assert client.get("/accounts/").status_code == 200
    client.post("/accounts/act-as/", {"membership": str(membership.uuid)})
    assert client.get("/accounts/").headers["Location"] == "/accounts/2fa/totp/activate/"


def test_staff_cannot_switch_it_off(places: Places) -> None:
    user = make_user(places.body, Role.EXAMINER)
    client = Client()
    sign_in(client, user.username)
    client.post("/accounts/2fa/authenticate/", {"code": demo_totp(user)})
    refused = client.post("/accounts/2fa/totp/deactivate/")
    assert "必须开启两步验证" in refused.content.decode()
    assert Authenticator.objects.filter(user=user, type="totp").exists()


def test_a_first_password_is_changed_before_anything_else(places: Places) -> None:
    user = make_user(places.school, Role.TRAINEE, initial=True)
    client = Client()
    sign_in(client, user.username)
    assert client.get("/").headers["Location"] == "/accounts/password/change/"
    same = {"oldpassword": PASSWORD, "password1": PASSWORD, "password2": PASSWORD}
    assert client.post("/accounts/password/change/", same).status_code == 200
    new = {"oldpassword": PASSWORD, "password1": "lamp-tea-boat-41", "password2": "lamp-tea-boat-41"}
    assert client.post("/accounts/password/change/", new).headers["Location"] == "/"
    user.refresh_from_db()
    assert user.password_is_initial is False
    assert client.get("/accounts/").status_code == 200


def test_six_wrong_passwords_lock_the_login_but_no_other(places: Places) -> None:
    user, other = (make_user(places.school, Role.TRAINEE) for _index in range(2))
    for _try in range(6):
        refused = sign_in(Client(), user.username, "wrong")
        assert "登录名或密码不对" in refused.content.decode()
    client = Client()
    locked = sign_in(client, user.username)
    assert "请15分钟后再试" in locked.content.decode()
    assert not is_signed_in(client)
    fine = Client()
    sign_in(fine, other.username)
    assert is_signed_in(fine)


def test_one_address_is_bounded_beyond_a_class(places: Places) -> None:
    trainees = [make_user(places.school, Role.TRAINEE) for _index in range(12)]
    for user in trainees:
        for _try in range(5):
            sign_in(Client(), user.username, "wrong")
    said = sign_in(Client(), "99999999", "wrong").content.decode()
    assert ("请等1分钟再试" in said, "15分钟" in said) == (True, False)  # the address is free again in a minute
    elsewhere = Client(REMOTE_ADDR="192.0.2.7")
    sign_in(elsewhere, trainees[0].username)
    assert is_signed_in(elsewhere)


@pytest.mark.parametrize(
    "role, remember, at_browser_close",
    ((Role.TRAINEE, "on", False), (Role.TRAINEE, "", True), (Role.EXAMINER, "on", True)),
)
def test_only_a_trainee_on_her_own_phone_stays_signed_in(
    places: Places, role: Role, remember: str, at_browser_close: bool
) -> None:
    user = make_user(places.school, role)
    client = Client()
    sign_in(client, user.username, remember=remember)
    if role is not Role.TRAINEE:
        client.post("/accounts/2fa/authenticate/", {"code": demo_totp(user)})
    assert is_signed_in(client)
    assert client.session.get_expire_at_browser_close() is at_browser_close


def test_nobody_registers_herself_and_nothing_goes_by_mail(places: Places) -> None:
    client = Client()
    before = User.objects.count()
    answer = client.post("/accounts/signup/", {"username": "12345678", "password1": "lamp-tea-boat-41"})
    assert "账号由机构发放" in answer.content.decode()
    assert User.objects.count() == before
    assert "不发邮件和短信" in client.get("/accounts/password/reset/").content.decode()
    assert client.post("/accounts/password/reset/", {"email": "a@example.org"}).status_code == 405
    member = signed_in(make_user(places.school, Role.TRAINEE))
    for page in ("email/", "confirm-email/", "password/set/", "login/code/confirm/", "password/reset/key/a-b/"):
        assert member.get(f"/accounts/{page}").status_code == 404, page


def test_wagtails_own_doors_stay_shut(places: Places) -> None:
    user = make_user(places.city, Role.COMMITTEE)
    for door in ("/admin/login/", "/learn/_util/login/"):
        client = Client()
        answer = client.post(door, {"username": user.username, "password": PASSWORD})
        assert (answer.status_code, answer.headers["Location"].split("?")[0]) == (302, LOGIN)
        assert not is_signed_in(client)
    assert Client().get("/admin/").headers["Location"] == "/accounts/admin-door/?next=/admin/"
    assert Client().get("/accounts/admin-door/?next=/admin/pages/").headers["Location"] == f"{LOGIN}?next=/admin/pages/"
    assert Client().get("/accounts/admin-door/?next=//evil.example/").headers["Location"] == f"{LOGIN}?next=/admin/"


def test_the_account_page_counts_what_is_there(places: Places) -> None:
    user = make_user(places.body, Role.EXAMINER)
    page = signed_in(user).get("/accounts/").context["page"]
    assert (page.login_name, page.second_step, page.second_step_required) == (user.username, True, True)
    assert page.recovery_codes_left == 10
    assert [role.role_label for role in page.roles] == ["考评员"]


def test_closing_a_login_or_a_slip_ends_its_sessions(places: Places) -> None:
    user = make_user(places.body, Role.EXAMINER)
    admin = acting_for(make_user(places.county, Role.ADMINISTRATOR), None)
    lost, known = SlipPurpose.LOST_SECOND_STEP, IdentityCheckKind.KNOWN
    for act in (
        lambda: issue_slip(by=admin, user=user, purpose=lost, check=known, now=NOW),
        lambda: set_active(by=INSTALLATION, user=user, active=False, now=NOW),
    ):
        user.set_password(PASSWORD)
        user.save()
        client = Client()
        sign_in(client, user.username)
        if Authenticator.objects.filter(user=user).exists():
            client.post("/accounts/2fa/authenticate/", {"code": demo_totp(user)})
        assert is_signed_in(client)
        act()
        assert client.get("/accounts/").status_code == 302
        assert not is_signed_in(client)


def test_the_sessions_page_ends_the_others(places: Places) -> None:
    user = make_user(places.school, Role.TRAINEE)
    here, there = Client(), Client()
    sign_in(here, user.username)
    sign_in(there, user.username)
    page = here.get("/accounts/sessions/", headers={"user-agent": "Mozilla/5.0 (iPhone) Safari/604"})
    assert page.context["session_count"] == 2
    here.post("/accounts/sessions/")
    assert here.get("/accounts/").status_code == 200
    assert there.get("/accounts/").status_code == 302


def test_switching_takes_only_a_membership_that_is_held(places: Places) -> None:
    user = make_user(places.school, Role.TRAINEE)
    other = grant_membership(by=INSTALLATION, user=user, organisation=places.other_school, role=Role.TRAINEE, now=NOW)
    client = signed_in(user)
    assert client.post("/accounts/act-as/", {"membership": str(other.uuid)}).headers["Location"] == "/"
    assert client.session["membership"] == str(other.uuid)
    assert [event.action for event in audit.events_of(user.uuid)][-1] == "acts_as"
    foreign = make_user(places.school, Role.TRAINEE).memberships.get()
    for wrong in (str(foreign.uuid), "nonsense", ""):
        assert client.post("/accounts/act-as/", {"membership": wrong}).status_code == 404
    assert client.get("/accounts/act-as/").status_code == 405


def test_preferences_are_kept_on_the_account_and_in_a_cookie(places: Places) -> None:
    user = make_user(places.school, Role.TRAINEE)
    client = signed_in(user)
    client.post("/accounts/preferences/", {"text_size": "large", "next": "/accounts/"})
    assert client.post("/accounts/preferences/", {"next": "foo"}).headers["Location"] == "/"
    answer = client.post("/accounts/preferences/", {"language": "en", "next": "https://evil.example/"})
    assert answer.headers["Location"] == "/"
    user.refresh_from_db()
    assert (user.text_size, user.language, user.theme) == ("large", "en", "")
    page = client.get("/accounts/", headers={"accept-language": "zh-CN"}).content.decode()
    assert '<html lang="en" data-size="large"' in page
    visitor = Client()
    visitor.post("/accounts/preferences/", {"text_size": "large", "language": "en"})
    assert '<html lang="en" data-size="large"' in visitor.get(LOGIN).content.decode()
    assert client.post("/accounts/preferences/", {"theme": "neon"}).status_code == 400


def test_no_account_page_carries_inline_script_or_style(places: Places) -> None:
    user = make_user(places.body, Role.EXAMINER)
    client = Client()
    pages = [client.get(LOGIN), client.get("/accounts/password/reset/"), client.get("/accounts/signup/")]
    pages.append(client.get(sign_in(client, user.username).headers["Location"]))
    client.post("/accounts/2fa/authenticate/", {"code": demo_totp(user)})
    pages += [
        client.get(f"/accounts/{page}")
        for page in (
            "",
            "password/change/",
            "2fa/",
            "2fa/recovery-codes/",
            "2fa/totp/deactivate/",
            "sessions/",
            "logout/",
        )
    ]
    for page in pages:
        html = page.content.decode()
        assert page.status_code == 200, page.request["PATH_INFO"]
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", html), page.request["PATH_INFO"]
        assert "script-src 'self'" in page.headers["Content-Security-Policy"]


def test_the_second_step_outlives_the_key_it_was_encrypted_under(places: Places, settings: Settings) -> None:
    user = make_user(places.body, Role.EXAMINER)
    old = settings.KEYRING
    settings.KEYRING = replace(old, field_keys={"t2": b"n" * 32, **old.field_keys})
    for expected in (2, 0):  # the app's secret and the seed of the recovery codes
        out = StringIO()
        call_command("rotate_keys", stdout=out)
        assert f"mfa.authenticator.data: {expected} rewritten" in out.getvalue()
    settings.KEYRING = Keyring(old.secret_key, {"t2": b"n" * 32}, old.index_key)
    client = Client()
    sign_in(client, user.username)
    client.post("/accounts/2fa/authenticate/", {"code": demo_totp(user)})
    assert is_signed_in(client)
    assert len(Authenticator.objects.get(user=user, type="recovery_codes").wrap().get_unused_codes()) == 10


def test_processes_that_share_the_table_take_a_code_once(places: Places, settings: Settings) -> None:
    settings.CACHES = {"default": {**SHARED_CACHE, "LOCATION": "test_shared_cache"}}
    call_command("createcachetable")
    user = make_user(places.body, Role.EXAMINER)
    code = demo_totp(user)
    authenticator = Authenticator.objects.get(user=user, type="totp").wrap()
    assert [authenticator.validate_code(code) for _process in range(2)] == [True, False]
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM test_shared_cache")
        assert cursor.fetchone() == (1,)


def test_demonstration_codes_stay_in_the_demonstration(places: Places) -> None:
    user = make_user(places.body, Role.EXAMINER)
    with override_settings(DEMO=False), pytest.raises(DemonstrationOnly):
        demo_totp(user)
    User.objects.filter(pk=user.pk).update(is_demo=False)
    user.refresh_from_db()
    with pytest.raises(DemonstrationOnly):
        demo_totp(user)
