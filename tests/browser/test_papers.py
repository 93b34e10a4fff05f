"""From a blueprint to a paper in the browser: written, approved by the bureau, drawn in two forms, frozen, approved, printed."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from playwright.sync_api import Browser, BrowserContext, Page, expect

from assessment.bank.loader import CONTENT, load_bank
from assessment.papers.models import Blueprint, PaperForm
from assessment.papers.services import approve_blueprint, load_blueprints
from lms.accounts.api import INSTALLATION, Acting, User, enrol_demo_second_factor
from lms.core import clock
from tests.assessment.papers.world import World, build_world
from tests.browser.support import settle, sideways
from tests.lms.accounts.world import signed_in

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
# A folder to leave pictures in, for whoever looks at the pages.
LOOK = os.environ.get("KAIBO_SHOTS", "")


@pytest.fixture
def world(transactional_db: None, tmp_path: Path) -> World:
    """The offices, and the starter bank of level 5 alone."""
    (tmp_path / "level-5").symlink_to(CONTENT / "level-5")
    load_bank(tmp_path, now=clock.now())
    load_blueprints()
    return build_world()


@pytest.fixture
def enter(browser: Browser, live_server: Any) -> Iterator[Callable[[Acting], Page]]:
    """A window in which one of the cast is signed in."""
    contexts: list[BrowserContext] = []

    def one(acting: Acting) -> Page:
        user = User.objects.get(uuid=str(acting.user))
        if not Authenticator.objects.filter(user=user).exists():
            enrol_demo_second_factor(user=user)
        context = browser.new_context(locale="zh-CN", viewport={"width": 1280, "height": 800})
        cookie = signed_in(user).cookies["sessionid"]
        context.add_cookies([{"name": "sessionid", "value": cookie.value, "url": live_server.url}])
        contexts.append(context)
        return context.new_page()

    yield one
    for context in contexts:
        context.close()


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


@pytest.mark.req("S1-31")
def test_a_blueprint_becomes_a_paper(
    world: World, enter: Callable[[Acting], Page], live_server: Any, audit: Callable[[Page], list[str]]
) -> None:
    site = live_server.url
    page, bureau = enter(world.cast.author), enter(world.keeper)

    # The next version of what is shipped: marks that do not add up are refused, what was typed is kept.
    page.goto(f"{site}/admin/papers/")
    both(page, "list", audit)
    page.get_by_role("link", name="直播销售员五级理论试卷（演示）").click()
    expect(page.get_by_text("现在的题库可以抽出这样的试卷")).to_be_visible()
    both(page, "blueprint", audit)
    page.get_by_role("link", name="写新版本").click()
    page.get_by_label("大题第1行: 题数").fill("21")
    page.get_by_label("时间（分钟）").fill("50")
    page.get_by_role("button", name="存为新版本").click()
    expect(page.get_by_text("大题：各大题合计102.5分，不是100分。")).to_be_visible()
    expect(page.get_by_label("时间（分钟）")).to_have_value("50")
    both(page, "edit-refused", audit)
    page.get_by_label("大题第1行: 题数").fill("20")
    page.get_by_role("button", name="多加几行").click()
    expect(page.get_by_label("大题第7行: 名称")).to_be_visible()
    page.get_by_role("button", name="存为新版本").click()
    expect(page.get_by_text("已存为第2版，等人社局批准。")).to_be_visible()
    version = Blueprint.objects.get(level=5, version=2)
    assert version.content["minutes"] == 50

    # The bureau approves it at its own desk.
    bureau.goto(f"{site}/papers/")
    both(bureau, "desk-list", audit)
    bureau.goto(f"{site}/papers/blueprints/{version.uuid}/")
    both(bureau, "desk-blueprint", audit)
    bureau.get_by_role("button", name="批准这一版").click()
    bureau.get_by_role("button", name="批准", exact=True).click()
    expect(bureau.get_by_text("已批准，可以按它组卷。")).to_be_visible()

    # Two forms are tried, looked at and frozen.
    page.reload()
    page.get_by_role("link", name="抽取试卷").click()
    page.get_by_label("平行卷").select_option("2")
    page.get_by_label("随机种子").fill("20261121")
    page.get_by_role("button", name="先试抽，不写入").click()
    expect(page.get_by_text("现在的题库可以抽出全部平行卷")).to_be_visible()
    assert not PaperForm.objects.exists()
    both(page, "drawn", audit)
    page.get_by_role("button", name="定卷", exact=True).click()
    expect(page.get_by_text("已定卷：2份")).to_be_visible()
    both(page, "paper", audit)
    a, b = PaperForm.objects.order_by("form")
    assert (a.form, b.form, a.seed, a.group) == ("A", "B", 20261121, b.group)

    # The bureau approves form A; the committee prints it.
    bureau.goto(f"{site}/papers/{a.uuid}/")
    both(bureau, "desk-paper", audit)
    bureau.get_by_role("button", name="批准这份试卷").click()
    bureau.get_by_role("button", name="批准", exact=True).click()
    expect(bureau.get_by_text("已批准，考试场次可以使用。")).to_be_visible()
    page.reload()
    page.get_by_role("button", name="考生用PDF").click()
    expect(page.get_by_text("请写明原因").first).to_be_visible()
    page.get_by_label("原因").first.fill("模拟考试，印30份")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="考生用PDF").click()
    assert Path(waiting.value.path()).read_bytes().startswith(b"%PDF")
    if LOOK:
        waiting.value.save_as(f"{LOOK}/paper.pdf")


def test_a_blueprint_the_bank_cannot_fill_says_which_quota_fails_and_by_how_many(
    world: World, enter: Callable[[Acting], Page], live_server: Any, audit: Callable[[Page], list[str]]
) -> None:
    row = Blueprint.objects.get(level=5)
    content = row.content | {"key": "too_much", "exposure_limit": None}
    content["sections"] = [dict(content["sections"][0], items=[{"type": "short", "count": 40, "marks": "2.5"}])]
    made = Blueprint.objects.create(
        key="too_much",
        level=5,
        version=1,
        content_hash="0" * 64,
        title="做不到的蓝图",
        content=content,
        created_at=clock.now(),
    )
    approve_blueprint(by=INSTALLATION, blueprint=made.uuid, now=clock.now())
    page = enter(world.cast.author)
    page.goto(f"{live_server.url}/admin/papers/draw/?blueprint={made.uuid}")
    page.get_by_role("button", name="先试抽，不写入").click()
    expect(page.get_by_text("要求40题，最多只有8题，还差32题")).to_be_visible()
    expect(page.get_by_role("button", name="定卷", exact=True)).to_have_count(0)
    both(page, "impossible", audit)
