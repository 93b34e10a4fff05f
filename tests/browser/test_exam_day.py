"""An examination from the blueprint to its statistics: ten candidates, a cut line, a second device, a pause, marks, a result.

Three of its people sit at real browsers on a running server; the others of the class ask the same pages without drawing them,
and the work of the worker is done by its own jobs.
"""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect

from assessment.bank.loader import CONTENT, load_bank
from assessment.bank.logic import key_from
from assessment.bank.models import QuestionVersion
from assessment.bank.types import Key
from assessment.delivery.models import Answer, Attempt, IntegrityEvent, Sitting
from assessment.delivery.selectors import recount
from assessment.delivery.services import check_identity
from assessment.management.exam_class import theory_specification
from assessment.papers.models import Blueprint, PaperForm
from assessment.papers.selectors import paper as paper_of
from assessment.papers.services import approve_blueprint, load_blueprints
from assessment.theory.models import PaperMark
from lms.accounts.api import INSTALLATION, Role
from lms.core import clock
from lms.core.jobs import drain
from lms.policies.api import load_profiles, profile_in_force
from tests.assessment.delivery.test_pages import given, save
from tests.assessment.delivery.world import THEORY, FakePapers, World, again, opened
from tests.assessment.people import member, open_candidacy
from tests.browser.cable import Cable
from tests.browser.support import settle, sideways
from tests.browser.test_exam import Hour, kept, ready, saved
from tests.media_pipeline.cast import NOW, build_cast

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
OTHERS = tuple(f"candidate{number}" for number in range(1, 9))
CLASS = ("owner", "colleague", *OTHERS)
ITEMS = 40


@pytest.fixture
def hour(monkeypatch: pytest.MonkeyPatch) -> Hour:
    """The server's clock: it goes on, and the test sets it."""
    made = Hour()
    monkeypatch.setattr(clock, "now", made)
    return made


@pytest.fixture
def world(transactional_db: None, hour: Hour, tmp_path: Path) -> World:
    """The offices, a class of ten entitled to the theory part, and the starter bank of level 5."""
    (tmp_path / "level-5").symlink_to(CONTENT / "level-5")
    load_bank(tmp_path, now=NOW)
    load_blueprints()
    shipped = Blueprint.objects.get(key="live_seller_theory", level=5)
    approve_blueprint(by=INSTALLATION, blueprint=shipped.uuid, now=NOW)
    load_profiles()
    cast = build_cast()
    cast.users["invigilator"] = member(cast.school, Role.INVIGILATOR, "监考员")
    cast.users["committee"] = member(cast.city, Role.COMMITTEE, "题库委员")
    cast.users["keeper"] = member(cast.city, Role.HR_BUREAU, "市局科长")
    for number, who in enumerate(OTHERS, start=1):
        cast.users[who] = member(cast.school, Role.TRAINEE, f"学员{number}")
    class_uid = uuid4()
    law, spec = profile_in_force("demonstration", clock.today()).uuid, theory_specification(NOW)
    held = {
        who: open_candidacy(cast, who, class_uid=class_uid, entitlements=THEORY, profile=law, specification=spec)
        for who in CLASS
    }
    return World(cast, FakePapers(), class_uid, held)


@pytest.fixture
def cable(live_server: Any) -> Iterator[Cable]:
    made = Cable(live_server.url)
    yield made
    made.close()


@pytest.fixture
def at(browser: Browser, world: World) -> Iterator[Callable[..., Page]]:
    """A window in which somebody of the cast is signed in; closed when the test ends."""
    contexts: list[BrowserContext] = []

    def one(who: str, url: str, width: int = 1280) -> Page:
        context = browser.new_context(locale="zh-CN", viewport={"width": width, "height": 844})
        cookie = world.cast.client(who).cookies["sessionid"]
        context.add_cookies([{"name": "sessionid", "value": cookie.value, "url": url}])
        # A trial drawing or the first page of a server takes long on a busy machine.
        context.set_default_timeout(90_000)
        contexts.append(context)
        return context.new_page()

    yield one
    for context in contexts:
        for each in context.pages:
            each.close()
        context.close()


Look = Callable[[Page, str], None]


@pytest.fixture
def look(audit: Callable[[Page], list[str]]) -> Look:
    """Nothing sideways, axe clean; KAIBO_SHOTS names a folder for pictures."""

    def seen(page: Page, name: str) -> None:
        settle(page)
        if folder := os.environ.get("KAIBO_SHOTS"):
            width = (page.viewport_size or {"width": 0})["width"]
            page.screenshot(path=Path(folder) / f"day-{name}-{width}.png", full_page=True)
        assert (sideways(page), audit(page)) == (0, []), name

    return seen


