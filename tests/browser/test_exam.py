"""A candidate sits a paper: on a phone and a desk, by keyboard, without a network, on two devices, to the last second."""

import os
import re
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Locator, Page, expect

from assessment.delivery.models import Answer, Attempt, IntegrityEvent
from assessment.delivery.selectors import current_answers, recount
from assessment.delivery.services import (
    ask_arrangement,
    check_identity,
    pause_attempt,
    resume_attempt,
    rule_on_arrangement,
)
from assessment.delivery.types import ArrangementKind
from lms.core import clock
from tests.assessment.delivery.sat import opened_on, real_paper
from tests.assessment.delivery.world import OPENS, World, build_world, plugged_in
from tests.browser.cable import Cable
from tests.browser.support import Watch, settle, sideways, until

pytestmark = pytest.mark.browser


class Hour:
    """The server's clock: it goes on, and a test can set it."""

    def __init__(self) -> None:
        self.real, self.at = clock.real_now(), OPENS + timedelta(minutes=1)

    def __call__(self) -> Any:
        return self.at + (clock.real_now() - self.real)

    def forward(self, **delta: float) -> None:
        self.at += timedelta(**delta)


@pytest.fixture
def hour(monkeypatch: pytest.MonkeyPatch) -> Hour:
    made = Hour()
    monkeypatch.setattr(clock, "now", made)
    return made


@pytest.fixture
def world(transactional_db: None, hour: Hour, page: Page) -> Iterator[World]:
    with plugged_in() as fakes:
        made = build_world(fakes)
        yield made
        for context in page.context.browser.contexts if page.context.browser else []:
            for each in context.pages:
                each.close()


@pytest.fixture
def cable(live_server: Any) -> Iterator[Cable]:
    made = Cable(live_server.url)
    yield made
    made.close()


def sign_in(page: Page, world: World, url: str, who: str = "owner") -> None:
    cookie = world.cast.client(who).cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie.value, "url": url}])


def look(page: Page, audit: Callable[[Page], list[str]], name: str) -> None:
    """Nothing sideways, axe clean; KAIBO_SHOTS names a folder for pictures."""
    assert (sideways(page), audit(page)) == (0, [])
    if folder := os.environ.get("KAIBO_SHOTS"):
        width = (page.viewport_size or {"width": 0})["width"]
        page.screenshot(path=Path(folder) / f"{name}-{width}.png", full_page=False)


def size(page: Page, width: int, height: int = 844) -> None:
    page.set_viewport_size({"width": width, "height": height})


def sit(page: Page, world: World, cable: Cable) -> Attempt:
    """From the rules to the first question."""
    check_identity(by=world.invigilator, entry=world.entry().uuid, now=clock.now())
    sign_in(page, world, cable.url)
    page.goto(f"{cable.url}/exam/seat/{world.entry().uuid}/")
    page.get_by_role("button", name="已读规则，进入候考").click()
    ready(page)
    return Attempt.objects.get()


def ready(page: Page) -> None:
    page.locator("kb-exam[data-ready]").wait_for(state="attached")


def kept(page: Page) -> None:
    """The service worker has the page."""
    until(
        page,
        "(async () => (await caches.keys()).length && (await (await caches.open((await caches.keys())[0])).keys())"
        ".some((one) => one.url.includes('kb-exam.js')))()",
    )


def shown(page: Page) -> list[int]:
    return [int(one.get_attribute("data-position") or 0) for one in page.locator("[data-position]:not([hidden])").all()]


def choice(page: Page, value: str) -> Locator:
    """An option of the question on the screen; its field lies invisible over the whole row."""
    return page.locator(f".exam-question:not([hidden]) input[value={value}]")


def tick(page: Page, value: str) -> None:
    choice(page, value).check(force=True)


def saved(page: Page) -> None:
    expect(page.locator(".save").first).to_have_text(re.compile(r"已保存 \d\d:\d\d:\d\d"))


