"""The question bank in the browser: a Word paper comes in, two rows are mended, two others approve, versions are compared."""

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from PIL import Image
from playwright.sync_api import Page, expect

from assessment.bank.models import Question
from assessment.bank.types import QuestionState
from lms.accounts.api import Acting
from tests.assessment.bank.world import Cast, approved, build_cast, submitted
from tests.browser.support import Watch, settle, sideways, until

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
# A folder to leave pictures in, for whoever looks at the pages.
LOOK = os.environ.get("KAIBO_SHOTS", "")
PAPER = (
    "一、单项选择题（每题2分）",
    "1. 直播间里可以说“全网最低价”吗？（ B ）",
    "A. 可以 B. 没有依据就不可以 C. 主管同意就可以 D. 晚上可以",
    "2. 介绍鱼丸的保质期，应当以什么为准？（ A ）",
    "A. 包装标签 B. 主播记忆 C. 同行说法 D. 买家留言",
    "3. 开播前最后检查的是什么？",
    "A. 灯光 B. 网络和声音 C. 早饭 D. 天气",
    "二、判断题",
    "4. 未满16周岁的人可以当带货主播。（ × ）",
    "5. 食品可以宣传治病。",
)


def word(lines: tuple[str, ...]) -> bytes:
    paper, out = Document(), io.BytesIO()
    for line in lines:
        paper.add_paragraph(line)
    paper.save(out)
    return out.getvalue()


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return build_cast()


@pytest.fixture
def page(cast: Cast, enter: Callable[[Acting], Page]) -> Page:
    return enter(cast.author)


def look(page: Page, name: str) -> None:
    if LOOK:
        page.screenshot(path=f"{LOOK}/{name}.png", full_page=True)


