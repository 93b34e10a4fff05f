"""What the browser modules do: player, transcript, timeline, tabs, dialog, flash, upload."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.clip import make_clip, serve_clip
from tests.browser.support import Watch, settle, until

pytestmark = pytest.mark.browser

TIME = "document.querySelector('video').currentTime"
PLAYS = "!document.querySelector('video').paused"


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clip") / "clip.mp4", seconds=73)


@pytest.fixture
def desk(live_server: object, watched: Watch, clip: Path) -> Page:
    """The evidence page with a real video at second 0."""
    page = watched.page
    serve_clip(page, clip)
    page.set_viewport_size({"width": 1280, "height": 720})
    page.goto(f"{live_server}/_gallery/page-evidence/?lang=zh-hans&t=0")
    until(page, "document.querySelector('video').readyState >= 1")
    settle(page)
    page.evaluate("document.querySelector('video').muted = true")
    return page


def _seconds(page: Page) -> float:
    seconds: float = page.evaluate(TIME)
    return seconds


def _pause_at(page: Page, second: float) -> None:
    page.evaluate("second => { const v = document.querySelector('video'); v.pause(); v.currentTime = second; }", second)
    until(page, f"Math.abs({TIME} - {second}) < 0.1")


def test_time_link_plays_from_its_second(desk: Page) -> None:
    desk.locator("#finding-1 .timelink").click()
    until(desk, f"{TIME} >= 41 && {PLAYS}")
    assert _seconds(desk) == pytest.approx(41, abs=1.5)
    expect(desk.locator(".cue[aria-current=true]")).to_have_id("cue-5")
    assert float((desk.locator(".timeline-head").get_attribute("x1") or "").rstrip("%")) == pytest.approx(57, abs=3)
    assert "?t=" not in desk.url.split("_gallery")[1].replace("&t=0", "")


def test_keys_seek_step_and_change_speed(desk: Page) -> None:
    _pause_at(desk, 20)
    desk.locator("body").press("l")
    until(desk, f"Math.abs({TIME} - 25) < 0.2")
    desk.locator("body").press("j")
    until(desk, f"Math.abs({TIME} - 20) < 0.2")
    desk.locator("body").press(".")
    until(desk, f"{TIME} > 20.02 && {TIME} < 20.2")
    desk.locator("body").press("]")
    assert desk.evaluate("document.querySelector('video').playbackRate") == 1.25
    desk.locator("body").press("Space")
    until(desk, PLAYS)
    desk.locator("body").press("k")
    until(desk, f"!({PLAYS})")


def test_f_walks_the_findings(desk: Page) -> None:
    _pause_at(desk, 10)
    desk.locator("body").press("f")
    until(desk, f"{TIME} >= 41 && {TIME} < 43")
    expect(desk.locator("#finding-1")).to_have_attribute("aria-current", "true")
    _pause_at(desk, 41)
    desk.locator("body").press("f")
    until(desk, f"{TIME} >= 47 && {TIME} < 49")
    _pause_at(desk, 50)
    desk.locator("body").press("Shift+F")
    until(desk, f"{TIME} >= 47 && {TIME} < 49")


def test_keys_leave_typing_and_input_methods_alone(desk: Page) -> None:
    _pause_at(desk, 20)
    desk.locator("#transcript-search").press_sequentially("jkl")
    assert desk.locator("#transcript-search").input_value() == "jkl"
    desk.evaluate(
        """() => document.body.dispatchEvent(
            new KeyboardEvent('keydown', { code: 'KeyL', keyCode: 229, bubbles: true }))"""
    )
    desk.evaluate(
        """() => document.body.dispatchEvent(
            new KeyboardEvent('keydown', { code: 'KeyL', isComposing: true, bubbles: true }))"""
    )
    assert _seconds(desk) == pytest.approx(20, abs=0.1)


def test_shortcuts_can_be_turned_off_and_stay_off(desk: Page) -> None:
    desk.locator("body").press("Shift+Slash")
    expect(desk.locator("#shortcuts dialog")).to_be_visible()
    desk.locator("#shortcuts-on").uncheck()
    desk.keyboard.press("Escape")
    expect(desk.locator("#shortcuts [data-open]")).to_be_focused()
    _pause_at(desk, 20)
    desk.locator("body").press("l")
    desk.reload()
    until(desk, "document.querySelector('video').readyState >= 1")
    expect(desk.locator("#shortcuts-on")).not_to_be_checked()
    until(desk, f"{TIME} < 0.1")


def test_transcript_stops_following_and_comes_back(desk: Page) -> None:
    desk.set_viewport_size({"width": 1280, "height": 520})
    scroll = "document.querySelector('.transcript-scroll').scrollTop"
    desk.locator(".transcript-scroll").hover()
    desk.mouse.wheel(0, 60)
    until(desk, f"{scroll} > 0")
    _pause_at(desk, 69)
    expect(desk.locator(".follow")).to_be_visible()
    before = desk.evaluate(scroll)
    desk.locator(".follow").click()
    until(desk, f"{scroll} > {before}")
    expect(desk.locator(".follow")).to_be_hidden()
    expect(desk.locator("#cue-9 .cue-time")).to_be_focused()


def test_arrows_walk_the_cues_and_enter_seeks(desk: Page) -> None:
    desk.locator("#cue-0 .cue-time").focus()
    desk.keyboard.press("ArrowDown")
    desk.keyboard.press("ArrowDown")
    expect(desk.locator("#cue-2 .cue-time")).to_be_focused()
    desk.keyboard.press("Enter")
    until(desk, f"{TIME} >= 12 && {TIME} < 14")


def test_search_counts_its_hits_and_keeps_every_line(desk: Page) -> None:
    desk.locator("body").press("s")
    expect(desk.locator("#transcript-search")).to_be_focused()
    desk.keyboard.type("最低价")
    expect(desk.locator(".find-count")).to_have_text("1处")
    expect(desk.locator("#live")).to_have_text("1处")
    expect(desk.locator(".cue:visible")).to_have_count(10)
    desk.keyboard.press("Escape")
    expect(desk.locator(".find-count")).to_be_hidden()


def test_at_the_scoring_desk_search_keeps_the_lines_that_match(live_server: object, watched: Watch, clip: Path) -> None:
    page = watched.page
    serve_clip(page, clip)
    page.goto(f"{live_server}/_gallery/page-scoring/?lang=zh-hans&t=0")
    settle(page)
    page.locator("#transcript-search").fill("最低价")
    expect(page.locator(".cue:visible")).to_have_count(1)
    expect(page.locator("#live")).to_have_text("找到1句")
    page.locator("#transcript-search").fill("")
    expect(page.locator(".cue:visible")).to_have_count(10)


def test_scrubber_moves_the_video_by_keys(desk: Page) -> None:
    desk.locator(".scrubber").focus()
    desk.keyboard.press("PageUp")
    desk.keyboard.press("ArrowRight")
    until(desk, f"Math.abs({TIME} - 11) < 0.2")
    assert desk.locator(".scrubber").get_attribute("aria-valuetext") == "00:11，共01:13"


def test_tabs_and_checks_jump_to_their_second(desk: Page) -> None:
    desk.locator("#tab-words").focus()
    desk.keyboard.press("ArrowRight")
    expect(desk.locator("#panel-checks")).to_be_visible()
    expect(desk.locator("#panel-words")).to_be_hidden()
    desk.locator("#panel-checks .timelink").first.click()
    until(desk, f"{TIME} >= 54.6 && {TIME} < 57")


def test_video_that_cannot_be_played_says_so(live_server: object, page: Page) -> None:
    page.goto(f"{live_server}/_gallery/player/?lang=zh-hans")
    expect(page.locator(".player-note")).to_have_text("视频放不出来。请刷新页面，还不行就找管理员")


def test_dialog_asks_before_it_sends(live_server: object, page: Page) -> None:
    page.goto(f"{live_server}/_gallery/dialog/?lang=zh-hans")
    page.locator("#retry > form > [data-open]").click()
    expect(page.locator("#retry dialog h2")).to_have_text("删除这条视频？")
    page.keyboard.press("Escape")
    expect(page.locator("#retry [data-open]")).to_be_focused()


def test_flash_closes_by_button_and_escape(live_server: object, page: Page) -> None:
    page.goto(f"{live_server}/_gallery/flash/?lang=zh-hans")
    page.locator(".flash-close").first.click()
    expect(page.locator("kb-flash")).to_have_count(2)
    page.keyboard.press("Escape")
    expect(page.locator("kb-flash")).to_have_count(0)


def test_error_summary_takes_the_focus(live_server: object, page: Page) -> None:
    page.goto(f"{live_server}/_gallery/error-summary/?lang=zh-hans")
    expect(page.locator(".errors")).to_be_focused()
    page.locator(".errors a").first.click()
    expect(page.locator("#id_phone")).to_be_focused()


def test_upload_refuses_a_short_video_before_sending(live_server: object, page: Page, tmp_path: Path) -> None:
    page.goto(f"{live_server}/_gallery/page-upload/?lang=zh-hans")
    settle(page)
    page.locator("#id_video").set_input_files(make_clip(tmp_path / "茶.mp4", seconds=12))
    expect(page.locator(".file-state")).to_have_text("视频12秒，少于60秒。请重拍一条60秒以上的视频")
    expect(page.locator("[data-role=send]")).to_have_attribute("aria-disabled", "true")


def test_upload_says_what_is_missing_before_sending(live_server: object, page: Page) -> None:
    page.goto(f"{live_server}/_gallery/page-upload/?lang=zh-hans")
    settle(page)
    page.locator("[data-role=send]").click()
    expect(page.locator(".picker .field-error")).to_have_text("请先选一条视频")
    expect(page.locator(".field .field-error")).to_have_text("上传前请填写这一项")
    expect(page.locator("#id_video")).to_be_focused()
    page.locator("#id_title").fill("高山岩茶")
    expect(page.locator(".field .field-error")).to_have_count(0)