def keys_of(sitting: Sitting) -> dict[int, Key]:
    """Position → what is right."""
    items = paper_of(UUID(sitting.papers["A"])).items
    rows = {row.uuid: row for row in QuestionVersion.objects.filter(uuid__in=[item.version for item in items])}
    return {item.position: key_from(rows[item.version].secret)[0] for item in items}


def right(key: Key) -> Any:
    return key.truth if key.truth is not None else list(key.choices)


def sits(world: World, who: str, keys: dict[int, Key], rightly: int) -> None:
    """One of the class, from the waiting room to the end: so many answers right, the others left out."""
    client: Client = world.cast.client(who)
    url = client.post(f"/exam/seat/{world.entry(who).uuid}/enter/")["Location"]
    assert client.post(f"{url}start/")["Location"] == url
    facts = given(client.get(url).content.decode())
    answers = [(position, right(keys[position])) for position in range(1, rightly + 1)]
    receipts = save(client, facts, *answers).json()["receipts"]
    client.post(f"{url}hand-in/", {"sequence": len(receipts), "head": receipts[-1]["hash"]})
    assert Attempt.objects.get(entry=world.entry(who)).state == "handed_in"


def answer(page: Page, position: int, key: Key) -> None:
    """Chooses what is right, by the keyboard: at a desk a bar may lie over what is clicked."""
    for value in ["true" if key.truth else "false"] if key.truth is not None else key.choices:
        option = page.locator(f"#q{position} input[value='{value}']")
        option.press("Space")
        expect(option).to_be_checked()


def sure(page: Page, step: str) -> None:
    """A step that asks again."""
    page.locator(f"#{step} [data-open]").click()
    page.locator(f"#{step} dialog .dialog-actions button").last.click()


def hand_in(page: Page) -> None:
    if not page.locator("dialog[data-sheet]").is_visible():
        page.get_by_role("button", name="答题卡").click()
    page.get_by_role("button", name="检查并交卷").click()
    page.get_by_role("button", name="去交卷").click()
    page.get_by_role("button", name="确认交卷").click()
    expect(page.get_by_role("heading", name="已交卷")).to_be_visible()


