"""Every component in every state: clean for axe, quiet under the strict CSP, readable at 320 px."""

import itertools
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from lms.portal.gallery import ENTRIES
from tests.browser.clip import make_clip, serve_clip
from tests.browser.support import Watch, settle, sideways

pytestmark = pytest.mark.browser

WIDTHS, THEMES, LANGUAGES = (390, 1280), ("light", "dark"), ("zh-hans", "en")
# Each pair of looks once; SOAK=full walks all eight.
LOOKS = (
    list(itertools.product(WIDTHS, THEMES, LANGUAGES))
    if os.environ.get("SOAK") == "full"
    else [(390, "light", "zh-hans"), (390, "dark", "en"), (1280, "dark", "zh-hans"), (1280, "light", "en")]
)
NAMES = [entry.name for entry in ENTRIES]
HEIGHT = {390: 844, 1280: 720, 320: 640, 640: 360}


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clip") / "clip.mp4", seconds=73)


def _open(page: Page, site: str, name: str, width: int, query: str) -> None:
    page.set_viewport_size({"width": width, "height": HEIGHT[width]})
    answer = page.goto(f"{site}/_gallery/{name}/?{query}")
    assert answer is not None
    assert answer.status == 200
    # The modules have run once the elements are defined.
    settle(page)


@pytest.mark.parametrize("name", NAMES)
def test_entry_is_clean(
    name: str, live_server: object, watched: Watch, audit: Callable[[Page], list[str]], clip: Path
) -> None:
    serve_clip(watched.page, clip)
    found = {}
    for width, theme, language in LOOKS:
        _open(watched.page, str(live_server), name, width, f"lang={language}&theme={theme}")
        found[width, theme, language] = audit(watched.page)
    assert {look: broken for look, broken in found.items() if broken} == {}


@pytest.mark.parametrize("name", NAMES)
def test_nothing_scrolls_sideways(name: str, live_server: object, page: Page, clip: Path) -> None:
    serve_clip(page, clip)
    wide = {}
    # 640 × 360 is a 1280 × 720 desk at 200 %.
    for width, language, size in ((320, "zh-hans", "large"), (320, "en", "large"), (640, "en", "normal")):
        _open(page, str(live_server), name, width, f"lang={language}&size={size}")
        wide[width, language, size] = sideways(page)
    assert {look: pixels for look, pixels in wide.items() if pixels} == {}


def test_targets_are_large_enough(live_server: object, page: Page) -> None:
    small = {}
    for name, width, least in (("page-home", 390, 44), ("page-upload", 390, 44), ("page-board", 1280, 24)):
        _open(page, str(live_server), name, width, "lang=zh-hans")
        small[name] = page.evaluate(
            """least => [...document.querySelectorAll('a, button, input:not([type=hidden]), summary')]
                .filter(each => each.offsetParent && !each.closest('.skip, p, li.inline'))
                .filter(each => each.className !== 'skip' && getComputedStyle(each).display !== 'inline')
                .filter(each => each.getBoundingClientRect().height < least - 0.5)
                .map(each => each.outerHTML.slice(0, 80))""",
            least,
        )
    assert small == {"page-home": [], "page-upload": [], "page-board": []}


def test_works_without_javascript(live_server: object, browser: object) -> None:
    context = browser.new_context(java_script_enabled=False)  # type: ignore[attr-defined]
    page = context.new_page()
    page.goto(f"{live_server}/_gallery/page-evidence/?lang=zh-hans")
    assert page.locator("video[controls]").count() == 1
    assert page.locator(".evidence-panel").count() == 2
    assert page.locator(".cue-time").first.get_attribute("href") == "?t=2"
    assert page.locator("#panel-checks").is_visible()
    context.close()
