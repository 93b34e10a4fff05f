"""A session of a class on video: two files sent at once from the institution's desk, checked, watched by the bureau."""

import os
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from courses.classes.models import TrainingClass
from courses.recordings.models import ClassRecording
from lms.core import jobs
from tests.browser.support import Watch, settle, sideways, until
from tests.courses.homework.world import taught
from tests.courses.school import FIRST_DAY, lay_rules, pin
from tests.media_pipeline.cast import Cast, build_cast
from tests.media_pipeline.clips import clip

pytestmark = pytest.mark.browser


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    cast = build_cast()
    lay_rules(cast)
    return cast


@pytest.fixture
def teaching(cast: Cast) -> TrainingClass:
    return pin(taught(cast).row, "jiangyin_2023")


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    return [
        clip(tmp_path / "上半场.mp4", seconds=5),
        clip(tmp_path / "下半场.mp4", seconds=8, picture="color=black:s=640x480:r=15"),
    ]


def look(page: Page, audit: Any, name: str) -> None:
    """Nothing sideways, axe clean, at a desk and on a phone; KAIBO_SHOTS names a folder for pictures."""
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 844})
        settle(page)
        if folder := os.environ.get("KAIBO_SHOTS"):
            page.screenshot(path=Path(folder) / f"{name}-{width}.png", full_page=True)
        assert (sideways(page), audit(page)) == (0, [])


def sign_in(page: Page, cast: Cast, who: str, url: str) -> None:
    cookie = cast.client(who).cookies[settings.SESSION_COOKIE_NAME]
    page.context.clear_cookies()
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie.value, "url": url}])


def test_two_files_of_a_session_are_sent_checked_and_watched(
    live_server: Any, watched: Watch, audit: Any, cast: Cast, teaching: TrainingClass, files: list[Path]
) -> None:
    page, url = watched.page, live_server.url
    sign_in(page, cast, "school_admin", url)
    page.goto(f"{url}/classes/{teaching.uuid}/")
    page.get_by_role("link", name="查看录像").click()
    look(page, audit, "recordings-none")
    page.get_by_role("link", name="上传录像").click()
    page.get_by_label("上课日期").fill(FIRST_DAY.isoformat())
    page.get_by_label("开始时间").fill("09:00")
    page.get_by_label("课表时长").fill("90")
    page.get_by_label("实操课").check()
    # The page's script lets her choose several; the form takes one without it.
    page.locator("#id_video[multiple]").set_input_files(files)
    expect(page.locator(".file-state")).to_have_text(["可以上传", "可以上传"])
    page.locator("[data-role=send]").click()
    expect(page.locator(".field:has(#id_subject) .field-error")).to_be_visible()
    look(page, audit, "recording-new")
    page.get_by_label("授课内容").fill("产品讲解四步法")
    page.locator("[data-role=send]").click()
    page.wait_for_url(f"{url}/classes/{teaching.uuid}/recordings/")
    assert ClassRecording.objects.count() == 2
    jobs.drain("media")
    page.reload()
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody tr")).to_contain_text("比课时短")
    look(page, audit, "recordings")

    sign_in(page, cast, "bureau", url)
    page.reload()
    expect(page.get_by_role("link", name="上传录像")).to_have_count(0)
    page.get_by_role("link", name="文件2").click()
    expect(page.locator("video")).to_be_visible()
    until(page, "document.querySelector('video').readyState >= 1")
    expect(page.get_by_role("heading", name="检查发现")).to_be_visible()
    look(page, audit, "recording")
    assert watched.complaints == []