def both(page: Page, name: str, audit: Callable[[Page], list[str]]) -> None:
    """At a desk and on a phone: seen, nothing sideways, axe clean."""
    settle(page)
    page.wait_for_timeout(700)  # Wagtail's messages fade in
    look(page, f"{name}-1280")
    assert audit(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_timeout(150)
    look(page, f"{name}-390")
    assert sideways(page) == 0, name
    assert audit(page) == []
    page.set_viewport_size({"width": 1280, "height": 800})


@pytest.mark.req("S1-26", "S1-27", "S1-28")
def test_a_word_paper_becomes_approved_questions(
    cast: Cast,
    page: Page,
    watched: Watch,
    enter: Callable[[Acting], Page],
    live_server: Any,
    tmp_path: Path,
    audit: Callable[[Page], list[str]],
) -> None:
    file = tmp_path / "初级试卷.docx"
    file.write_bytes(word(PAPER))
    page.goto(f"{live_server.url}/admin/bank/import/")
    both(page, "import", audit)
    page.set_input_files("input[type=file]", str(file))
    page.get_by_label("考点").select_option("C5-01")
    page.get_by_label("来源").fill("连江县职业中学")
    page.get_by_role("button", name="先看看，不写入").click()
    expect(page.get_by_text("题库里还什么都没写入")).to_be_visible()
    assert Question.objects.count() == 0
    both(page, "import-draft", audit)
    # Two have no answer: they are mended in their rows.
    for choose in ("B", "错"):
        page.get_by_role("link", name="去改").first.click()
        expect(page.get_by_text("缺少答案").first).to_be_visible()
        if choose == "错":
            page.get_by_label("错", exact=True).check()
        else:
            both(page, "import-row", audit)
            page.get_by_label("对 B").check()
        page.get_by_role("button", name="留下这一行").click()
        expect(page.get_by_text("已按您改的留下").first).to_be_visible()
    page.get_by_role("button", name="导入5道为草稿").click()
    expect(page.get_by_text("5道题已成为题库里的草稿")).to_be_visible()
    both(page, "import-taken", audit)
    assert Question.objects.filter(state=QuestionState.DRAFT).count() == 5
    # A question says where it stands before it is judged.
    page.get_by_role("link", name="看我的草稿").click()
    expect(page.get_by_role("link", name="直播间里可以说")).to_be_visible()
    both(page, "list-mine", audit)
    page.get_by_role("link", name="直播间里可以说").click()
    page.get_by_role("link", name="修改", exact=True).click()
    expect(page.get_by_label("对 B")).to_be_checked()
    page.get_by_label("出处条款").fill("《中华人民共和国广告法》第九条")
    both(page, "edit", audit)
    page.get_by_role("button", name="保存并送审").click()
    expect(page.get_by_text("已保存并送审")).to_be_visible()
    expect(page.get_by_role("button", name="通过", exact=True)).to_have_count(0)
    both(page, "question-author", audit)
    address = page.url
    for place, expert in enumerate((cast.expert, cast.second)):
        hers = enter(expert)
        hers.goto(f"{live_server.url}/admin/")
        if not place:
            both(hers, "admin-home", audit)
        hers.get_by_role("link", name="直播间里可以说").click()
        hers.wait_for_url(address)
        expect(hers.get_by_text("没有依据就不可以").first).to_be_visible()
        hers.get_by_role("button", name="查看答案").click()
        expect(hers.locator(".bank-key")).to_contain_text("没有依据就不可以")
        if not place:
            both(hers, "question-review", audit)
        hers.get_by_label("意见").fill("题干清楚")
        hers.get_by_role("button", name="通过", exact=True).click()
        expect(hers.get_by_text("专家审定" if not place else "审定通过").first).to_be_visible()
    assert Question.objects.get(state=QuestionState.APPROVED).approved is not None
    page.reload()
    expect(page.get_by_text("已审定", exact=True)).to_be_visible()
    both(page, "question-approved", audit)


@pytest.mark.req("S1-26")
def test_a_version_is_compared_and_restored(
    cast: Cast,
    page: Page,
    watched: Watch,
    live_server: Any,
    tmp_path: Path,
    audit: Callable[[Page], list[str]],
) -> None:
    uid = approved(cast).document.uid
    like = submitted(cast, by=cast.expert, stem="直播间里说“全网最低价格”，属于哪一类问题？").document.uid
    picture = tmp_path / "价签.png"
    Image.new("RGB", (320, 180), "#DE6620").save(picture)
    page.goto(f"{live_server.url}/admin/bank/{uid}/edit/")
    expect(page.locator("#alike")).to_contain_text("%")
    page.locator("textarea[name=stem]").fill("直播间里说“全国第一”，属于哪一类问题？")
    page.get_by_role("button", name="再加一行").click()
    expect(page.locator("input[name='opt-5']")).to_be_visible()
    assert page.locator("textarea[name=stem]").input_value().startswith("直播间里说“全国第一”")
    page.locator("input[name='opt-4']").fill("声音太小")
    page.set_input_files("input[name=files]", str(picture))
    page.get_by_label("改了什么").fill("换了例子")
    both(page, "edit-alike", audit)
    page.get_by_role("button", name="存为草稿").click()
    expect(page.get_by_text("已存为第2版草稿")).to_be_visible()
    until(page, "document.querySelector('.bank-picture').naturalWidth > 0")
    both(page, "question-picture", audit)
    page.get_by_role("link", name="比较版本").click()
    expect(page.locator("del").first).to_be_visible()
    both(page, "versions", audit)
    page.get_by_text("答案和解析也一起比较").click()
    page.get_by_label("原因").fill("核对改动")
    page.get_by_role("button", name="显示两版答案").click()
    expect(page.get_by_role("rowheader", name="解析")).to_be_visible()
    page.get_by_role("button", name="恢复第1版").click()
    expect(page.get_by_text("第1版已恢复为第3版")).to_be_visible()
    row = Question.objects.get(uuid=uid)
    assert (row.current.number, row.current.restored_from) == (3, 1)  # type: ignore[union-attr]
    for name, address in (
        ("list", "/admin/bank/"),
        ("list-none", "/admin/bank/?q=没有这个词"),
        ("practice", "/admin/bank/practice/"),
        ("export", "/admin/bank/export/"),
        ("new", "/admin/bank/new/"),
        ("look", f"/admin/bank/{like}/"),
    ):
        page.goto(f"{live_server.url}{address}")
        both(page, name, audit)


@pytest.mark.req("S1-26")
@pytest.mark.parametrize("kind", ("multiple", "true_false", "fill", "ordering", "matching", "short"))
def test_every_editor_at_both_widths(
    kind: str, page: Page, watched: Watch, live_server: Any, audit: Callable[[Page], list[str]]
) -> None:
    page.goto(f"{live_server.url}/admin/bank/new/{kind}/")
    both(page, f"new-{kind}", audit)
    page.get_by_role("button", name="存为草稿").click()
    expect(page.get_by_text("您填的都还在")).to_be_visible()
    both(page, f"refused-{kind}", audit)
    watched.complaints[:] = [line for line in watched.complaints if "422" not in line]
