"""A practice task from her phone to the mark: draft, picture, hand-in, return, mark by the rubric."""

import os
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from courses.homework.models import HomeworkItem
from tests.browser.support import Watch, settle, sideways, until
from tests.courses.homework.world import Taught, finished, photo, taught
from tests.courses.school import lay_rules
from tests.media_pipeline.cast import Cast, build_cast

pytestmark = pytest.mark.browser


@pytest.fixture
def world(transactional_db: None) -> Taught:
    cast = build_cast()
    lay_rules(cast)
    return taught(cast)


def sign_in(page: Page, cast: Cast, who: str, url: str) -> None:
    cookie = cast.client(who).cookies[settings.SESSION_COOKIE_NAME]
    page.context.clear_cookies()
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie.value, "url": url}])


def look(page: Page, audit: Any, name: str) -> None:
    """Nothing sideways, axe clean; KAIBO_SHOTS names a folder for pictures."""
    settle(page)
    if folder := os.environ.get("KAIBO_SHOTS"):
        width = (page.viewport_size or {"width": 0})["width"]
        page.screenshot(path=Path(folder) / f"{name}-{width}.png", full_page=True)
    assert (sideways(page), audit(page)) == (0, [])


@pytest.mark.parametrize("width", (390, 1280))
def test_a_task_from_the_phone_to_its_mark(
    live_server: Any, watched: Watch, audit: Any, world: Taught, tmp_path: Path, width: int
) -> None:
    page, url, cast = watched.page, live_server.url, world.cast
    page.set_viewport_size({"width": width, "height": 844})
    sign_in(page, cast, "owner", url)
    page.goto(f"{url}/homework/")
    look(page, audit, "homework-mine")
    page.get_by_role("link", name="写一段开场白").click()
    look(page, audit, "homework-task")
    page.goto(f"{url}/homework/{world.row.uuid}/{world.second}/")
    page.get_by_label("要交的内容").fill("视频在路上")
    page.get_by_role("button", name="加一段视频").click()
    look(page, audit, "homework-video")
    page.go_back()
    expect(page.get_by_label("要交的内容")).to_have_value("视频在路上")
    page.goto(f"{url}/homework/{world.row.uuid}/{world.first}/")
    # The text saves by itself, also after the network was gone for a while and the page was reloaded meanwhile.
    page.get_by_label("要交的内容").fill("大家好，欢迎来到直播间，我是卖连江鱼丸的小燕。")
    expect(page.locator("[data-save]")).to_contain_text("已保存")
    until(page, "document.querySelector('[name=revision]').value === '1'")
    page.context.set_offline(True)
    page.get_by_label("要交的内容").press_sequentially("今天讲三样。")
    expect(page.locator("[data-save]")).to_contain_text("网络断了")
    watched.complaints.clear()  # the browser says of each request that it failed
    page.context.set_offline(False)
    expect(page.locator("[data-save]")).to_contain_text("已保存", timeout=10_000)
    until(page, "document.querySelector('[name=revision]').value === '2'")
    watched.complaints.clear()
    shot = tmp_path / "鱼丸.jpg"
    shot.write_bytes(photo(size=(900, 1200)).getvalue())
    page.locator("input[type=file]").set_input_files(shot)
    expect(page.get_by_role("img", name="图片1")).to_be_visible()
    expect(page.get_by_label("要交的内容")).to_have_value("大家好，欢迎来到直播间，我是卖连江鱼丸的小燕。今天讲三样。")
    look(page, audit, "homework-draft")
    page.get_by_role("button", name="交作业").click()
    expect(page.get_by_role("status").first).to_contain_text("作业已交")
    look(page, audit, "homework-handed-in")
    item = HomeworkItem.objects.get(task=world.first)
    sign_in(page, cast, "instructor", url)
    page.goto(f"{url}/homework/")
    look(page, audit, "homework-list")
    page.get_by_role("link", name="林*燕").click()
    look(page, audit, "homework-item")
    page.get_by_text("不评分，退回重做").click()
    page.get_by_label("要改什么").fill("请说说产地和价格。")
    page.get_by_role("button", name="退回", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text("已退回")
    look(page, audit, "homework-list-empty")
    sign_in(page, cast, "owner", url)
    page.goto(f"{url}/homework/{world.row.uuid}/{world.first}/")
    look(page, audit, "homework-returned")
    expect(page.get_by_role("img", name="图片1").first).to_be_visible()
    page.get_by_label("要交的内容").fill("大家好，这是连江鱼丸，一袋500克29元。")
    page.get_by_role("button", name="交作业").click()
    expect(page.get_by_role("status").first).to_contain_text("作业已交")
    again = HomeworkItem.objects.exclude(pk=item.pk).get(task=world.first)
    sign_in(page, cast, "instructor", url)
    page.goto(f"{url}/homework/items/{again.uuid}/")
    for criterion in ("完成要求", "内容准确合规", "表达清楚"):
        page.get_by_role("group", name=criterion).get_by_role("radio", name="良好").check()
    page.get_by_label("给学员的评语").fill("价格和产地都说清楚了。")
    page.get_by_role("button", name="评分并通知学员").click()
    expect(page.get_by_role("alert").first).to_contain_text("每一项都要选一档")
    watched.complaints[:] = [said for said in watched.complaints if "422" not in said]
    look(page, audit, "homework-item-error")
    page.get_by_role("group", name="联系自己的商品").get_by_role("radio", name="优秀").check()
    page.get_by_role("button", name="评分并通知学员").click()
    expect(page.get_by_role("status").first).to_contain_text("已评86.5分")
    page.goto(f"{url}/homework/items/{again.uuid}/")
    look(page, audit, "homework-item-marked")
    finished(world)
    page.goto(f"{url}/homework/{world.row.uuid}/")
    page.get_by_role("button", name="结算作业").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("按0分计")
    dialog.get_by_role("button", name="结算作业").click()
    expect(page.get_by_role("status").first).to_contain_text("已计入考核1人")
    look(page, audit, "homework-class")
    sign_in(page, cast, "owner", url)
    page.goto(f"{url}/homework/{world.row.uuid}/{world.first}/")
    expect(page.get_by_text("价格和产地都说清楚了。").first).to_be_visible()
    look(page, audit, "homework-marked")
