"""From the desk to the first sign-in: registered, a slip printed, a password of one's own; and registering oneself."""

import os
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from playwright.sync_api import Page, expect

from lms.accounts.api import Role, User
from lms.accounts.consent.services import load_consent_texts
from tests.browser.support import Watch, settle, sideways
from tests.lms.accounts.world import Places, build_places, card_number, make_user, signed_in

pytestmark = pytest.mark.browser

OWN = "boat-lamp-tea-rain"


@pytest.fixture
def places(transactional_db: None) -> Places:
    cache.clear()
    load_consent_texts()
    return build_places()


def sign_in(page: Page, user: User, url: str) -> None:
    cookie = signed_in(user).cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie.value, "url": url}])


def refused(watched: Watch) -> None:
    """Chromium tells the console of every refused form; that one line is no complaint."""
    watched.complaints[:] = [said for said in watched.complaints if "422" not in said]


def look(page: Page, audit: Any, name: str) -> None:
    """Nothing sideways, axe clean; KAIBO_SHOTS names a folder for pictures."""
    settle(page)
    if folder := os.environ.get("KAIBO_SHOTS"):
        width = (page.viewport_size or {"width": 0})["width"]
        page.screenshot(path=Path(folder) / f"{name}-{width}.png", full_page=True)
    assert (sideways(page), audit(page)) == (0, [])


@pytest.mark.parametrize("width", (390, 1280))
def test_registered_at_the_desk_and_signed_in_by_slip(
    live_server: Any, watched: Watch, audit: Any, places: Places, width: int
) -> None:
    page, url = watched.page, live_server.url
    page.set_viewport_size({"width": width, "height": 844})
    sign_in(page, make_user(places.school, Role.INSTITUTION_ADMIN), url)
    page.goto(f"{url}/accounts/people/")
    look(page, audit, "people-empty")
    page.get_by_role("link", name="登记人员").click()
    page.get_by_label("姓名").fill("林晓燕")
    page.get_by_label("证件号码").fill(card_number(2)[:-1])
    page.get_by_role("button", name="登记").click()
    expect(page.get_by_role("alert").first).to_contain_text("身份证号")
    look(page, audit, "people-refused")
    refused(watched)
    page.get_by_label("证件号码").fill(card_number(2))
    page.get_by_role("button", name="登记").click()
    look(page, audit, "people-person")
    page.get_by_role("link", name="打印领取单").click()
    page.get_by_label("证件原件号码的后八位").fill(card_number(2)[-8:])
    look(page, audit, "people-slip")
    page.get_by_role("button", name="生成领取单").click()
    look(page, audit, "people-printed")
    name, code = page.locator(".slip-figure").all_inner_texts()
    page.emulate_media(media="print")
    expect(page.get_by_role("navigation")).to_have_count(0)
    expect(page.locator(".slip")).to_contain_text(code)
    page.emulate_media(media="screen")
    page.context.clear_cookies()
    page.goto(f"{url}/accounts/login/")
    page.get_by_role("link", name="凭领取单登录").click()
    page.get_by_label("登录名").fill(name)
    page.get_by_label("一次性领取码").fill("aaaa bbbb cccc")
    page.get_by_label("新密码", exact=False).first.fill(OWN)
    page.get_by_label("再输一次新密码").fill(OWN)
    page.get_by_role("button", name="设好密码并登录").click()
    expect(page.get_by_role("alert").first).to_contain_text("对不上")
    look(page, audit, "slip-refused")
    refused(watched)
    page.get_by_label("一次性领取码").fill(code.upper().replace("-", " "))
    page.get_by_label("新密码", exact=False).first.fill(OWN)
    page.get_by_label("再输一次新密码").fill(OWN)
    page.get_by_role("button", name="设好密码并登录").click()
    page.wait_for_url(f"{url}/")
    page.goto(f"{url}/accounts/consents/")
    page.get_by_role("button", name="已读完，同意").first.click()
    expect(page.get_by_role("status").first).to_contain_text("已登记：同意")
    look(page, audit, "consents")


@pytest.mark.parametrize("width", (390, 1280))
def test_a_trainee_registers_herself(live_server: Any, watched: Watch, audit: Any, places: Places, width: int) -> None:
    page, url = watched.page, live_server.url
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(f"{url}/accounts/login/")
    page.get_by_role("link", name="学员登记").click()
    page.get_by_role("button", name="登记").click()
    expect(page.get_by_role("alert").first).to_be_visible()
    look(page, audit, "register-refused")
    refused(watched)
    page.get_by_label("培训机构").select_option(label="连江县职业中学（连江县）")
    page.get_by_label("姓名").fill("陈芳")
    page.get_by_label("证件号码").fill(card_number(4))
    page.get_by_label("新密码", exact=False).first.fill(OWN)
    page.get_by_label("再输一次新密码").fill(OWN)
    page.get_by_label("已读完，同意").first.check()
    page.get_by_role("button", name="登记").click()
    page.wait_for_url(f"{url}/accounts/register/done/")
    look(page, audit, "registered")
    expect(page.locator(".slip-figure")).to_have_text(User.objects.get(display_name="陈芳").username)
