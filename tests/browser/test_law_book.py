"""The law book, the calendar and a specification in a real browser: strangers, trainees on phones, the bureau at a desk."""

import os
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from django.test import Client
from playwright.sync_api import Page, ViewportSize, expect

from assessment.api import load_specifications, specifications
from lms.accounts.api import Role, User
from lms.core.workdays.api import load_workdays
from lms.policies.api import load_profiles, profile_in_force
from tests.browser.support import Watch, sideways
from tests.lms.accounts.world import build_places, make_user, signed_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE = ViewportSize(width=390, height=844)
DESK = ViewportSize(width=1280, height=800)


@pytest.fixture
def people(transactional_db: None) -> dict[str, User]:
    load_workdays()
    load_profiles()
    load_specifications()
    places = build_places()
    return {
        "trainee": make_user(places.school, Role.TRAINEE),
        "bureau": make_user(places.city, Role.HR_BUREAU, name="许志明"),
    }


def enter(page: Page, server: object, user: User) -> None:
    """The browser takes over the session of a test client."""
    client: Client = signed_in(user)
    page.context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": str(server)}])


def shot(page: Page, name: str) -> None:
    """A picture to look at, where KAIBO_SHOTS names a folder."""
    if folder := os.environ.get("KAIBO_SHOTS"):
        width = (page.viewport_size or PHONE)["width"]
        page.screenshot(path=Path(folder) / f"{name}-{width}.png", full_page=True)


def test_everybody_reads_the_law_book(
    live_server: object, watched: Watch, people: dict[str, User], audit: Callable[[Page], list[str]]
) -> None:
    page = watched.page
    fuzhou = profile_in_force("fuzhou_2021", date(2026, 1, 1)).uuid
    for who, view in (("stranger", PHONE), ("trainee", PHONE), ("bureau", DESK)):
        if who != "stranger":
            enter(page, live_server, people[who])
        page.set_viewport_size(view)
        for name, address in (("policies", "/policies/"), ("policy", f"/policies/{fuzhou}/")):
            page.goto(f"{live_server}{address}")
            expect(page.locator("h1")).to_have_count(1)
            assert sideways(page) == 0, (who, name)
            assert audit(page) == [], (who, name)
            shot(page, f"{who}-{name}")


def test_the_bureau_keeps_the_calendar_and_approves(
    live_server: object, watched: Watch, people: dict[str, User], audit: Callable[[Page], list[str]]
) -> None:
    page = watched.page
    enter(page, live_server, people["bureau"])
    demonstration = next(data for data in specifications() if data.key == "demonstration")
    for view in (PHONE, DESK):
        page.set_viewport_size(view)
        for name, address in (
            ("calendar", "/policies/calendar/2026/"),
            ("calendar-missing", "/policies/calendar/2027/"),
            ("calendar-edit", "/policies/calendar/2026/edit/"),
            ("specifications", "/specifications/"),
            ("specification", f"/specifications/{demonstration.uuid}/"),
        ):
            page.goto(f"{live_server}{address}")
            assert sideways(page) == 0, name
            assert audit(page) == [], name
            shot(page, name)
    page.get_by_role("button", name="批准这一版").click()
    page.get_by_role("dialog").get_by_role("button", name="批准", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text("已批准")
    page.goto(f"{live_server}/policies/calendar/2027/edit/")
    page.get_by_label("来源").fill("国办发明电〔2026〕1号")
    page.get_by_label("放假和调休").fill("2027-01-01 元旦")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("alert").first).to_contain_text("第1行看不懂")
    watched.complaints.clear()
    assert audit(page) == []
    shot(page, "calendar-refused")
    page.get_by_label("放假和调休").fill("2027-01-01 2027-01-03 休 元旦")
    page.get_by_role("button", name="保存").click()
    expect(page.locator("dl.facts")).to_contain_text("2027-01-01至2027-01-03")
