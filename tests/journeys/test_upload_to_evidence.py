"""The main job: a trainee's video becomes evidence that an examiner can use, seen through two browsers."""

import os
import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.journeys.conftest import Site

pytestmark = pytest.mark.browser

PHONE: ViewportSize = {"width": 390, "height": 844}
DESK: ViewportSize = {"width": 1280, "height": 800}
# Kept where a person looks at them: CI's folder, or the run's own.
SHOTS = Path(os.environ.get("KAIBO_SHOTS", "var/shots"))


class Eyes:
    """Looks at every page on the way and keeps what is wrong, so that one journey tells everything at once."""

    def __init__(self) -> None:
        self.wrong: list[str] = []
        SHOTS.mkdir(parents=True, exist_ok=True)

    def look(self, page: Page, name: str) -> None:
        """A screenshot for people, an axe run for the machine, and no page wider than its window."""
        page.screenshot(path=SHOTS / f"{name}.png", full_page=True)
        for violation in Axe().run(page).response["violations"]:
            targets = ", ".join(str(node["target"]) for node in violation["nodes"])
            self.wrong.append(f"{name}: {violation['id']} at {targets}")
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            self.wrong.append(f"{name}: scrolls sideways")

    def watch(self, page: Page) -> Page:
        """Errors on the console (a refused inline script, a missing file) are wrong too."""
        page.on("console", lambda said: self.wrong.append(f"console: {said.text}") if said.type == "error" else None)
        page.on("pageerror", lambda error: self.wrong.append(f"script: {error}"))
        return page


def sign_in(page: Page, site: Site, who: str) -> None:
    """By login name and password; staff also by the code of this half minute."""
    login = site.logins()[who]
    page.goto(f"{site.url}/accounts/login/")
    page.locator("input[name=login]").fill(login["username"])
    page.locator("input[name=password]").fill(login["password"])
    page.get_by_role("button", name="登录").click()
    if login["code"]:
        page.locator("input[name=code]").fill(site.logins()[who]["code"])
        page.locator("main form button[type=submit], main form button:not([type])").first.click()
    page.wait_for_url(f"{site.url}/")


@pytest.mark.req("S2-32")
def test_a_video_becomes_evidence(browser: Browser, site: Site) -> None:
    eyes = Eyes()
    site.manage("demo_logins")
    site.manage("demo_videos")
    phone = browser.new_context(viewport=PHONE, locale="zh-CN", has_touch=True)
    trainee = eyes.watch(phone.new_page())
    trainee.goto(f"{site.url}/")
    eyes.look(trainee, "390-login")
    sign_in(trainee, site, "trainee-new")
    eyes.look(trainee, "390-home-before")

    trainee.get_by_role("link", name="去上传").click()
    eyes.look(trainee, "390-upload")
    trainee.locator("input[type=file]").first.set_input_files(site.var / "demo" / "videos" / "violating-tea.mp4")
    trainee.locator("input[name=title]").fill("连江绿茶讲解")
    trainee.locator("[name=product]").first.select_option("tea")
    trainee.locator("input[name=product_name]").fill("绿茶")
    trainee.locator("input[name=brand]").fill("明月茶园")
    trainee.locator("input[name=declared_ai][value=False], input[name=declared_ai][value=no]").check()
    eyes.look(trainee, "390-upload-filled")
    trainee.get_by_role("button", name="上传", exact=True).click()
    trainee.wait_for_url(re.compile(r"/works/[0-9a-f-]{36}/$"))
    eyes.look(trainee, "390-progress")
    # No reload: the page follows the running worker by itself.
    expect(trainee.locator("[data-state=done]", has_text="语音转文字").first).to_be_visible(timeout=180_000)
    expect(trainee.get_by_text("等待考评员评分").or_(trainee.get_by_text("检测完成")).first).to_be_visible(
        timeout=60_000
    )
    eyes.look(trainee, "390-checked")
    assert "降血压" not in trainee.content(), "a trainee sees no transcript and no findings before the decision"
    trainee.goto(f"{site.url}/")
    eyes.look(trainee, "390-home-after")

    desk = browser.new_context(viewport=DESK, locale="zh-CN")
    examiner = eyes.watch(desk.new_page())
    sign_in(examiner, site, "examiner")
    eyes.look(examiner, "1280-home")
    examiner.goto(f"{site.url}/evidence/")
    eyes.look(examiner, "1280-evidence-list")
    examiner.locator("main a[href^='/evidence/']").first.click()
    examiner.wait_for_url(re.compile(r"/evidence/[^/]+/$"))
    examiner.wait_for_function("document.querySelector('video').readyState >= 2")
    eyes.look(examiner, "1280-evidence")
    seen = examiner.content()
    for secret in ("王小梅", "连江县演示职业培训学校", "violating-tea", "连江绿茶讲解"):
        assert secret not in seen, f"the page is blind, but says {secret}"

    link = examiner.locator("[data-finding] [data-seek], .finding [data-seek]").first
    second = float(link.get_attribute("data-seek") or "nan")
    assert second > 0
    link.click()
    examiner.wait_for_function(
        "second => Math.abs(document.querySelector('video').currentTime - second) < 2.5", arg=second, timeout=10_000
    )
    assert examiner.evaluate("document.querySelector('video').currentTime") >= second - 0.5
    eyes.look(examiner, "1280-evidence-at-finding")
    assert eyes.wrong == []
