"""A chief releases a paper with its questions and keys, who sat it reads it; what a correction changes comes from the worker."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from assessment.bank.types import Key
from assessment.theory.services import propose_correction
from assessment.theory.types import CorrectionKind
from lms.core.jobs import drain
from tests.assessment.theory.test_opened import marked_under
from tests.assessment.theory.test_pages import result_url
from tests.assessment.theory.world import LATER, MULTIPLE, SINGLE, TRUTH, build_room, marked
from tests.browser.support import settle, sideways

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def look(page: Page, name: str, audit: Callable[[Page], list[str]]) -> None:
    settle(page)
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 844})
        if folder := os.environ.get("KAIBO_SHOTS"):
            page.screenshot(path=f"{folder}/{name}-{width}.png", full_page=True)
        assert (sideways(page), audit(page)) == (0, []), f"{name} at {width}"


def test_released_with_keys_and_read(
    tmp_path: Path, enter: Callable[..., Page], live_server: Any, audit: Callable[[Page], list[str]]
) -> None:
    room = build_room(tmp_path)
    sitting = marked_under(room, "keys")
    page = enter(room.chief)
    page.goto(f"{live_server.url}/sittings/{sitting.uuid}/marks/")
    look(page, "release", audit)
    page.get_by_label("可看试题、本人答案和得分以及正确答案").check()
    page.get_by_role("button", name="发布成绩").click()
    expect(page.get_by_role("alert").first).to_contain_text("理由")
    look(page, "release-refused", audit)
    page.get_by_label("理由").fill("本卷不再使用，向考生讲评。")
    page.get_by_role("button", name="发布成绩").click()
    expect(page.get_by_text("已向考生开放")).to_be_visible()
    drain("short")
    hers = enter(room.cast.acting("owner"))
    hers.goto(live_server.url + result_url(room))
    expect(hers.get_by_role("heading", name="您的试卷")).to_be_visible()
    look(hers, "opened", audit)


def test_what_a_correction_changes_appears_by_itself_once_the_worker_has_it(
    tmp_path: Path, enter: Callable[..., Page], live_server: Any, audit: Callable[[Page], list[str]]
) -> None:
    room = build_room(tmp_path)
    _sitting, paper, _attempts = marked(room, SINGLE, MULTIPLE, TRUTH, owner={4: False})
    row = propose_correction(
        by=room.committee,
        version=next(item.version for item in paper.items if item.position == 4),
        kind=CorrectionKind.KEY,
        key=Key(truth=False),
        reason="法条已修改",
        now=LATER,
    )
    page = enter(room.chief)
    page.goto(f"{live_server.url}/question-corrections/{row.uuid}/")
    expect(page.get_by_text("正在计算…")).to_be_visible()
    look(page, "computing", audit)
    drain("short")
    # No reload: the page asks again by itself, and the form comes with the figures.
    expect(page.get_by_role("radio").first).to_be_attached()
    expect(page.get_by_text("正在计算…")).to_have_count(0)
    look(page, "computed", audit)
