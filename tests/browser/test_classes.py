"""A class from its plan to its first training day, and the pool of examiners, as people walk through them."""

import os
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from tests.assessment.people import filed, person_of
from tests.browser.support import Watch, settle, sideways
from tests.courses.school import asked, lay_rules, opened, pin
from tests.media_pipeline.cast import Cast, build_cast

pytestmark = pytest.mark.browser


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    cast = build_cast()
    lay_rules(cast)
    return cast


def sign_in(page: Page, cast: Cast, who: str, url: str) -> None:
    cookie = cast.client(who).cookies[settings.SESSION_COOKIE_NAME]
    page.context.clear_cookies()
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
def test_a_class_from_its_plan_to_its_first_day(
    live_server: Any, watched: Watch, audit: Any, cast: Cast, width: int
) -> None:
    page, url = watched.page, live_server.url
    page.set_viewport_size({"width": width, "height": 844})
    person_of(cast, "owner")
    person_of(cast, "instructor")
    sign_in(page, cast, "school_admin", url)
    page.goto(f"{url}/classes/")
    look(page, audit, "classes-empty")
    page.get_by_role("link", name="新建班次").click()
    look(page, audit, "class-policy")
    page.get_by_role("link", name="演示评价方案").click()
    page.get_by_label("班次名称").fill("连江县初级班第3期")
    page.get_by_label("等级").select_option(label="五级/初级工")
    page.get_by_label("开班日期").fill("2026-12-14")
    page.get_by_label("计划学时").fill("40")
    page.get_by_label("名额").fill("30")
    page.get_by_role("button", name="保存班次").click()
    expect(page.get_by_role("alert").first).to_contain_text("结束日期")
    look(page, audit, "class-plan")
    refused(watched)
    page.get_by_label("结束日期").fill("2026-12-18")
    page.get_by_role("button", name="保存班次").click()
    page.get_by_role("link", name="添加讲师").click()
    page.get_by_label("讲师").select_option(label="高讲师")
    look(page, audit, "instructor-add")
    page.get_by_role("button", name="添加讲师").click()
    page.get_by_role("button", name="提交开班备案").click()
    expect(page.get_by_role("status").first).to_contain_text("已提交开班备案")
    look(page, audit, "class-filed")
    here = page.url
    sign_in(page, cast, "bureau", url)
    page.goto(here)
    look(page, audit, "class-bureau")
    page.get_by_role("button", name="同意开班").click()
    expect(page.get_by_role("status").first).to_contain_text("已同意开班")
    sign_in(page, cast, "owner", url)
    page.goto(f"{url}/enrolment/")
    look(page, audit, "enrolments-open")
    page.get_by_role("link", name="连江县初级班第3期").click()
    look(page, audit, "enrol")
    page.get_by_label("我要报这个班").check()
    page.get_by_role("button", name="提交报名").click()
    expect(page.locator("h1")).to_have_text("连江县初级班第3期")
    look(page, audit, "enrolment-submitted")
    sign_in(page, cast, "school_admin", url)
    page.goto(here)
    look(page, audit, "class-roster")
    page.get_by_role("link", name="林*燕").click()
    look(page, audit, "enrolment-office")
    page.get_by_role("button", name="录取进班").click()
    expect(page.get_by_role("status").first).to_contain_text("已录取")
    page.get_by_role("button", name="开班", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("已录取1人")
    dialog.get_by_role("button", name="开班", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text("共1名学员")
    look(page, audit, "class-teaching")
    page.goto(f"{url}/classes/")
    look(page, audit, "classes")
    sign_in(page, cast, "owner", url)
    page.goto(f"{url}/enrolment/")
    look(page, audit, "enrolments-mine")
    page.get_by_role("link", name="连江县初级班第3期").click()
    look(page, audit, "enrolment-training")
    expect(page.get_by_role("link", name="上传视频")).to_be_visible()


@pytest.mark.parametrize("width", (390, 1280))
def test_what_a_policy_asks_and_refuses_is_said(
    live_server: Any, watched: Watch, audit: Any, cast: Cast, width: int
) -> None:
    page, url = watched.page, live_server.url
    page.set_viewport_size({"width": width, "height": 844})
    person_of(cast, "owner")
    row = pin(opened(cast), "fuzhou_2021")
    sign_in(page, cast, "owner", url)
    page.goto(f"{url}/enrolment/new/{row.uuid}/")
    page.get_by_role("button", name="提交报名").click()
    look(page, audit, "enrol-errors")
    refused(watched)
    page.get_by_role("group", name="您是在校学生吗").get_by_label("是", exact=True).check()
    page.get_by_role("group", name="机关事业单位在编").get_by_label("否", exact=True).check()
    page.get_by_label("我要报这个班").check()
    page.get_by_role("button", name="提交报名").click()
    expect(page.locator("#state-title")).to_contain_text("未被录取")
    look(page, audit, "enrolment-rejected")
    waiting = asked(cast, row, "colleague")
    sign_in(page, cast, "school_admin", url)
    page.goto(f"{url}/enrolment/{waiting.uuid}/")
    page.get_by_role("button", name="录取进班").click()
    expect(page.get_by_role("alert").first).to_contain_text("还不清楚")
    look(page, audit, "enrolment-unknown")
    page.get_by_role("button", name="不录取").click()
    expect(page.get_by_role("alert").first).to_contain_text("原因")
    look(page, audit, "enrolment-why")
    refused(watched)


@pytest.mark.parametrize("width", (390, 1280))
def test_the_pool_is_filled_and_filed(live_server: Any, watched: Watch, audit: Any, cast: Cast, width: int) -> None:
    page, url = watched.page, live_server.url
    page.set_viewport_size({"width": width, "height": 844})
    filed(cast, "examiner")
    sign_in(page, cast, "body_admin", url)
    page.goto(f"{url}/examiners/")
    look(page, audit, "examiners-body")
    page.get_by_role("link", name="添加考评员").click()
    page.get_by_label("考评员证号").fill("KP-20260002")
    page.get_by_label("二级/技师").check()
    page.get_by_label("有效期起").fill("2025-01-01")
    page.get_by_label("有效期止").fill("2030-01-01")
    page.get_by_role("button", name="加入考评员库").click()
    look(page, audit, "examiner-add")
    refused(watched)
    page.get_by_label("二级/技师").uncheck()
    page.get_by_label("五级/初级工").check()
    page.get_by_role("button", name="加入考评员库").click()
    expect(page.get_by_role("status").first).to_contain_text("备案后才会派评")
    sign_in(page, cast, "city_bureau", url)
    page.goto(f"{url}/examiners/")
    look(page, audit, "examiners-bureau")
    page.get_by_role("button", name="备案", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text("可以派评")