def test_every_type_is_answered_saved_and_handed_in(
    world: World, page: Page, cable: Cable, watched: Watch, audit: Callable[[Page], list[str]]
) -> None:
    opened_on(world, real_paper(world))
    size(page, 390)
    sign_in(page, world, cable.url)
    page.goto(f"{cable.url}/exam/")
    settle(page)
    look(page, audit, "exam-list")
    row = sit(page, world, cable)
    assert shown(page) == [1]
    look(page, audit, "exam-question")
    tick(page, "B")
    saved(page)
    page.get_by_role("button", name="标记").locator("visible=true").click()
    go = page.get_by_role("button", name="下一题")
    go.click()
    assert shown(page) == [2]
    tick(page, "A")
    tick(page, "C")
    go.click()
    tick(page, "true")
    go.click()
    page.get_by_label("第4题第1空").fill("真实")
    look(page, audit, "exam-fill")
    go.click()
    # Every step takes place 1 in turn: the one before gets the place that became free.
    for letter in "ABCD":
        page.get_by_label(f"{letter}排第几").select_option("1")
    for number, letter in enumerate("ABCD", 1):
        page.get_by_label(f"{letter}排第几").select_option(str(number))
    go.click()
    # The letters are those of her order; what is stored are the options' own names.
    names = [one.get_attribute("value") for one in page.locator("#q6 [data-key='1'] option").all()]
    page.get_by_label("与1配对的一项").select_option(index=1)
    page.get_by_label("与2配对的一项").select_option(index=2)
    look(page, audit, "exam-matching")
    go.click()
    page.locator("textarea:visible").fill("先道歉，再说怎么办。")
    go.click()
    tick(page, "D")
    saved(page)
    look(page, audit, "exam-case")
    answers = current_answers(row.uuid)
    assert {position: answers[position] for position in (1, 3, 4, 6, 7, 8)} == {
        1: ["B"],
        3: True,
        4: ["真实"],
        6: {"1": names[1], "2": names[2]},
        7: "先道歉，再说怎么办。",
        8: ["D"],
    }
    assert (sorted(answers[2]), sorted(answers[5])) == (["A", "C"], list("ABCD"))  # type: ignore[call-overload]
    page.get_by_role("button", name="答题卡").click()
    expect(page.get_by_role("button", name="1 已答已保存 已标记", exact=True)).to_be_visible()
    look(page, audit, "exam-sheet")
    page.get_by_role("button", name="关闭").click()
    page.get_by_role("button", name="交卷", exact=True).click()
    expect(page.get_by_text("共8题，已答8题，未答0题，标记1题。")).to_be_visible()
    look(page, audit, "exam-hand-in")
    page.get_by_role("button", name="去交卷").click()
    page.get_by_role("button", name="确认交卷").click()
    expect(page.get_by_role("heading", name="已交卷")).to_be_visible()
    look(page, audit, "exam-over")
    row.refresh_from_db()
    assert (row.state, recount(row.uuid).problem) == ("handed_in", "")
    until(page, "(async () => (await caches.keys()).length === 0)()")


def test_offline_reloaded_and_back(world: World, page: Page, cable: Cable, audit: Callable[[Page], list[str]]) -> None:
    opened_on(world, real_paper(world))
    size(page, 390)
    row = sit(page, world, cable)
    tick(page, "A")
    saved(page)
    kept(page)
    cable.cut()
    page.get_by_role("button", name="下一题").click()
    tick(page, "A")
    expect(page.get_by_text("网络断了，继续答题就行。")).to_be_visible()
    expect(page.locator(".save").first).to_have_text("1题待上传")
    look(page, audit, "exam-offline")
    left = page.locator("[data-left]").inner_text()
    page.reload()
    ready(page)
    expect(page.locator("html[data-kept]")).to_have_count(1)
    assert page.locator("[data-left]").inner_text() <= left
    page.get_by_role("button", name="下一题").click()
    expect(choice(page, "A")).to_be_checked()
    page.get_by_role("button", name="下一题").click()
    tick(page, "true")
    assert current_answers(row.uuid) == {1: ["A"]}
    page.get_by_role("button", name="答题卡").click()
    page.get_by_role("button", name="检查并交卷").click()
    expect(page.get_by_role("button", name="去交卷")).to_be_disabled()
    page.get_by_role("button", name="继续答题").locator("visible=true").click()
    cable.mend()
    expect(page.get_by_text("网络断了，继续答题就行。")).to_be_hidden(timeout=40_000)
    saved(page)
    assert current_answers(row.uuid) == {1: ["A"], 2: ["A"], 3: True}
    assert (Answer.objects.count(), recount(row.uuid).problem) == (3, "")


