"""A phone or mail address that stands for the login name, only after it was confirmed."""

import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from pytest_django import Settings

from lms.accounts.api import AccountsRefusal, Role, User
from lms.accounts.signin.models import Alias
from lms.accounts.signin.services import confirm_alias, request_alias
from lms.accounts.signin.types import AliasKind
from tests.lms.accounts.world import NOW, PASSWORD, Places, make_user, signed_in

SENT: list[tuple[str, str]] = []


def take_sms(phone: str, text: str) -> None:
    SENT.append((phone, text))


@pytest.fixture
def sender(settings: Settings) -> list[tuple[str, str]]:
    settings.SMS_SENDER = "tests.lms.accounts.test_alias.take_sms"
    settings.SEND_MAIL = True
    SENT.clear()
    return SENT


def code_in(text: str) -> str:
    (code,) = re.findall(r"\b\d{6}\b", text) or re.findall(r"\d{6}", text)
    return str(code)


def add(user: User, value: str, kind: AliasKind = AliasKind.PHONE) -> None:
    request_alias(user=user, kind=kind, value=value, now=NOW)
    text = SENT[-1][1] if kind is AliasKind.PHONE else str(mail.outbox[-1].body)
    confirm_alias(user=user, kind=kind, code=code_in(text), now=NOW)


def signs_in(typed: str) -> bool:
    client = Client()
    client.post("/accounts/login/", {"login": typed, "password": PASSWORD})
    return "_auth_user_id" in client.session


def test_a_confirmed_phone_and_mail_sign_in(places: Places, sender: Any) -> None:
    user = make_user(places.school, Role.TRAINEE)
    request_alias(user=user, kind=AliasKind.PHONE, value="138 0000-1234", now=NOW)
    assert not signs_in("13800001234")  # not before the code
    confirm_alias(user=user, kind=AliasKind.PHONE, code=code_in(sender[-1][1]), now=NOW)
    add(user, "Lin@Example.com", AliasKind.MAIL)
    for typed in ("13800001234", "+86 138 0000 1234", "lin@example.COM", user.username):
        assert signs_in(typed), typed
    client = signed_in(user)
    client.post("/accounts/alias/phone/", {"act": "end"})
    assert not signs_in("13800001234")


def test_one_phone_is_one_login(places: Places, sender: Any) -> None:
    first, second = (make_user(places.school, Role.TRAINEE) for _index in range(2))
    add(first, "13800001234")
    with pytest.raises(AccountsRefusal) as refused:
        add(second, "13800001234")
    assert refused.value.code == "taken"
    assert Alias.objects.filter(state="confirmed").get().user == first


def test_wrong_codes_run_out_and_old_codes_too(places: Places, sender: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    user = make_user(places.school, Role.TRAINEE)
    request_alias(user=user, kind=AliasKind.PHONE, value="13800001234", now=NOW)
    right = code_in(sender[-1][1])
    wrong = "000000" if right != "000000" else "000001"
    codes = []
    for code in [wrong] * 5 + [right]:
        with pytest.raises(AccountsRefusal) as refused:
            confirm_alias(user=user, kind=AliasKind.PHONE, code=code, now=NOW)
        codes.append(refused.value.code)
    assert codes == ["code"] * 5 + ["none"]


def test_off_by_default_and_refused_plainly(places: Places, settings: Settings) -> None:
    user = make_user(places.school, Role.TRAINEE)
    assert "alias/phone" not in signed_in(user).get("/accounts/").content.decode()
    assert signed_in(user).get("/accounts/alias/phone/").status_code == 404
    with pytest.raises(AccountsRefusal) as refused:
        request_alias(user=user, kind=AliasKind.PHONE, value="13800001234", now=NOW)
    assert refused.value.code == "off"


def test_by_the_pages(places: Places, sender: Any) -> None:
    user = make_user(places.school, Role.TRAINEE)
    client = signed_in(user)
    page = "/accounts/alias/phone/"
    assert client.post(page, {"act": "send", "value": "1380000"}).status_code == 422
    assert client.post(page, {"act": "send", "value": "13800001234"}).headers["Location"] == page
    html = client.get(page).content.decode()
    assert ("138****1234" in html, "13800001234" in html) == (True, False)
    assert client.post(page, {"act": "confirm", "code": "x"}).status_code == 422
    assert client.post(page, {"act": "confirm", "code": code_in(sender[-1][1])}).headers["Location"] == "/accounts/"
    assert signs_in("13800001234")
