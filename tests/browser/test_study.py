"""A trainee studies on a 390 px phone: loses the network, comes back, loses nothing."""

import os
import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.handlers.base import BaseHandler
from django.http import HttpResponse
from playwright.sync_api import Page, expect

from courses.catalogue.types import CaseBlock
from courses.learning.models import Bookmark, CheckAttempt, LessonNote, LessonProgress, LessonQuestion
from courses.learning.services.deadlines import set_deadline
from courses.learning.services.questions import answer, ask
from courses.learning.types import StudyState
from lms.core import clock
from tests.browser.cable import Cable
from tests.browser.support import Watch, settle, sideways, until
from tests.courses.catalogue.writing import document
from tests.courses.lessons import DAY, TITLES, Taught, taught
from tests.courses.school import lay_rules
from tests.media_pipeline.cast import Cast, build_cast

pytestmark = pytest.mark.browser

_WORDS = "镜头前先说自己是谁，再说卖什么，最后说为什么值得买。每一句都要能拿出证据来，拿不出来的就不说。"


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    cast = build_cast()
    lay_rules(cast)
    return cast


@pytest.fixture
def class_(cast: Cast) -> Taught:
    made = [document(title) for title in TITLES]
    paragraphs = tuple(CaseBlock(f"第{number}步", _WORDS * 3) for number in range(1, 7))
    return taught(cast, documents=tuple(replace(each, blocks=paragraphs + each.blocks) for each in made))


# The live server shares the test's one connection to its database in memory: one at a time.
_TURN = threading.RLock()


@pytest.fixture(autouse=True)
def one_at_a_time(transactional_db: None, monkeypatch: pytest.MonkeyPatch, page: Page) -> Iterator[None]:
    """Requests wait for each other and for `with _TURN`; in the end pages are left before the database is emptied."""
    answer, over = BaseHandler.get_response, threading.Event()

    def get_response(self: BaseHandler, request: Any) -> Any:
        with _TURN:
            return HttpResponse(status=503) if over.is_set() else answer(self, request)

    monkeypatch.setattr(BaseHandler, "get_response", get_response)
    yield
    for each in page.context.pages:
        each.close()
    with _TURN:
        over.set()


@pytest.fixture
def cable(live_server: Any) -> Iterator[Cable]:
    made = Cable(live_server.url)
    yield made
    made.close()