def test_another_device_takes_over(world: World, page: Page, cable: Cable, browser: Browser) -> None:
    opened_on(world, real_paper(world))
    size(page, 390)
    row = sit(page, world, cable)
    tick(page, "A")
    saved(page)
    other = browser.new_context(locale="zh-CN").new_page()
    sign_in(other, world, cable.url)
    other.goto(f"{cable.url}/exam/{row.uuid}/")
    other.get_by_role("button", name="在这台设备上继续").click()
    ready(other)
    expect(other.locator("#q1 input[value=A]")).to_be_checked()
    tick(page, "B")
    expect(page.get_by_role("dialog", name="考试已在另一台设备上继续")).to_be_visible()
    other.locator("#q1 input[value=C]").check(force=True)
    saved(other)
    assert current_answers(row.uuid) == {1: ["C"]}
    assert sorted(Answer.objects.values_list("epoch", "standing")) == [(1, "beside"), (1, "counted"), (2, "counted")]
    assert IntegrityEvent.objects.filter(kind="second_device").count() == 1


def test_paused_resumed_and_to_the_last_second(world: World, page: Page, cable: Cable, hour: Hour) -> None:
    opened_on(world, real_paper(world))
    size(page, 390)
    row = sit(page, world, cable)
    pause_attempt(by=world.invigilator, attempt=row.uuid, reason="断电", now=clock.now())
    page.reload()
    expect(page.get_by_role("dialog", name="监考已暂停考试")).to_be_visible()
    resume_attempt(by=world.invigilator, attempt=row.uuid, now=clock.now())
    page.evaluate("document.querySelector('kb-exam').box.hurry()")
    expect(page.get_by_role("dialog", name="监考已暂停考试")).to_be_hidden()
    row.refresh_from_db()
    tick(page, "A")
    saved(page)
    # Two seconds before the end; the page hears the hour with its next save.
    hour.forward(seconds=(row.deadline_ms or 0) / 1000 - clock.now().timestamp() - 2)
    tick(page, "B")
    expect(page.get_by_role("heading", name="已交卷")).to_be_visible(timeout=15_000)
    assert current_answers(row.uuid) == {1: ["B"]}


def test_by_keyboard_alone_and_at_320_pixels(
    world: World, page: Page, cable: Cable, audit: Callable[[Page], list[str]]
) -> None:
    opened_on(world, real_paper(world))
    size(page, 320, 640)
    row = sit(page, world, cable)
    look(page, audit, "exam-question")
    page.locator("#q1 input").first.focus()
    first = page.locator("#q1 input").nth(0).get_attribute("value")
    second = page.locator("#q1 input").nth(1).get_attribute("value")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    saved(page)
    assert first != second
    assert current_answers(row.uuid) == {1: [second]}
    for _step in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('[data-next]')"):
            break
    page.keyboard.press("Enter")
    assert shown(page) == [2]
    assert page.evaluate("document.activeElement.id") == "q2"
    page.get_by_role("button", name="答题卡").focus()
    page.keyboard.press("Enter")
    look(page, audit, "exam-sheet")
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.matches('[data-open-sheet]')")


