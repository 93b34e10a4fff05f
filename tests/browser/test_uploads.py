"""A video handed in from a phone: cut, paused, left, gone on with, refused; and without JavaScript."""

import hashlib
import os
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from lms.core import jobs
from media_pipeline.assets import store
from media_pipeline.assets.models import MediaAsset
from media_pipeline.assets.types import AssetState
from media_pipeline.uploads.models import Upload
from tests.browser.support import settle, sideways, until
from tests.lms.accounts.world import signed_in
from tests.media_pipeline.cast import Cast, build_cast, selling_clip
from tests.media_pipeline.clips import clip

pytestmark = pytest.mark.browser
MIB = 1 << 20
WORK = re.compile(r"/works/[0-9a-f-]{36}/$")


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return build_cast()


@pytest.fixture
def phone(browser: Browser, live_server: Any, cast: Cast) -> Any:
    """Her phone, signed in."""
    context = browser.new_context(
        locale="zh-CN", viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    cookie = signed_in(cast.users["owner"]).cookies["sessionid"]
    context.add_cookies([{"name": "sessionid", "value": cookie.value, "url": live_server.url}])
    yield context
    context.close()


def fill(page: Page) -> None:
    page.locator("#id_title").fill("高山岩茶")
    page.locator("#id_product").select_option("tea")
    page.locator("#id_product_name").fill("岩茶")
    page.locator("input[name=declared_ai][value=no]").check()


def opened(phone: BrowserContext, url: str) -> Page:
    page = phone.new_page()
    page.goto(f"{url}/works/upload/")
    settle(page)
    return page


def look(page: Page, audit: Any, name: str) -> None:
    """Nothing sideways, axe clean, on the phone and at a desk; KAIBO_SHOTS names a folder for pictures."""
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 844})
        if folder := os.environ.get("KAIBO_SHOTS"):
            page.screenshot(path=Path(folder) / f"{name}-{width}.png", full_page=True)
        assert (sideways(page), audit(page)) == (0, [])


class Cable:
    """A network that breaks once so many bytes of the video have passed."""

    def __init__(self, page: Page, after: float, size: int) -> None:
        self.whole, self.last, self.sent, self.largest = False, after * size, 0, 0
        page.route("**/uploads/**", self.carry)

    def carry(self, route: Route) -> None:
        if route.request.method == "PATCH" and not self.whole:
            offset = int(route.request.headers["upload-offset"])
            if offset >= self.last:
                route.abort("connectionreset")
                return
        if route.request.method == "PATCH":
            piece = len(route.request.post_data_buffer or b"")
            self.sent, self.largest = self.sent + piece, max(self.largest, piece)
        route.continue_()


@pytest.fixture(scope="session")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path, _card = selling_clip(tmp_path_factory.mktemp("video") / "我的茶.mp4")
    assert path.stat().st_size > 6 * MIB  # several pieces
    return path


def test_cut_at_forty_percent_and_reloaded_it_goes_on_and_is_processed(
    phone: BrowserContext, live_server: Any, video: Path, audit: Any
) -> None:
    page, size = opened(phone, live_server.url), video.stat().st_size
    cable = Cable(page, 0.4, size)
    page.locator("#id_video").set_input_files(video)
    expect(page.locator(".file-state")).to_have_text("可以上传")
    fill(page)
    page.locator("[data-role=send]").click()
    expect(page.locator(".file")).to_have_attribute("data-state", "waiting", timeout=120_000)
    expect(page.locator(".file-state")).to_have_text("网络断了。已经传的都在，连上网自动接着传")
    row = Upload.objects.get()
    assert 0.4 * size <= row.offset < 0.4 * size + MIB
    look(page, audit, "upload-cut")

    page.reload()
    settle(page)
    percent = row.offset * 100 // size
    expect(page.locator(".file-state")).to_have_text(f"已传{percent}%。再选一次同一条视频，就从停下的地方接着传")
    expect(page.locator("#id_title")).to_have_value("高山岩茶")
    look(page, audit, "upload-again")
    cable.whole, cable.sent = True, 0
    page.locator("#id_video").set_input_files(video)
    page.wait_for_url(WORK, timeout=120_000)
    # What was on the server did not come a second time.
    assert (cable.sent, cable.largest) == (size - row.offset, MIB)
    asset = MediaAsset.objects.get()
    stored = store.read(asset.renditions.get().key)
    assert hashlib.sha256(stored).hexdigest() == hashlib.sha256(video.read_bytes()).hexdigest() == asset.sha256
    jobs.drain("media")
    asset.refresh_from_db()
    assert asset.state == AssetState.READY
    page.reload()
    expect(page.locator(".job-head")).to_contain_text("检测完成")
    look(page, audit, "upload-done")