@pytest.fixture
def training_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first training day, for the server too."""
    real = clock.real_now()
    monkeypatch.setattr(clock, "now", lambda: DAY + (clock.real_now() - real))


def sign_in(page: Page, cast: Cast, who: str, url: str, *, keep: bool = False) -> None:
    with _TURN:
        client = cast.client(who)
        session = client.session
        session.set_expiry(14 * 86400 if keep else 0)
        session.save()
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    page.context.clear_cookies()
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie.value, "url": url}])


def phone(page: Page) -> Page:
    page.set_viewport_size({"width": 390, "height": 844})
    return page


def shot(page: Page, name: str, *, full: bool = True) -> None:
    """KAIBO_SHOTS names a folder for pictures."""
    if folder := os.environ.get("KAIBO_SHOTS"):
        width = (page.viewport_size or {"width": 0})["width"]
        page.screenshot(path=Path(folder) / f"{name}-{width}.png", full_page=full)


def look(page: Page, audit: Any, name: str) -> None:
    """Nothing sideways, axe clean."""
    settle(page)
    shot(page, name)
    assert (sideways(page), audit(page)) == (0, [])


def tab(page: Page, name: str) -> None:
    page.get_by_role("tab", name=name).click()


def test_she_loses_the_network_comes_back_and_loses_nothing(
    page: Page, cast: Cast, class_: Taught, cable: Cable, training_day: None
) -> None:
    phone(page)
    sign_in(page, cast, "owner", cable.url, keep=True)
    page.goto(f"{cable.url}/study/")
    page.get_by_role("link", name="开始学").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLES[0])
    # The device has its own copy before the network goes.
    until(page, "document.documentElement.dataset.kept !== undefined")
    page.reload()
    settle(page)
    page.wait_for_timeout(1500)

    cable.cut()
    tab(page, "笔记")
    page.get_by_label("这一课的笔记").fill("全国第一不能说")
    expect(page.locator("[data-save]")).to_contain_text("待上传")
    tab(page, "课文")
    check = page.locator(".quiz")
    check.get_by_text("本店上月卖出三千份").click()
    check.get_by_role("button", name="检查答案").click()
    expect(check).to_contain_text("对了。")
    page.locator("#b4").scroll_into_view_if_needed()
    page.evaluate("document.getElementById('b4').scrollIntoView()")
    until(
        page, "Object.entries(localStorage).some(([name, at]) => /^kb-place:/.test(name) && JSON.parse(at).block >= 4)"
    )
    tab(page, "问老师")
    page.get_by_role("textbox", name="问老师").fill("“纯天然”能不能说？")
    page.get_by_role("button", name="发给老师").click()
    expect(page.locator("[data-asked]")).to_contain_text("纯天然")
    shot(page, "study-offline", full=False)

    page.reload()  # without a network, from the device's own store
    settle(page)
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLES[0])
    expect(page.locator(".quiz")).to_contain_text("对了。")
    # She stands where she stopped, once the device's store has told the page.
    until(page, "Math.abs(document.getElementById('b4').getBoundingClientRect().top - 100) < 500")
    tab(page, "笔记")
    expect(page.get_by_label("这一课的笔记")).to_have_value("全国第一不能说")
    page.get_by_label("这一课的笔记").fill("全国第一不能说\n最好也不能说")
    page.wait_for_timeout(1200)
    tab(page, "问老师")
    expect(page.locator("[data-asked]")).to_contain_text("纯天然")
    # The next lesson came along; a page never opened says why it is not there.
    page.goto(f"{cable.url}{class_.url(1)}")
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLES[1])
    expect(page.locator("[data-save]")).to_have_attribute("data-state", "held")  # that she opened it is on the device
    page.goto(f"{cable.url}/study/{class_.row.uuid}/path/")
    expect(page.get_by_role("heading", level=1)).to_have_text("网络断了")
    with _TURN:
        assert LessonNote.objects.count() == CheckAttempt.objects.count() == LessonQuestion.objects.count() == 0

    cable.mend()
    page.goto(f"{cable.url}{class_.url()}")
    settle(page)
    expect(page.locator("[data-save]")).to_contain_text(re.compile(r"已保存 \d\d:\d\d:\d\d"), timeout=20_000)
    until(page, "document.querySelector('[data-save]').dataset.state === 'saved'")
    tab(page, "笔记")
    expect(page.get_by_label("这一课的笔记")).to_have_value("全国第一不能说\n最好也不能说")
    with _TURN:
        note = LessonNote.objects.get()
        assert (note.text, note.revision) == ("全国第一不能说\n最好也不能说", 1)
        assert CheckAttempt.objects.get().correct
        assert LessonQuestion.objects.get().text == "“纯天然”能不能说？"
        progress = LessonProgress.objects.get(lesson=class_.lesson())
        assert LessonProgress.objects.get(lesson=class_.lesson(1)).state is StudyState.OPENED
    assert (progress.state, progress.percent >= 3 * 100 // 14) == (StudyState.OPENED, True)
    assert progress.block >= 3

    # On: the lesson is told as studied, and the next one is there.
    page.get_by_role("button", name="学完，下一课").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLES[1])
    with _TURN:
        progress.refresh_from_db()
    assert progress.state is StudyState.COMPLETED


def test_two_devices_lose_no_note(page: Page, cast: Cast, class_: Taught, live_server: Any, training_day: None) -> None:
    url = live_server.url
    phone(page)
    sign_in(page, cast, "owner", url)
    page.goto(f"{url}{class_.url()}")
    settle(page)
    other = page.context.new_page()
    other.goto(f"{url}{class_.url()}")
    settle(other)
    tab(other, "笔记")
    other.get_by_label("这一课的笔记").fill("平板上写的")
    expect(other.locator("[data-save]")).to_contain_text("已保存")
    until(other, "document.querySelector('kb-lesson').revision === 1")
    page.bring_to_front()
    tab(page, "笔记")
    page.get_by_label("这一课的笔记").fill("手机上写的")
    expect(page.locator("[data-told]")).to_contain_text("两边的内容都在这里了")
    until(page, "document.querySelector('kb-lesson').revision === 2")
    with _TURN:
        text = LessonNote.objects.get().text
    assert "平板上写的" in text
    assert "手机上写的" in text


def test_a_shared_computer_keeps_nothing(
    page: Page, cast: Cast, class_: Taught, cable: Cable, training_day: None
) -> None:
    phone(page)
    sign_in(page, cast, "owner", cable.url)
    page.goto(f"{cable.url}{class_.url()}")
    settle(page)
    page.wait_for_timeout(1000)
    kept = "async () => [(await caches.keys()).length, (await navigator.serviceWorker.getRegistrations()).length]"
    assert page.evaluate(kept) == [0, 0]
    # Her own phone keeps lessons until she signs out.
    sign_in(page, cast, "owner", cable.url, keep=True)
    page.goto(f"{cable.url}{class_.url()}")
    until(page, "document.documentElement.dataset.kept !== undefined")
    until(page, "caches.keys().then(names => names.length === 1)")
    page.context.clear_cookies()
    page.goto(f"{cable.url}{class_.url()}")
    expect(page.get_by_role("heading", level=1)).to_have_text("登录")
    until(page, "caches.keys().then(names => names.length === 0)")


def test_the_lesson_works_without_scripts(
    browser: Any, cast: Cast, class_: Taught, live_server: Any, training_day: None
) -> None:
    url = live_server.url
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844}, locale="zh-CN")
    page = context.new_page()
    sign_in(page, cast, "owner", url)
    page.goto(f"{url}{class_.url()}")
    page.locator(".quiz").get_by_text("销量全国第一").click()
    page.get_by_role("button", name="检查答案").click()
    expect(page.locator(".quiz")).to_contain_text("正确答案已标出")
    page.get_by_label("这一课的笔记").fill("不用脚本也能记")
    page.get_by_role("button", name="保存笔记").click()
    page.get_by_label("课里的位置").select_option(label="第2步")
    page.get_by_role("button", name="加书签", exact=True).click()
    expect(page.get_by_role("link", name="第2步")).to_be_visible()
    page.get_by_role("textbox", name="问老师").fill("没有脚本能问吗？")
    page.get_by_role("button", name="发给老师").click()
    expect(page.locator("#ask")).to_contain_text("没有脚本能问吗？")
    page.get_by_role("button", name="学完，下一课").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLES[1])
    assert LessonNote.objects.get().text == "不用脚本也能记"
    assert Bookmark.objects.get().block == 2
    assert LessonProgress.objects.get(lesson=class_.lesson()).state is StudyState.COMPLETED
    context.close()


def test_pages_of_studying_at_every_size(
    watched: Watch, audit: Any, cast: Cast, class_: Taught, live_server: Any, training_day: None
) -> None:
    page, url = phone(watched.page), live_server.url
    asked = ask(
        by=cast.acting("owner"),
        training_class=class_.row.uuid,
        lesson=class_.lesson(),
        text="“纯天然”能不能说？",
        key=uuid4(),
        now=DAY - timedelta(days=5),
    )
    set_deadline(
        by=cast.acting("instructor"),
        training_class=class_.row,
        lesson=class_.lesson(1),
        due=DAY.date() + timedelta(days=2),
        now=DAY,
    )
    sign_in(page, cast, "instructor", url)
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 844})
        for name, path in (
            ("study-classes", "/study/"),
            ("study-class", f"/study/{class_.row.uuid}/"),
            ("lesson-read", class_.url()),
            ("questions", "/study/questions/"),
            ("question", f"/study/questions/{asked.uuid}/"),
        ):
            page.goto(f"{url}{path}")
            look(page, audit, name)
    with _TURN:
        answer(by=cast.acting("instructor"), question=asked, text="要有检测报告才能说。", share=True, now=DAY)
    sign_in(page, cast, "owner", url)
    for name, path in (
        ("study", "/study/"),
        ("study-path", f"/study/{class_.row.uuid}/path/"),
        ("study-search", "/study/search/?q=鱼丸"),
        ("my-questions", "/study/questions/"),
        ("my-question", f"/study/questions/{asked.uuid}/"),
        ("lesson", class_.url()),
    ):
        page.goto(f"{url}{path}")
        look(page, audit, name)
    for name in ("目录", "笔记", "问老师"):
        tab(page, name)
        page.evaluate("scrollTo(0, 0)")
        look(page, audit, f"lesson-{name}")
    # 200 % zoom of a 390 px phone, and its large text.
    page.set_viewport_size({"width": 320, "height": 640})
    page.evaluate("document.documentElement.dataset.size = 'large'")
    for path in (class_.url(), "/study/"):
        page.goto(f"{url}{path}")
        page.evaluate("document.documentElement.dataset.size = 'large'")
        settle(page)
        shot(page, f"zoom-{'lesson' if path != '/study/' else 'study'}")
        assert sideways(page) == 0


def test_a_lesson_by_keyboard_alone(
    page: Page, cast: Cast, class_: Taught, live_server: Any, training_day: None
) -> None:
    url = live_server.url
    phone(page)
    sign_in(page, cast, "owner", url)
    page.goto(f"{url}{class_.url()}")
    settle(page)
    page.get_by_role("tab", name="课文").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="笔记")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_label("这一课的笔记")).to_be_focused()
    page.keyboard.type("kb")
    expect(page.locator("[data-save]")).to_contain_text("已保存")
    page.get_by_role("tab", name="笔记").focus()
    page.keyboard.press("Home")
    page.locator(".quiz [type=radio]").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".quiz")).to_contain_text("对了。")
    expect(page.get_by_role("button", name="检查答案")).to_be_focused()