def test_ten_on_a_desk(world: World, page: Page, cable: Cable, audit: Callable[[Page], list[str]]) -> None:
    opened_on(world, real_paper(world, times=2))
    size(page, 1280, 720)
    sit(page, world, cable)
    assert shown(page) == list(range(1, 11))
    look(page, audit, "exam-question")
    expect(page.get_by_role("button", name="下一页")).to_be_visible()
    page.get_by_role("button", name="15 未答", exact=True).click()
    assert shown(page) == list(range(11, 17))
    assert page.evaluate("document.activeElement.id") == "q15"


def test_the_waiting_room_opens_the_paper_by_itself(
    world: World, page: Page, cable: Cable, hour: Hour, audit: Callable[[Page], list[str]], watched: Watch
) -> None:
    opened_on(world, real_paper(world))
    size(page, 390)
    check_identity(by=world.invigilator, entry=world.entry().uuid, now=clock.now())
    hour.forward(seconds=-66)
    sign_in(page, world, cable.url)
    page.goto(f"{cable.url}/exam/seat/{world.entry().uuid}/")
    look(page, audit, "exam-seat")
    page.get_by_role("button", name="已读规则，进入候考").click()
    expect(page.get_by_text("马上轮到您")).to_be_visible()
    look(page, audit, "exam-waiting")
    ready(page)
    assert Attempt.objects.get().state == "running"


def becomes(page: Page, check: Callable[[], bool], seconds: float = 20) -> None:
    """Waits for what the server holds."""
    limit = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < limit
        page.wait_for_timeout(100)


@pytest.mark.parametrize("width", (320, 390, 1280))
def test_large_type_and_reading_aloud(page: Page, world: World, cable: Cable, audit: Any, width: int) -> None:
    """This browser has no Chinese voice: the page says who reads instead, and shows no button that does nothing."""
    size(page, width)
    opened_on(world, real_paper(world))
    entry = world.entry()
    for kind in (ArrangementKind.LARGE_TYPE, ArrangementKind.READING_ALOUD):
        asked = ask_arrangement(
            by=world.cast.acting("school_admin"), entry=entry.uuid, kind=kind, reason="弱视", now=clock.now()
        )
        rule_on_arrangement(
            by=world.cast.acting("chief"), arrangement=asked.uuid, granted=True, reason="有证明", now=clock.now()
        )
    check_identity(by=world.invigilator, entry=entry.uuid, now=clock.now())
    sign_in(page, world, cable.url)
    page.goto(f"{cable.url}/exam/seat/{entry.uuid}/")
    look(page, audit, "seat-large")
    page.locator("form[action$='/enter/'] button").click()
    expect(page.locator("kb-exam[data-ready]")).to_be_attached(timeout=30_000)
    expect(page.locator("kb-exam-aloud")).to_be_visible(timeout=10_000)
    expect(page.locator("[data-aloud]").first).to_be_hidden()
    assert page.locator(".exam-words").first.evaluate("one => getComputedStyle(one).fontSize") == "24px"
    look(page, audit, "large")


@pytest.mark.parametrize("width", (390, 1280))
def test_a_single_choice_is_taken_back_and_flags_reach_the_server(
    page: Page, world: World, cable: Cable, width: int
) -> None:
    size(page, width)
    opened_on(world, real_paper(world))
    attempt = sit(page, world, cable)
    first = page.locator("#q1")
    first.locator(".exam-option").first.click()
    becomes(page, lambda: current_answers(attempt.uuid).get(1) is not None)
    first.locator("[data-clear]").click()
    becomes(page, lambda: current_answers(attempt.uuid)[1] is None)
    expect(first.locator("[data-clear]")).to_be_hidden()
    # On a phone flagging is at the foot of the screen.
    (page.locator("[data-flag-current]") if width < 1000 else first.locator("[data-flag]")).click()
    becomes(page, lambda: Attempt.objects.get(pk=attempt.pk).flags == "1")
    page.evaluate("localStorage.clear()")
    page.reload()
    expect(page.locator("#q1 [data-flag]")).to_have_attribute("aria-pressed", "true")
    page.context.new_page().goto(page.url)
    becomes(page, lambda: IntegrityEvent.objects.filter(kind="second_tab").exists(), seconds=60)