def test_paused_another_tab_knows_it_and_another_video_forgets_it(
    phone: BrowserContext, live_server: Any, video: Path
) -> None:
    page, size = opened(phone, live_server.url), video.stat().st_size
    Cable(page, 0.3, size)
    page.locator("#id_video").set_input_files(video)
    fill(page)
    page.locator("[data-role=send]").click()
    expect(page.locator(".file")).to_have_attribute("data-state", "waiting", timeout=120_000)
    page.locator("[data-role=pause]").first.click()
    expect(page.locator(".file-state")).to_contain_text("已暂停")
    expect(page.locator("[data-role=go-on]").first).to_be_visible()

    other = opened(phone, live_server.url)
    expect(other.locator(".file-state")).to_contain_text("再选一次同一条视频")
    other.locator("[data-role=other]").first.click()
    expect(other.locator(".file")).to_have_count(0)
    until(other, lambda: Upload.objects.get().state == "ended")
    assert not store.exists(Upload.objects.get().key)


def test_what_the_server_refuses_is_said_beside_the_field(phone: BrowserContext, live_server: Any, video: Path) -> None:
    page = opened(phone, live_server.url)
    page.locator("#id_video").set_input_files(video)
    fill(page)
    page.locator("#id_title").evaluate(
        "field => { field.removeAttribute('maxlength'); field.value = '茶'.repeat(61); }"
    )
    page.locator("[data-role=send]").click()
    expect(page.locator(".field:has(#id_title) .field-error")).to_contain_text("60")
    expect(page.locator("#id_title")).to_be_focused()
    assert Upload.objects.count() == 0
    page.locator("#id_title").fill("高山岩茶")
    page.locator("[data-role=send]").click()
    page.wait_for_url(WORK, timeout=120_000)


def test_the_camera_is_offered_on_a_phone(phone: BrowserContext, live_server: Any, video: Path) -> None:
    page = opened(phone, live_server.url)
    expect(page.get_by_text("现在拍")).to_be_visible()
    page.locator("[data-role=capture]").set_input_files(video)
    expect(page.locator(".file-state")).to_have_text("可以上传")
    fill(page)
    page.locator("[data-role=send]").click()
    page.wait_for_url(WORK, timeout=120_000)


def test_a_refused_file_shows_why_and_what_to_do(
    phone: BrowserContext, live_server: Any, tmp_path: Path, audit: Any
) -> None:
    """As drawn: a video too short before a byte is sent, one that breaks off in the middle as soon as it is looked at."""
    page = opened(phone, live_server.url)
    short = clip(tmp_path / "short.mp4", seconds=42, picture="testsrc2=s=240x426:r=5")
    page.locator("#id_video").set_input_files(short)
    expect(page.locator(".file-state")).to_have_text("视频42秒，少于60秒。请重拍一条60秒以上的视频")
    expect(page.locator("[data-role=send]")).to_have_attribute("aria-disabled", "true")
    look(page, audit, "upload-short")
    assert Upload.objects.count() == 0

    whole = clip(
        tmp_path / "whole.mp4", seconds=64, picture="testsrc2=s=480x854:r=10", options=("-movflags", "+faststart")
    )
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    page.locator("#id_video").set_input_files(broken)
    expect(page.locator(".file-state")).to_have_text("可以上传")
    fill(page)
    page.locator("[data-role=send]").click()
    page.wait_for_url(WORK, timeout=120_000)
    jobs.drain("media")
    # The page asks by itself and shows the refusal without a reload.
    expect(page.locator(".job .reason").first).to_be_visible()
    expect(page.locator(".job-head")).to_contain_text("没通过")
    expect(page.get_by_role("link", name="重新选择视频")).to_be_visible()
    expect(page.locator("main a.button")).to_have_count(1)  # asking again replaces what it said before
    look(page, audit, "upload-refused")
