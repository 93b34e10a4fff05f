"""The offices' pages of sittings in a browser: every page at three widths, the board renews itself and keeps the focus."""

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from assessment.delivery.saving import save
from assessment.delivery.services import (
    ask_arrangement,
    assign_invigilator,
    begin_on_paper,
    change_device,
    check_identity,
    collect_paper,
    give_extra_time,
    key_in,
    rule_on_arrangement,
)
from assessment.delivery.types import ArrangementKind, SittingKind
from lms.accounts.api import Role
from lms.core import clock
from lms.core.ids import new_uuid
from tests.assessment.delivery.sat import opened_on, real_paper
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
from tests.assessment.people import member, person_of
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


@pytest.mark.parametrize("width", (320, 390, 1280))
def test_a_paper_form_at_the_desk(live_server: Any, watched: Watch, audit: Any, world: World, width: int) -> None:
    page = watched.page
    page.set_viewport_size({"width": width, "height": 844})
    row = opened_on(world, real_paper(world))
    world.cast.users["second"] = member(world.cast.school, Role.INVIGILATOR, "第二监考")
    desk = world.cast.acting("school_admin")
    assign_invigilator(by=desk, sitting=row.uuid, user=world.cast.uuid("second"), now=NOW)
    entry = world.entry()
    for kind, scribe in ((ArrangementKind.PAPER_FORM, ""), (ArrangementKind.SCRIBE, "陈代写")):
        asked = ask_arrangement(by=desk, entry=entry.uuid, kind=kind, scribe=scribe, reason="右手骨折", now=NOW)
        chief = world.cast.acting("chief")
        if not scribe:
            rule_on_arrangement(by=chief, arrangement=asked.uuid, granted=True, reason="有证明", now=NOW)
    check_identity(by=world.invigilator, entry=entry.uuid, now=NOW)
    attempt = begin_on_paper(by=world.invigilator, entry=entry.uuid, now=NOW)
    here = f"sittings/{row.uuid}/candidates/{entry.uuid}/"
    collect_paper(by=world.invigilator, attempt=attempt.uuid, now=NOW)
    visits = (
        ("owner", "seat", f"exam/seat/{entry.uuid}/"), ("school_admin", "arrange", f"sittings/{row.uuid}/"),
        ("chief", "arrangements", here), ("invigilator", "board-paper", f"sittings/{row.uuid}/board/"),
        ("invigilator", "paper", here), ("invigilator", "keying", f"{here}{attempt.uuid}/keying/"),
    )  # fmt: skip
    for who, name, rest in visits:
        _looked(page, live_server, world, audit, who, name, rest, width)
    for who, said in (("invigilator", {1: ["A"], 2: ["B"]}), ("second", {1: ["A"], 2: ["C"]})):
        key_in(by=world.cast.acting(who), attempt=attempt.uuid, responses=said, now=NOW)
    _looked(page, live_server, world, audit, "chief", "settling", f"{here}{attempt.uuid}/settling/", width)
    # Only what the two read differently is the chief's to settle, with both readings beside it.
    assert [one.get_attribute("name") for one in page.locator("main input[name^=q]").all()] == ["q2"]
    expect(page.locator("main")).to_contain_text("第一遍：B；第二遍：C")


def _looked(page: Page, live_server: Any, world: World, audit: Any, who: str, name: str, rest: str, width: int) -> None:
    sign_in(page, world.cast, who, live_server.url)
    page.goto(f"{live_server.url}/{rest}")
    settle(page)
    expect(page.locator("h1")).to_be_visible()
    for fold in page.locator("details.fold").all():
        fold.evaluate("fold => { fold.open = true; }")
    assert sideways(page) == 0, name
    assert audit(page) == [], name
    for here in page.locator(".rail-link[aria-current]").all():
        box = here.bounding_box()
        assert box is not None, name
        assert box["x"] >= 0, name
        assert box["x"] + box["width"] <= width, name
    _shown(page, name, width)


@pytest.mark.parametrize("width", (320, 390, 1280))
def test_a_practitioner_applies(live_server: Any, watched: Watch, audit: Any, world: World, width: int) -> None:
    page = watched.page
    page.set_viewport_size({"width": width, "height": 844})
    row = approved(world, kind=SittingKind.ACCREDITATION, class_uid=None, opens_at=NOW + timedelta(hours=3),
                   closes_at=NOW + timedelta(hours=4), freeze_at=NOW + timedelta(hours=1), title="认定考试（初级）")  # fmt: skip
    person_of(world.cast, "stranger")
    for rest in ("exam/apply/", f"exam/apply/{row.uuid}/"):
        page.goto(f"{live_server.url}/{rest}")
        settle(page)
        assert (sideways(page), audit(page)) == (0, [])
    _shown(page, "apply-anonymous", width)
    _looked(page, live_server, world, audit, "stranger", "apply", f"exam/apply/{row.uuid}/", width)
    page.locator("textarea").fill("2024年起直播卖茶")
    page.locator("form.card button").click()
    expect(page.get_by_text("待评价机构决定")).to_be_visible()
    _looked(page, live_server, world, audit, "school_admin", "applications", f"sittings/{row.uuid}/", width)