@pytest.mark.req("S1-31")
def test_from_the_blueprint_to_the_statistics(
    world: World, at: Callable[..., Page], look: Look, live_server: Any, cable: Cable, hour: Hour
) -> None:
    site = live_server.url
    paper = draw_and_approve(at, look, site)
    row = opened(world, papers=(("A", paper),))
    keys = keys_of(row)
    assert len(keys) == ITEMS
    for who in CLASS:
        check_identity(by=world.invigilator, entry=world.entry(who).uuid, now=clock.now())

    # Two of them begin at browsers; one loses the network in the middle and loads the page again.
    first, second = at("owner", cable.url, 390), at("colleague", site, 390)
    for page, who, url in ((first, "owner", cable.url), (second, "colleague", site)):
        page.goto(f"{url}/exam/seat/{world.entry(who).uuid}/")
        look(page, f"seat-{who}")
        page.get_by_role("button", name="已读规则，进入候考").click()
        ready(page)
    answer(first, 1, keys[1])
    saved(first)
    look(first, "paper")
    kept(first)
    cable.cut()
    first.get_by_role("button", name="下一题").click()
    answer(first, 2, keys[2])
    expect(first.get_by_text("网络断了，继续答题就行。")).to_be_visible()
    first.reload()
    ready(first)
    expect(first.locator("html[data-kept]")).to_have_count(1)
    first.get_by_role("button", name="下一题").click()
    assert [one.input_value() for one in first.locator("#q2 input:checked").all()] == list(keys[2].choices)
    cable.mend()
    expect(first.get_by_text("网络断了，继续答题就行。")).to_be_hidden(timeout=60_000)
    saved(first)

    # The other one goes on at a desk.
    answer(second, 1, keys[1])
    saved(second)
    desk = at("colleague", site)
    desk.goto(f"{site}/exam/seat/{world.entry('colleague').uuid}/")
    look(desk, "device")
    desk.get_by_role("button", name="在这台设备上继续").click()
    ready(desk)
    answer(desk, 2, keys[2])
    saved(desk)
    look(desk, "paper")

    # Everybody else; then a fire alarm.
    for number, who in enumerate(OTHERS):
        sits(world, who, keys, 10 + 4 * number)
    watcher = at("invigilator", site)
    watcher.goto(f"{site}/sittings/{row.uuid}/board/")
    look(watcher, "board")
    watcher.get_by_text("写明理由后暂停").click()
    watcher.locator("form[action$='/pause/'] [name=reason]").fill("火警演练")
    watcher.get_by_role("button", name="全场暂停").click()
    expect(watcher.get_by_role("button", name="全场继续")).to_be_visible()
    deadline = Attempt.objects.get(entry=world.entry("owner")).deadline_ms or 0
    for page in (first, desk):
        hurry(page)
        expect(page.get_by_role("dialog", name="监考已暂停考试")).to_be_visible()
    look(first, "paused")
    hour.forward(minutes=3)
    watcher.get_by_role("button", name="全场继续").click()
    expect(watcher.get_by_role("button", name="全场继续")).to_have_count(0)
    for page in (first, desk):
        hurry(page)
        expect(page.get_by_role("dialog", name="监考已暂停考试")).to_be_hidden()
    assert (Attempt.objects.get(entry=world.entry("owner")).deadline_ms or 0) >= deadline + 180_000
    hand_in(first)
    look(first, "over")
    hand_in(desk)

    # The invigilator closes, the worker marks, the chief confirms, she reads her result.
    watcher.goto(f"{site}/sittings/{row.uuid}/")
    sure(watcher, "close")
    expect(watcher.locator("#close")).to_have_count(0)
    drain("short")
    assert again(row).state == "marked"
    chief = at("chief", site)
    chief.goto(f"{site}/sittings/{row.uuid}/marks/")
    look(chief, "marks")
    first.goto(f"{cable.url}/exam/{world.entry('owner').uuid}/result/")
    expect(first.locator(".sum")).to_have_count(0)
    sure(chief, "confirm")
    release = chief.locator("form[action$='/marks/release/']")
    expect(release.get_by_label("只看分部分和分知识点得分")).to_be_checked()
    release.get_by_role("button", name="发布成绩").click()
    expect(release).to_have_count(0)
    look(chief, "released")
    drain("short")
    assert again(row).state == "released"
    marks = {str(one.attempt.entry.uuid): one.mark for one in PaperMark.objects.select_related("attempt__entry")}
    worth = {item.position: item.marks for item in paper_of(paper).items}
    answered = {"owner": 2, "colleague": 2, **{who: 10 + 4 * number for number, who in enumerate(OTHERS)}}
    wanted = {who: sum(worth[place] for place in range(1, rightly + 1)) for who, rightly in answered.items()}
    assert marks == {str(world.entry(who).uuid): mark for who, mark in wanted.items()}
    first.reload()
    expect(first.locator("[data-total] dd")).to_have_text(f"{wanted['owner']:.1f}")
    look(first, "result")

    # The committee reads the statistics.
    reader = at("committee", site)
    reader.goto(f"{site}/admin/statistics/")
    look(reader, "statistics")
    reader.get_by_role("link", name=re.compile("理论考试（初级）")).first.click()
    expect(reader.locator("main table:visible").first).to_contain_text("1")
    look(reader, "statistics-sitting")
    assert [recount(one.uuid).problem for one in Attempt.objects.all()] == [""] * len(CLASS)
    assert Answer.objects.filter(attempt__entry=world.entry("owner")).count() == 2
    assert IntegrityEvent.objects.filter(kind="second_device").count() == 1


def hurry(page: Page) -> None:
    """The page asks how it stands, now instead of within its beat."""
    page.evaluate("document.querySelector('kb-exam').box.hurry()")


def draw_and_approve(at: Callable[..., Page], look: Look, site: str) -> Any:
    """The committee draws from the shipped blueprint, the bureau approves."""
    page = at("committee", site)
    page.goto(f"{site}/admin/papers/")
    page.get_by_role("link", name="直播销售员五级理论试卷（演示）").click()
    page.get_by_role("link", name="抽取试卷").click()
    page.get_by_label("随机种子").fill("20261121")
    page.get_by_role("button", name="先试抽，不写入").click()
    page.get_by_role("button", name="定卷", exact=True).click()
    expect(page.get_by_text("已定卷：1份")).to_be_visible()
    paper = PaperForm.objects.get()
    bureau = at("keeper", site)
    bureau.goto(f"{site}/papers/{paper.uuid}/")
    look(bureau, "approve")
    bureau.get_by_role("button", name="批准这份试卷").click()
    bureau.get_by_role("button", name="批准", exact=True).click()
    expect(bureau.get_by_text("已批准，考试场次可以使用。")).to_be_visible()
    return paper.uuid
