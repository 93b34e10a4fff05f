"""Statistics in the browser: a sitting analysed, a question with a wrong key found, looked into, suspended; the chief reads."""

import os
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from assessment.bank.models import Question
from assessment.statistics.models import AnalysisRun
from assessment.statistics.services import refresh_sitting
from lms.accounts.api import Acting
from lms.core import clock
from tests.assessment.statistics.world import World, build_paper, letters, sitting
from tests.browser.support import settle, sideways

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
# A folder to leave pictures in, for whoever looks at the pages.
LOOK = os.environ.get("KAIBO_SHOTS", "")
WRONG, CHANGED = 7, 20


@pytest.fixture
def world(transactional_db: None) -> World:
    """A paper of 40 questions: sat by 60, by 12, by 3, by 150. The key of one is wrong; another has leaked before the last."""
    made = build_paper(40)
    now = clock.now()
    for days, candidates, title in (
        (40, 60, "3月班理论考试"),
        (30, 12, "小班理论考试"),
        (20, 3, "补考"),
        (1, 150, "4月全县统考"),
    ):
        chosen = letters(made, candidates, seed=days)
        right = chosen[:, WRONG - 1] == made.key[WRONG]
        chosen[right, WRONG - 1], chosen[~right, WRONG - 1] = (
            "ABCD"[("ABCD".index(made.key[WRONG]) + 1) % 4],
            made.key[WRONG],
        )
        if days == 1:
            chosen[:140, CHANGED - 1] = made.key[CHANGED]
        row = sitting(made, chosen, title=title, held=now - timedelta(days=days))
        refresh_sitting(sitting=row.uuid, now=now)
    return made


def both(page: Page, name: str, audit: Callable[[Page], list[str]]) -> None:
    """At a desk and on a phone: seen, nothing sideways, axe clean."""
    settle(page)
    page.wait_for_timeout(700)  # Wagtail's messages fade in
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 844})
        page.wait_for_timeout(150)
        if LOOK:
            page.screenshot(path=f"{LOOK}/{name}-{width}.png", full_page=True)
        assert sideways(page) == 0, f"{name} at {width}"
        assert audit(page) == [], f"{name} at {width}"
    page.set_viewport_size({"width": 1280, "height": 800})


def test_a_wrong_key_is_found_and_the_question_suspended(
    world: World, enter: Callable[[Acting], Page], live_server: Any, audit: Callable[[Page], list[str]]
) -> None:
    site = live_server.url
    page, chief = enter(world.cast.expert), enter(world.cast.chief)
    page.goto(f"{site}/admin/statistics/")
    both(page, "list", audit)
    page.get_by_role("link", name="4月全县统考").click()
    expect(page.get_by_role("heading", name="得分率与区分度")).to_be_visible()
    both(page, "run", audit)
    if LOOK:
        page.emulate_media(media="print")
        page.set_viewport_size({"width": 700, "height": 990})
        page.screenshot(path=f"{LOOK}/run-print.png", full_page=True)
        page.emulate_media(media="screen")
        page.set_viewport_size({"width": 1280, "height": 800})
    with page.expect_download() as file:
        page.get_by_role("link", name="导出 Excel").click()
    assert file.value.suggested_filename.endswith(".xlsx")

    # The urgent one stands first in the committee's list.
    page.goto(f"{site}/admin/statistics/concerns/")
    both(page, "concerns", audit)
    serial = Question.objects.get(uuid=world.question(WRONG)).pk
    page.get_by_role("row").nth(1).get_by_role("link").click()
    expect(page.get_by_role("heading", name=f"第{serial}号题，第1版")).to_be_visible()
    expect(page.get_by_text("水平高的反而答错").first).to_be_visible()
    both(page, "question", audit)
    page.get_by_role("button", name="查看选答情况（会留下记录）").click()
    expect(page.get_by_text("（正确）").first).to_be_visible()
    both(page, "options", audit)

    page.goto(f"{site}/admin/statistics/concerns/")
    page.get_by_role("row").nth(1).get_by_role("link").click()
    page.get_by_role("button", name="暂停使用：组卷不再抽用").click()
    expect(page.get_by_text("请填写理由").first).to_be_visible()
    both(page, "refused", audit)
    page.get_by_label("理由").first.fill("答案应为另一项，先暂停再改")
    page.get_by_role("button", name="暂停使用：组卷不再抽用").click()
    expect(page.get_by_text("已暂停，组卷不再抽用。")).to_be_visible()
    assert Question.objects.get(pk=serial).state == "suspended"

    # A small class, a tiny one; a question by version with its history; the office's desk.
    for title in ("小班理论考试", "补考"):
        run = AnalysisRun.objects.get(title=title)
        page.goto(f"{site}/admin/statistics/{run.uuid}/")
        both(page, f"small-{run.candidates}", audit)
    page.goto(f"{site}/admin/statistics/questions/{world.question(CHANGED)}/")
    both(page, "drift", audit)
    page.goto(f"{site}/admin/")
    both(page, "home", audit)
    chief.goto(f"{site}/statistics/")
    both(chief, "desk-list", audit)
    chief.get_by_role("link", name="4月全县统考").click()
    both(chief, "desk-run", audit)
    chief.goto(f"{site}/statistics/questions/{world.question(WRONG)}/")
    both(chief, "desk-question", audit)
    assert chief.get_by_text("（正确）").count() == 0
