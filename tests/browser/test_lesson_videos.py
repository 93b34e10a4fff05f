"""A lesson video in the browser: handed in with progress, transcribed for real, its captions corrected beside the player."""

import os
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from courses.videos.models import LessonVideo
from lms.accounts.api import Role, User
from lms.core import jobs
from lms.core.jobs import runner
from media_pipeline.api import captions_of
from tests.browser.support import Watch, settle, sideways, until
from tests.lms.accounts.world import make_user, signed_in
from tests.media_pipeline.cast import build_cast, selling_clip

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
# A folder to leave pictures in, for whoever looks at the pages.
LOOK = os.environ.get("KAIBO_SHOTS", "")


@pytest.fixture
def committee(transactional_db: None) -> User:
    return make_user(build_cast().city, Role.COMMITTEE, name="林委员")


@pytest.fixture
def page(committee: User, browser: Browser, live_server: Any) -> Iterator[Page]:
    context = browser.new_context(locale="zh-CN", viewport={"width": 1280, "height": 800})
    cookie = signed_in(committee).cookies["sessionid"]
    context.add_cookies([{"name": "sessionid", "value": cookie.value, "url": live_server.url}])
    yield context.new_page()
    # The player's requests end before the database does.
    context.close()


def prepare(monkeypatch: pytest.MonkeyPatch) -> None:
    """The real stages in this process; no heartbeat, whose thread would close the connection that the server shares."""
    monkeypatch.setattr(runner, "_heartbeat", lambda claim, lease_s: nullcontext())
    jobs.drain("media")


def look(page: Page, name: str) -> None:
    if LOOK:
        page.screenshot(path=f"{LOOK}/{name}.png")
        page.screenshot(path=f"{LOOK}/{name}-whole.png", full_page=True)


@pytest.mark.req("S3-13")
def test_a_video_is_handed_in_and_its_captions_are_corrected(
    page: Page,
    watched: Watch,
    live_server: Any,
    tmp_path: Path,
    audit: Callable[[Page], list[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clip, card = selling_clip(tmp_path / "lesson.mp4")
    page.goto(f"{live_server.url}/admin/lesson-videos/upload/")
    settle(page)
    page.set_input_files("input[type=file]", str(clip))
    expect(page.locator(".file[data-state=ready]")).to_have_count(1)
    page.get_by_label("标题").fill("讲茶的三步")
    look(page, "upload-1280")
    assert audit(page) == []
    page.get_by_role("button", name="上传", exact=True).click()
    page.wait_for_url("**/admin/lesson-videos/*-*/")
    expect(page.get_by_text("正在处理").first).to_be_visible()
    look(page, "waiting-1280")
    assert audit(page) == []
    prepare(monkeypatch)
    # The page asks by itself and shows the player once all is done.
    expect(page.get_by_role("heading", name="字幕")).to_be_visible(timeout=15_000)
    settle(page)
    until(page, "document.querySelector('video').readyState >= 1")
    until(page, "document.querySelector('video').textTracks[0].cues?.length > 5")
    assert page.evaluate("document.querySelector('video').textTracks[0].mode") == "showing"
    look(page, "captions-1280")
    assert audit(page) == []
    video = LessonVideo.objects.get()
    before = captions_of(video.asset)
    assert before is not None
    assert before.lines[-1].end_s <= card["duration_s"] + 2
    # A time plays its line, which is marked; the bar goes in tens, the speed is remembered.
    third = page.locator(".caption").nth(2)
    third.locator("a").click()
    until(page, "document.querySelectorAll('.caption')[2].hasAttribute('data-now')")
    page.evaluate("document.querySelector('video').pause()")
    at = page.evaluate("document.querySelector('video').currentTime")
    page.get_by_role("button", name="前进10秒").click()
    until(page, f"document.querySelector('video').currentTime > {at + 9}")
    page.locator("[data-role=speed]").click()
    page.locator("input[name='text-2']").fill("校对过的一行")
    page.get_by_role("button", name="保存字幕").click()
    expect(page.get_by_text("已保存为第1版")).to_be_visible()
    settle(page)
    assert page.evaluate("document.querySelector('video').playbackRate") == 1.25
    after = captions_of(video.asset)
    assert after is not None
    assert (after.number, after.lines[2].text, len(after.lines)) == (1, "校对过的一行", len(before.lines))
    look(page, "saved-1280")
    # On a phone too, and what cannot be read is said at its line.
    page.set_viewport_size({"width": 390, "height": 800})
    page.locator("input[name='start-0']").fill("现在")
    page.get_by_role("button", name="保存字幕").click()
    expect(page.get_by_text("时间请写成").first).to_be_visible()
    assert [line for line in watched.complaints if "422" not in line] == []
    watched.complaints.clear()
    settle(page)
    assert sideways(page) == 0
    look(page, "refused-390")
    assert audit(page) == []
    page.mouse.move(200, 700)
    page.mouse.wheel(0, 900)
    page.wait_for_timeout(300)
    look(page, "scrolled-390")
    page.goto(f"{live_server.url}/admin/lesson-videos/")
    look(page, "list-390")
    assert sideways(page) == 0
    page.set_viewport_size({"width": 1280, "height": 800})
    look(page, "list-1280")
    assert audit(page) == []
    page.goto(f"{live_server.url}/admin/lesson-videos/upload/")
    page.set_viewport_size({"width": 390, "height": 800})
    settle(page)
    look(page, "upload-390")
    assert sideways(page) == 0
