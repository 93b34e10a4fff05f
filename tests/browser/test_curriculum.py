"""A newcomer to the committee writes a lesson in the browser; another approves it; it goes live on its date; it is rolled back."""

import os
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from courses.catalogue.models import LessonPage, LessonVersion
from courses.videos.models import LessonVideo
from lms.accounts.api import Role, User
from lms.core import clock
from lms.policies.api import load_profiles
from tests.browser.support import sideways
from tests.courses.catalogue.writing import course, level
from tests.courses.roots import curriculum
from tests.lms.accounts.world import Places, build_places, make_user, signed_in

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SLOW_MS = 30_000


@pytest.fixture
def places(transactional_db: None) -> Places:
    cache.clear()
    curriculum()
    load_profiles()
    return build_places()


def opened(browser: Browser, live_server: Any, user: User) -> Page:
    context = browser.new_context(locale="zh-CN", viewport={"width": 1280, "height": 900})
    context.set_default_timeout(SLOW_MS)
    cookie = signed_in(user).cookies[settings.SESSION_COOKIE_NAME]
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie.value, "url": live_server.url}])
    return context.new_page()


def look(page: Page, name: str) -> None:
    if folder := os.environ.get("KAIBO_SHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def submit(page: Page) -> None:
    page.get_by_role("button", name="更多动作").click()
    with page.expect_navigation():
        page.locator("button[name='action-submit']").click()


@pytest.mark.req("S3-14")
def test_written_by_one_approved_by_another_live_on_its_date_compared_and_rolled_back(
    browser: Browser, live_server: Any, places: Places, audit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    author, other = (make_user(places.city, Role.COMMITTEE, name=name) for name in ("陈写", "吴审"))
    module = course(level())
    video = LessonVideo.objects.create(title="讲鱼丸的三步", asset=uuid4(), author=uuid4(), created_at=clock.now())
    page = opened(browser, live_server, author)
    page.goto(f"{live_server.url}/admin/pages/add/courses/lessonpage/{module.pk}/")
    page.locator("#id_title").fill("开口之前")
    page.locator("#id_summary").fill("认出不能说的话。")
    page.locator("#id_kind").select_option("theory")
    page.locator("#id_delivery").select_option("online")
    page.get_by_label("理论讲解").check()
    page.locator("#id_hours").fill("1.5")
    page.locator("#id_online_minutes").fill("20")
    page.get_by_role("button", name="Insert a block").first.click()
    page.get_by_role("option", name="自测题").click()
    page.locator("#body-0-value-stem").fill("哪一句可以说？")
    page.locator("#body-0-value-options-0-value-text").fill("全国第一")
    page.locator("#body-0-value-options-1-value-text").fill("本店上月卖出三千份")
    page.locator("#body-0-value-options-1-value-correct").check()
    page.locator("#body-0-value-explanation").fill("说得清，查得到。")
    page.get_by_role("button", name="Insert a block").last.click()
    page.get_by_role("option", name="课程视频").click()
    page.get_by_role("button", name="选择教学视频").click()
    page.locator(".modal").get_by_role("link", name="讲鱼丸的三步").click()
    page.locator("#body-1-value-title").fill("三步讲鱼丸")
    look(page, "lesson-written")
    # The date it goes live is part of what is reviewed.
    soon = clock.real_now() + timedelta(days=2)
    page.get_by_role("button", name="状态").click()
    page.get_by_role("button", name="设置计划").click()
    page.locator("#id_go_live_at").fill(timezone.localtime(soon).strftime("%Y-%m-%d %H:%M"))
    page.locator("#schedule-publishing-dialog button.action-save").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    submit(page)
    lesson = LessonPage.objects.get()
    assert (lesson.live, lesson.current_workflow_state is not None) == (False, True)

    reviewer = opened(browser, live_server, other)
    reviewer.goto(f"{live_server.url}/admin/")
    look(reviewer, "reviews-panel")
    reviewer.get_by_role("link", name="开口之前").first.click()
    expect(reviewer.get_by_text("哪一句可以说？").first).to_be_visible()
    assert (sideways(reviewer), audit(reviewer)) == (0, [])
    look(reviewer, "review")
    with reviewer.context.expect_page() as shown:
        reviewer.get_by_role("link", name="按学员看到的样子读").click()
    expect(shown.value.get_by_text("本店上月卖出三千份").first).to_be_visible()
    reviewer.get_by_role("button", name="审定通过").click()
    expect(reviewer.get_by_text("到定好的时间上线")).to_be_visible()
    lesson.refresh_from_db()
    assert not lesson.live
    # The day comes for Wagtail's publishing; sessions stay in the present.
    day = SimpleNamespace(now=lambda: soon + timedelta(hours=1))
    for place in ("wagtail.actions.publish_revision", "wagtail.management.commands.publish_scheduled"):
        monkeypatch.setattr(f"{place}.timezone", day)
    call_command("publish_scheduled")
    lesson.refresh_from_db()
    first = LessonVersion.objects.get()
    assert (lesson.live, first.approved_by, str(video.uuid) in str(first.document)) == (True, other.uuid, True)

    # A change by the author, approved; then compared and rolled back, approved again.
    page.goto(f"{live_server.url}/admin/pages/{lesson.pk}/edit/")
    page.locator("#id_summary").fill("改过的一句。")
    submit(page)
    reviewer.goto(f"{live_server.url}/admin/curriculum/review/{lesson.pk}/")
    reviewer.get_by_role("link", name="和已上线的比较").click()
    expect(reviewer.get_by_text("改过的一句。").first).to_be_visible()
    look(reviewer, "compared")
    reviewer.goto(f"{live_server.url}/admin/curriculum/review/{lesson.pk}/")
    reviewer.get_by_role("button", name="审定通过").click()
    expect(reviewer.get_by_text("现在已上线")).to_be_visible()
    assert LessonVersion.objects.count() == 2
    page.goto(f"{live_server.url}/admin/pages/{lesson.pk}/revisions/{first.revision}/revert/")
    expect(page.locator("#id_summary")).to_have_value("认出不能说的话。")
    with page.expect_navigation():
        page.locator("footer button.action-save").first.click()
    page.goto(f"{live_server.url}/admin/pages/{lesson.pk}/edit/")
    submit(page)
    reviewer.goto(f"{live_server.url}/admin/curriculum/review/{lesson.pk}/")
    reviewer.get_by_role("button", name="审定通过").click()
    expect(reviewer.get_by_text("现在已上线")).to_be_visible()
    lesson.refresh_from_db()
    assert (lesson.live, lesson.live_lesson.version.document["summary"]) == (True, "认出不能说的话。")
    for one in (page, reviewer):
        one.context.close()
