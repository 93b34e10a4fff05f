"""The verification page compares a file in the browser; batches and certificates at every width."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from playwright.sync_api import Page, expect

from assessment.certification.models import Batch, Certificate
from assessment.certification.papers import paper_bytes
from tests.assessment.certification.world import World, build_world, frozen, issued, reviewed
from tests.browser.support import Watch, settle, sideways, until
from tests.lms.accounts.world import signed_in

pytestmark = pytest.mark.browser

EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.fixture
def world(transactional_db: None) -> Iterator[World]:
    cache.clear()
    yield build_world()
    cache.clear()


def sign_in(page: Page, client: Client, url: str) -> None:
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie.value, "url": url}])


@pytest.mark.parametrize("width", (320, 390, 1280))
def test_a_dropped_file_is_compared_where_it_lies(
    live_server: Any, watched: Watch, audit: Any, world: World, tmp_path: Path, width: int
) -> None:
    certificate = issued(world, world.people[0])[0]
    page = watched.page
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(f"{live_server.url}/verify/{certificate.code}/")
    settle(page)
    expect(page.locator("h1")).to_have_text("这份证书是真的，现在有效")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url))
    said = page.locator(".verify-said")
    pdf = paper_bytes(certificate)
    same, other, photo = tmp_path / "a.pdf", tmp_path / "b.pdf", tmp_path / "c.jpg"
    same.write_bytes(pdf)
    other.write_bytes(pdf[:-1] + b" ")
    photo.write_bytes(b"\xff\xd8\xff")
    for file, words in ((same, "一致"), (other, "不一样"), (photo, "这不是PDF")):
        page.set_input_files("#verify-file", file)
        expect(said).to_contain_text(words)
        assert audit(page) == []
    page.evaluate(
        """bytes => {
            const data = new DataTransfer();
            data.items.add(new File([new Uint8Array(bytes)], "x.pdf", { type: "application/pdf" }));
            document.querySelector(".picker-drop").dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
        }""",
        list(pdf),
    )
    expect(said).to_contain_text("一致")
    assert sent == []
    assert sideways(page) == 0


def test_without_the_browsers_own_hash_ours_gives_the_same(live_server: Any, watched: Watch, world: World) -> None:
    certificate = issued(world, world.people[0])[0]
    page = watched.page
    page.goto(f"{live_server.url}/verify/{certificate.code}/")
    settle(page)
    ours = """async bytes => {
        const { digest } = await import("/static/js/lib/sha256.js");
        return digest(new Uint8Array(bytes));
    }"""
    assert page.evaluate(ours, []) == EMPTY
    assert page.evaluate(ours, list(paper_bytes(certificate))) == certificate.pdf_sha256


@pytest.mark.parametrize("width", (390, 1280))
def test_every_answer_is_clean(live_server: Any, page: Page, audit: Any, world: World, width: int) -> None:
    certificate = issued(world, world.people[0])[0]
    page.set_viewport_size({"width": width, "height": 844})
    for state, words in (("issued", "有效"), ("revoked", "已撤销"), ("reissued", "已换发")):
        ended = None if state == "issued" else "2026-03-20"
        Certificate.objects.filter(pk=certificate.pk).update(state=state, ended_on=ended)
        page.goto(f"{live_server.url}/verify/{certificate.code}/")
        settle(page)
        expect(page.locator("main")).to_contain_text(words)
        assert (sideways(page), audit(page)) == (0, [])
    page.goto(f"{live_server.url}/verify/K7FA-34RT-9QWE/")
    expect(page.locator("h1")).to_have_text("查无此证")
    assert (sideways(page), audit(page)) == (0, [])
    page.get_by_role("link", name="输入编号和姓名查验").click()
    for _try in range(21):
        page.locator("#id_number").fill("S1")
        page.locator("#id_name").fill("林晓燕")
        page.get_by_role("button", name="查验").click()
        until(page, "document.readyState === 'complete'")
    expect(page.locator("h1")).to_have_text("查得太快，1分钟后再试")
    assert (sideways(page), audit(page)) == (0, [])


@pytest.mark.parametrize("width", (390, 1280))
def test_the_desks_and_her_own_page_are_clean(
    live_server: Any, watched: Watch, audit: Any, world: World, width: int
) -> None:
    page = watched.page
    page.set_viewport_size({"width": width, "height": 844})
    frozen(world, world.people[0])
    reviewed(world, world.people[1])
    certificate = issued(world, world.people[2])[0]

    def clean(who: str, *addresses: str) -> None:
        sign_in(page, signed_in(world.users[who]), live_server.url)
        for address in addresses:
            page.goto(f"{live_server.url}{address}")
            settle(page)
            assert (who, address, sideways(page), audit(page)) == (who, address, 0, [])

    batches = [f"/certification/{row.uuid}/" for row in Batch.objects.order_by("id")]
    paper = f"/certification/papers/{certificate.uuid}/"
    clean("officer", "/certification/", *batches, paper, f"/certification/codes/{world.places.body.uuid}/")
    clean("clerk", "/certification/", *batches, paper)
    clean("trainee2", "/certification/mine/", f"/certification/mine/{certificate.uuid}/")
    expect(page.locator("img.paper")).to_be_visible()
    until(
        page, "document.querySelector('img.paper').complete && document.querySelector('img.paper').naturalWidth > 1000"
    )
