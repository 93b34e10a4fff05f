"""The scoring desk and the panel on the real services: two windows of one examiner, a lost connection, the chief."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from assessment.marking.models import Panel, ScoreSheet
from assessment.marking.types import PanelState, SheetState
from tests.assessment.marking.scoring import scored, scoring_panel, seated, sheet_of, with_examiners
from tests.browser.support import settle, until
from tests.media_pipeline.cast import Cast, build_cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return build_cast()


@pytest.fixture
def panel(cast: Cast, tmp_path: Path) -> Panel:
    return scoring_panel(cast, tmp_path)


@pytest.fixture
def sign_in(cast: Cast, browser: Browser, live_server: Any) -> Callable[[str], BrowserContext]:
    """A browser in which somebody of the cast is signed in; Chinese, a desk of 1280 × 640."""

    def enter(who: str) -> BrowserContext:
        context = browser.new_context(locale="zh-CN", viewport={"width": 1280, "height": 640})
        cookie = cast.client(who).cookies["sessionid"]
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


def _saved(page: Page) -> None:
    until(page, "document.querySelector('[data-save]').dataset.state === 'saved'")


def test_an_examiner_with_two_windows_loses_nothing(
    cast: Cast, panel: Panel, live_server: Any, sign_in: Callable[[str], BrowserContext]
) -> None:
    who = seated(cast, panel)[0]
    context = sign_in(who)
    url = f"{live_server.url}/scoring/{panel.code}/"
    one, two = _open(context, url), _open(context, url)
    one.locator("#score-C1").fill("8.5")
    _saved(one)
    two.locator("#score-C2").fill("16")  # 409, merged, saved
    _saved(two)
    expect(two.locator("#score-C1")).to_have_value("8.5")
    one.locator("#score-C2").fill("12")  # 409, asked
    expect(one.locator("[data-dispute] li")).to_have_text("产品讲解：这里 12，那边 16")
    one.locator("[data-keep=mine]").click()
    _saved(one)
    context.set_offline(True)
    one.locator("#score-C3").fill("11")
    expect(one.locator("[data-save]")).to_have_attribute("data-state", "held")
    context.set_offline(False)
    _saved(one)
    for code in ("C4", "C5", "C6", "C7", "C8", "C9"):
        one.locator(f"#score-{code}").fill("4")
    for finding in one.locator("[data-rule]").all():
        finding.locator("[value=confirm]").check(force=True)
    expect(one.locator("[data-sum=missing]")).to_have_text("")
    one.keyboard.press("Control+Enter")
    one.locator("[data-final]").click()
    one.wait_for_url(f"{live_server.url}/scoring/")
    expect(one.locator(".flash")).to_contain_text(f"作品 {panel.code} 已提交")
    assert sheet_of(cast, panel, who).state == SheetState.SUBMITTED
    two.locator("#score-C1").fill("1")
    expect(two.locator("[data-locked]")).to_contain_text("开场与定位 1")
    context.close()


def test_the_chief_arbitrates_and_signs(
    cast: Cast, panel: Panel, live_server: Any, sign_in: Callable[[str], BrowserContext]
) -> None:
    scored(cast, panel, "66", "64", "68", verdicts={1: "confirm", 2: "dismiss"})
    with_examiners(cast, 4)
    context = sign_in("chief")
    _open(context, f"{live_server.url}/panels/").locator(f"a:text('{panel.code}')").click()
    page = context.pages[-1]
    settle(page)
    expect(page.locator(".dotstrip-label")).to_have_count(3)
    page.locator("#ruling-1 [value=confirm]").check(force=True)
    page.locator("#decided-1").fill("原话清楚")
    page.locator("#ruling-1 button").click()
    page.wait_for_load_state()
    page.locator("#sign-reason").fill("分数与批注一致")
    page.get_by_role("button", name="签字确认").click()
    expect(page.locator(".flash")).to_contain_text("已签字")
    panel.refresh_from_db()
    assert panel.state == PanelState.FINAL
    assert ScoreSheet.objects.filter(panel=panel, state=SheetState.INCLUDED).count() == 3
    context.close()
