"""The offices' pages of sittings in a browser: every page at three widths, the board renews itself and keeps the focus."""

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from assessment.delivery.saving import save
from assessment.delivery.services import change_device, give_extra_time
from lms.core import clock
from lms.core.ids import new_uuid
from tests.assessment.delivery.world import (
    OPENS,
    World,
    again,
    approved,
    batch,
    build_world,
    leave,
    ms,
    opened,
    plugged_in,
    running,
)
from tests.browser.support import Watch, settle, sideways
from tests.browser.test_results import sign_in

pytestmark = pytest.mark.browser
NOW = OPENS + timedelta(minutes=12)


@pytest.fixture
def world(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with plugged_in() as fakes:
        made = build_world(fakes)
        monkeypatch.setattr(clock, "now", lambda: NOW)
        yield made


def _shown(page: Page, name: str, width: int) -> None:
    if folder := os.environ.get("KAIBO_SHOTS"):
        page.screenshot(path=Path(folder) / f"{name}-{width}.png", full_page=True)


@pytest.mark.parametrize("width", (320, 390, 1280))
def test_every_page_at_the_desk(live_server: Any, watched: Watch, audit: Any, world: World, width: int) -> None:
    page = watched.page
    page.set_viewport_size({"width": width, "height": 844})
    row = opened(world)
    waits = approved(world, title="补考（初级）")
    attempt = running(world)
    entry = attempt.entry
    give_extra_time(by=world.invigilator, entry=entry.uuid, minutes=15, reason="视力不好，大字版", now=NOW)
    receipt = save(leave(attempt), batch(attempt.hash, 1, (1, '["A"]'), (2, '["B"]')), at_ms=ms(NOW)).receipts[-1]
    change_device(by=world.cast.acting("owner"), attempt=attempt.uuid, device=new_uuid(), now=NOW)
    save(leave(attempt), batch(receipt.hash, 3, (3, '["C"]')), at_ms=ms(NOW))
    places = (
        ("school_admin", "list", ""), ("school_admin", "new", "new/"), ("school_admin", "approved", f"{waits.uuid}/"),
        ("invigilator", "sitting", f"{row.uuid}/"), ("invigilator", "board", f"{row.uuid}/board/"),
        ("invigilator", "candidate", f"{row.uuid}/candidates/{entry.uuid}/"),
        ("chief", "chief", f"{row.uuid}/candidates/{entry.uuid}/"),
    )  # fmt: skip
    for who, name, rest in places:
        sign_in(page, world.cast, who, live_server.url)
        page.goto(f"{live_server.url}/sittings/{rest}")
        settle(page)
        expect(page.locator("h1")).to_be_visible()
        assert sideways(page) == 0, name
        assert audit(page) == [], name
        _shown(page, name, width)


def test_the_board_renews_itself_and_keeps_the_focus(live_server: Any, watched: Watch, world: World) -> None:
    page = watched.page
    row = opened(world)
    attempt = running(world)
    sign_in(page, world.cast, "invigilator", live_server.url)
    page.goto(f"{live_server.url}/sittings/{row.uuid}/board/")
    settle(page)
    line = page.locator("#board tbody tr", has_text="林*燕")
    expect(line).to_contain_text("0/40")
    line.get_by_role("link").focus()
    save(leave(attempt), batch(again(attempt).hash, 1, (7, '["A"]')), at_ms=ms(NOW))
    expect(line).to_contain_text("1/40", timeout=15_000)
    expect(line.get_by_role("link")).to_be_focused()
