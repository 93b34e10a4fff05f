"""A booklet of short answers on the real services: an examiner's whole sheet by keyboard alone, the chief's arbitration."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from assessment.marking.models import BookletOutcome, Panel
from assessment.marking.types import PanelState, SheetState
from tests.assessment.delivery.world import World
from tests.assessment.marking.answering import (
    MODEL,
    SAID,
    booklet_panel,
    booklet_world,
    score_answers,
    scored_by_all,
)
from tests.assessment.marking.scoring import seated, sheet_of, with_examiners
from tests.browser.support import settle, sideways, until

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WIDE, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}


@pytest.fixture
def world(transactional_db: None) -> Iterator[World]:
    with booklet_world() as made:
        yield made


@pytest.fixture
def sign_in(world: World, browser: Browser, live_server: Any) -> Callable[..., BrowserContext]:
    def enter(who: str, **options: Any) -> BrowserContext:
        context = browser.new_context(locale="zh-CN", **({"viewport": WIDE} | options))
        cookie = world.cast.client(who).cookies["sessionid"]
        context.add_cookies([{"name": "sessionid", "value": cookie.value, "url": live_server.url}])
        return context

    return enter


def _open(context: BrowserContext, url: str) -> Page:
    page = context.new_page()
    answer = page.goto(url)
    assert answer is not None
    assert answer.status == 200
    settle(page)
    return page


def test_a_whole_booklet_by_keyboard_alone(
    world: World, live_server: Any, sign_in: Callable[..., BrowserContext], audit: Callable[[Page], list[str]]
) -> None:
    panel = booklet_panel(world, {31: SAID[31], 33: SAID[33], 32: SAID[32]})
    who = seated(world.cast, panel)[0]
    context = sign_in(who)
    page = _open(context, f"{live_server.url}/scoring/")
    page.get_by_role("link", name=panel.code).press("Enter")
    page.wait_for_url(f"**/scoring/{panel.code}/")
    settle(page)
    assert audit(page) == []
    page.keyboard.press("Alt+1")
    expect(page.locator("#score-Q31")).to_be_focused()
    expect(page.locator("#question-Q31")).to_contain_text(SAID[31])
    expect(page.locator("#question-Q31")).to_contain_text(f"{MODEL}31")
    page.keyboard.type("3")
    page.keyboard.press("ArrowUp")
    expect(page.locator("#score-Q31")).to_have_value("3.5")
    page.keyboard.press("PageUp")
    expect(page.locator("#score-Q31")).to_have_value("4")
    expect(page.locator("#question-Q31 [aria-pressed=true]")).to_have_text("4")
    page.keyboard.press("/")
    expect(page.locator("#comment-Q31")).to_be_focused()
    page.keyboard.type("漏了运费")
    page.keyboard.press("Escape")
    expect(page.locator("#score-Q31")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.type("1.7")
    expect(page.locator("#score-Q32-error")).to_be_visible()
    page.keyboard.press("Backspace")
    page.keyboard.type("5")
    page.keyboard.press("Enter")
    page.keyboard.press("PageUp")
    expect(page.locator("#score-Q33")).to_have_value("0")
    page.keyboard.press("PageUp")
    expect(page.locator("#score-Q33")).to_have_value("0.25")
    page.keyboard.press("Enter")
    expect(page.locator("[data-hand-in]")).to_be_focused()
    until(page, "document.querySelector('[data-save]').dataset.state === 'saved'")
    page.reload()
    settle(page)
    expect(page.locator("#comment-Q31")).to_have_value("漏了运费")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#hand-in dialog [data-sum=total]")).to_have_text("5.75")
    page.locator("[data-final]").press("Enter")
    page.wait_for_url(f"{live_server.url}/scoring/")
    expect(page.locator(".flash")).to_contain_text(f"答卷{panel.code}已提交")
    assert sheet_of(world.cast, panel, who).state == SheetState.SUBMITTED
    context.close()


def test_a_booklet_on_a_phone(world: World, live_server: Any, sign_in: Callable[..., BrowserContext]) -> None:
    panel = booklet_panel(world, {31: SAID[31] * 30})
    context = sign_in(seated(world.cast, panel)[0], viewport=PHONE)
    page = _open(context, f"{live_server.url}/scoring/{panel.code}/")
    assert sideways(page) == 0
    page.locator("#question-Q31 .score-keys button", has_text="2.5").click()
    expect(page.locator("#score-Q31")).to_have_value("2.5")
    until(page, "document.querySelector('[data-save]').dataset.state === 'saved'")
    context.close()


def test_the_chief_compares_arbitrates_and_signs(
    world: World, live_server: Any, sign_in: Callable[..., BrowserContext], audit: Callable[[Page], list[str]]
) -> None:
    full = {"Q31": "4", "Q32": "2", "Q33": "0.25"}
    panel = scored_by_all(world, booklet_panel(world), full, full, full | {"Q31": "2.5"})
    with_examiners(world.cast, 4)
    context = sign_in("chief")
    page = _open(context, f"{live_server.url}/panels/")
    page.get_by_role("link", name=panel.code).press("Enter")
    page.wait_for_url(f"**/panels/{panel.code}/")
    settle(page)
    assert audit(page) == []
    expect(page.locator(".booklet-reading")).to_contain_text(f"{MODEL}31")
    page.get_by_role("button", name="指派").press("Enter")
    page.wait_for_load_state()
    expect(page.locator(".flash")).to_be_visible()
    score_answers(world, panel, seated(world.cast, panel)[3], full | {"Q31": "3.5"})
    page.reload()
    page.locator("#sign-reason").fill("第四位与两位一致")
    page.get_by_role("button", name="签字确认").press("Enter")
    page.wait_for_load_state()
    expect(page.locator(".flash")).to_contain_text("已签字")
    assert Panel.objects.get().state == PanelState.FINAL
    assert BookletOutcome.objects.get().content["marks"]["31"] == "3.75"
    context.close()
