"""A rule pack in the browser: begun as a copy, a rule added, tried, old videos read under it, published by a second person."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from lms.accounts.api import Acting, Role, acting_for
from lms.core.jobs import drain
from media_pipeline.assets.models import Finding
from media_pipeline.packs.models import RulePack
from media_pipeline.packs.rulings import RuledFinding, record_rulings
from media_pipeline.packs.selectors import pack_data
from media_pipeline.packs.services import load_packs
from media_pipeline.rulepacks.document import version_of
from media_pipeline.rulepacks.loading import shipped_document
from tests.browser.support import settle, sideways
from tests.lms.accounts.world import make_user
from tests.media_pipeline.cast import NOW, Cast, build_cast, finish, hand_in

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
LOOK = os.environ.get("KAIBO_SHOTS", "")


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    document = dict(shipped_document())
    load_packs({**document, "sentences": {"commissioned": document["sentences"]["commissioned"][:8]}})
    return build_cast()


def committee(cast: Cast, name: str) -> Acting:
    return acting_for(make_user(cast.city, Role.COMMITTEE, name=name), None)


def both(page: Page, name: str, audit: Callable[[Page], list[str]]) -> None:
    """At a desk and on a phone: seen, nothing sideways, axe clean."""
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        settle(page)
        page.wait_for_timeout(700)  # Wagtail's messages fade in
        if LOOK:
            page.screenshot(path=f"{LOOK}/{name}-{width}.png", full_page=True)
        if width == 390:
            assert sideways(page) == 0, name
    assert audit(page) == []


def test_a_pack_is_edited_tried_compared_with_old_videos_and_published(
    cast: Cast, enter: Callable[..., Page], audit: Callable[[Page], list[str]], tmp_path: Path, live_server: Any
) -> None:
    work = finish(hand_in(cast), tmp_path, ("大家好，岩骨花香的好茶。", "这是全网最低价。"))
    told = list(Finding.objects.order_by("id").values())
    here = version_of(pack_data(RulePack.objects.get()).content, None)
    said = [RuledFinding(number, "ABS-06", False, number < 4) for number in range(1, 6)]
    record_rulings(panel=work.uuid, version=here, ruled=said, now=NOW)
    page = enter(committee(cast, "甲"))
    page.goto(f"{live_server.url}/admin/rules/")
    page.locator("[name=title]").fill("秋季规则")
    page.locator("main form[action$='/start/'] button").click()
    page.wait_for_url("**/admin/rules/*-*/")
    own = page.url
    page.goto(f"{own}new/VULG/")
    page.locator("[name=term]").fill("岩骨花香")
    page.locator("[name=note]").fill("新词")
    page.locator("main form button[type=submit]").last.click()
    expect(page.locator("main")).to_contain_text("岩骨花香")
    page.goto(f"{own}old/")
    page.locator("main form[action$='/old/start/'] button").click()
    both(page, "rules-old-waiting", audit)
    drain("media")
    page.goto(f"{own}old/")
    expect(page.locator("main")).to_contain_text("岩骨花香")
    both(page, "rules-old", audit)
    page.get_by_role("link", name=work.blind_code).click()
    both(page, "rules-old-work", audit)
    page.goto(own)
    page.locator("main form[action$='/try/'] button").click()
    expect(page.locator("main form[action$='/submit/'] button")).to_be_visible(timeout=120_000)
    both(page, "rules-pack", audit)
    expect(page.locator("#precision")).to_contain_text("3/5")
    if LOOK:
        page.locator("#precision").screenshot(path=f"{LOOK}/rules-precision.png")
    page.locator("main form[action$='/submit/'] button").click()
    second = enter(committee(cast, "乙"))
    second.goto(own)
    second.locator("main form[action$='/publish/'] button").click()
    settle(second)
    assert RulePack.objects.get(number=2).state == "published"
    assert list(Finding.objects.order_by("id").values()) == told
