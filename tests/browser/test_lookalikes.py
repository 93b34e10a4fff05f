"""Two works side by side in a browser: both play from the matching second, on a desk and on a phone; axe and widths included."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from assessment.marking.models import Panel
from media_pipeline.assets import store
from media_pipeline.assets.models import MediaAsset
from media_pipeline.assets.types import RenditionKind
from tests.assessment.marking.scoring import scoring_panel, seated
from tests.browser.support import settle, sideways
from tests.media_pipeline.cast import Cast, build_cast, finish, hand_in
from tests.media_pipeline.clips import clip
from tests.media_pipeline.similarity.pairs import beside, held_back

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return build_cast()


@pytest.fixture
def panel(cast: Cast, tmp_path: Path) -> Panel:
    panel = scoring_panel(cast, tmp_path)
    other = finish(hand_in(cast, "stranger", b"another"), tmp_path)
    work = MediaAsset.objects.get(uuid=panel.asset)
    # What plays in Chromium on Debian and elsewhere.
    video = clip(tmp_path / "shown.mp4", seconds=60, picture="testsrc2=s=160x284:r=10")
    for asset in (work, other):
        proxy = asset.renditions.get(kind=RenditionKind.PROXY)
        store.discard(proxy.key)
        stored = store.put_path(video, proxy.key)
        asset.renditions.filter(pk=proxy.pk)._raw_delete(using="default")
        asset.renditions.create(
            run=proxy.run, kind=proxy.kind, key=stored.key, size=stored.size, sha256=stored.sha256, mime=proxy.mime
        )
    beside(work, other)
    return panel


def shot(page: Page, name: str) -> None:
    folder = Path(os.environ.get("KAIBO_SHOTS", "var/shots"))
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=str(folder / f"alike-{name}.png"), full_page=True)


def seconds(page: Page) -> list[float]:
    return [
        float(page.evaluate(f"document.querySelector('[data-side={side}]').currentTime")) for side in ("own", "other")
    ]


def until(page: Page, holds: Callable[[float, float], bool]) -> None:
    """Waits until both clips stand where they should; a page's own script may not be asked in text (CSP)."""
    for _ in range(200):
        if holds(*seconds(page)):
            return
        page.wait_for_timeout(100)
    pytest.fail(f"they stand at {seconds(page)}")


def test_both_play_from_the_matching_second(cast: Cast, panel: Panel, live_server: Any, enter: Any, audit: Any) -> None:
    page = enter(cast.acting(seated(cast, panel)[0]))
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"{live_server.url}/lookalikes/{panel.code}/")
    settle(page)
    assert (audit(page), sideways(page)) == ([], 0)
    shot(page, "list")
    page.get_by_role("link", name="与1对照").click()
    both = page.get_by_role("button", name="从这里同时播放")
    expect(both).to_be_visible()
    until(page, lambda own, other: (own, other) == pytest.approx((2.0, 9.0), abs=0.3))
    settle(page)
    assert (audit(page), sideways(page)) == ([], 0)
    shot(page, "pair")
    both.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="同时暂停")).to_be_visible()
    until(page, lambda own, _other: own > 3)
    page.keyboard.press("Enter")
    own, other = seconds(page)
    assert other - own == pytest.approx(7.0, abs=0.7)
    # The second stretch, by its own button.
    page.get_by_role("button", name="跳到这段").nth(1).click()
    until(page, lambda _own, other: other < 8)
    page.set_viewport_size({"width": 390, "height": 844})
    settle(page)
    assert (audit(page), sideways(page)) == ([], 0)
    shot(page, "phone")


def test_the_chief_lets_a_work_go_on(
    cast: Cast, panel: Panel, tmp_path: Path, live_server: Any, enter: Any, audit: Any
) -> None:
    held = held_back(finish(hand_in(cast, "colleague", b"same"), tmp_path), MediaAsset.objects.get(uuid=panel.asset))
    page = enter(cast.acting("chief"))
    page.goto(f"{live_server.url}/lookalikes/")
    settle(page)
    assert (audit(page), sideways(page)) == ([], 0)
    shot(page, "held")
    page.get_by_role("link", name=held.blind_code).click()
    page.set_viewport_size({"width": 390, "height": 844})
    settle(page)
    assert (audit(page), sideways(page)) == ([], 0)
    shot(page, "release")
    page.get_by_label("决定理由").fill("原片核对过")
    page.get_by_role("button", name="放行").click()
    expect(page.get_by_text("已放行，进入评分")).to_be_visible()
