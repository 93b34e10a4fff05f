"""The evidence page by keyboard alone, at a desk and on a phone, and its sealed file as it leaves the browser."""

import io
import os
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from playwright.sync_api import Page, expect

from assessment.api import grant_evidence
from lms.core.packages import public_keys
from media_pipeline.assets.models import MediaAsset
from tests.browser.clip import make_clip, serve_clip
from tests.browser.support import Watch, settle, sideways, until
from tests.media_pipeline import cast as made
from tests.media_pipeline.cast import NOW, Cast, build_cast, finish, hand_in
from tests.media_pipeline.fakes import cue

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

MORE = tuple(f"第{place}款也是今年的新茶，大家可以看一下。" for place in range(1, 9))
TIME = "document.querySelector('video').currentTime"


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clip") / "clip.mp4", seconds=61)


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return build_cast()


@pytest.fixture
def work(cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MediaAsset:
    """Twelve lines, five seconds each; the fifth needs a listen."""
    said = (*made.SENTENCES, *MORE)
    lines = [cue(text, place, place * 5.0, low_trust=place == 4) for place, text in enumerate(said)]
    monkeypatch.setattr(made, "plain_cues", lambda _said: lines)
    asset = finish(hand_in(cast), tmp_path)
    grant_evidence(examiner=cast.uuid("examiner"), asset=asset.uuid, granted_by=cast.uuid("chief"), now=NOW)
    return asset


@pytest.fixture
def page(cast: Cast, work: MediaAsset, clip: Path, live_server: Any, enter: Any) -> Page:
    shown: Page = enter(cast.acting("examiner"))
    serve_clip(shown, clip, "**/evidence/*/video")
    shown.goto(f"{live_server.url}/evidence/{work.blind_code}/")
    settle(shown)
    return shown


def shot(page: Page, name: str) -> None:
    folder = Path(os.environ.get("KAIBO_SHOTS", "var/shots"))
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=str(folder / f"evidence-{name}.png"))


def tab_to(page: Page, selector: str) -> None:
    """Presses Tab until it stands there; fails where the keyboard never comes."""
    page.evaluate("document.activeElement?.blur()")
    for _press in range(120):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"Tab never comes to {selector}")


def test_it_is_worked_by_keyboard_alone(page: Page, audit: Any) -> None:
    watch = Watch(page)
    page.set_viewport_size({"width": 1280, "height": 720})
    assert audit(page) == []
    assert sideways(page) == 0
    shot(page, "desk")
    # Play, pause, back and forward.
    tab_to(page, "[data-role=play]")
    page.keyboard.press("Space")
    until(page, f"{TIME} > 0.3")
    page.keyboard.press("k")
    expect(page.locator("kb-player")).to_have_attribute("data-state", "paused")
    page.keyboard.press("l")
    until(page, f"{TIME} > 5")
    # Speed, half to double.
    for _press in range(9):
        page.keyboard.press("[")
    expect(page.locator(".player-speed")).to_have_text("0.5×")
    for _press in range(9):
        page.keyboard.press("]")
    expect(page.locator(".player-speed")).to_have_text("2.0×")
    # A finding is one key from its second, and one press of its link.
    page.keyboard.press("Shift+f")
    page.keyboard.press("k")
    tab_to(page, ".evidence-aside .clue [data-seek]")
    page.keyboard.press("Enter")
    wanted = float(page.evaluate("document.activeElement.dataset.seek"))
    until(page, f"{TIME} >= {wanted} && {TIME} < {wanted + 5}")
    page.keyboard.press("k")
    # The scrubber by seconds.
    tab_to(page, ".scrubber")
    before = page.evaluate(TIME)
    page.keyboard.press("PageUp")
    until(page, f"Math.abs({TIME} - {before} - 10) < 0.6")
    # Captions.
    tab_to(page, "[data-role=captions]")
    page.keyboard.press("Space")
    expect(page.locator("[data-role=captions]")).to_have_attribute("aria-pressed", "false")
    assert watch.complaints == []


def test_search_counts_marks_and_goes_to_each_hit(page: Page, audit: Any) -> None:
    page.set_viewport_size({"width": 1280, "height": 720})
    page.keyboard.press("s")
    field, count = page.locator("#transcript-search"), page.locator(".find-count")
    expect(field).to_be_focused()
    page.keyboard.type("大家")
    expect(count).to_have_text("10处")
    assert page.evaluate("CSS.highlights.get('found').size") == 10
    page.keyboard.press("Enter")
    expect(count).to_have_text("1/10")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(count).to_have_text("3/10")
    until(page, f"Math.abs({TIME} - 20) < 0.5")
    expect(page.locator(".cue[aria-current=true]")).to_have_attribute("id", "cue-4")
    assert page.evaluate("CSS.highlights.get('found-now').size") == 1
    page.keyboard.press("Shift+Enter")
    expect(count).to_have_text("2/10")
    assert audit(page) == []
    shot(page, "search")
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    assert audit(page) == []
    shot(page, "dark")
    # Single letters stay letters here, and a name that is hidden is not found.
    page.keyboard.press("Escape")
    page.keyboard.type("kjl林小燕")
    expect(field).to_have_value("kjl林小燕")
    page.keyboard.press("Escape")
    page.keyboard.type("林小燕")
    expect(count).to_have_text("没找到")
    page.keyboard.press("Escape")
    expect(count).to_be_hidden()
    # Over the edge of a finding's mark.
    page.keyboard.type("一杯，可以降血")
    expect(count).to_have_text("1处")
    expect(page.locator("kb-player")).to_have_attribute("data-state", "paused")
    # Round the end by the buttons.
    tab_to(page, ".find-step[data-step='-1']")
    page.keyboard.press("Enter")
    expect(count).to_have_text("1/1")


def test_checks_say_where_and_what_was_not_run(page: Page, audit: Any) -> None:
    page.set_viewport_size({"width": 1280, "height": 720})
    drawing = page.locator(".timeline-svg").first
    assert "需听辨" in str(drawing.get_attribute("aria-label"))
    titles = page.locator(".timeline-svg title").all_text_contents()
    assert [title for title in titles if "静音" in title]
    assert [title for title in titles if "需听辨" in title]
    unrun = page.locator(".evidence-aside details")
    expect(unrun.locator("summary")).to_contain_text("项未检测")
    tab_to(page, ".evidence-aside summary")
    page.keyboard.press("Enter")
    expect(unrun).to_contain_text("相同文件")
    assert audit(page) == []
    shot(page, "not-run")
    tab_to(page, "#tab-words")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#panel-checks")).to_be_visible()
    tab_to(page, "#panel-checks [data-seek='20']")
    page.keyboard.press("Enter")
    until(page, f"{TIME} >= 20 && {TIME} < 25")
    assert audit(page) == []
    shot(page, "checks")


def test_the_sealed_file_leaves_the_browser_and_is_checked(page: Page, work: MediaAsset, tmp_path: Path) -> None:
    page.set_viewport_size({"width": 1280, "height": 720})
    tab_to(page, "#tab-words")
    page.keyboard.press("ArrowRight")
    tab_to(page, "[data-download] button")
    shot(page, "sealed")
    files = []
    for time in (1, 2):  # the button may be pressed again
        with page.expect_download() as download:
            page.keyboard.press("Enter")
        assert download.value.suggested_filename == f"kaibo-evidence-{work.blind_code}.zip"
        files.append(tmp_path / f"{time}.zip")
        download.value.save_as(files[-1])
        until(page, "!document.querySelector('[data-download]').dataset.sent")
    said = io.StringIO()
    call_command("verify_package", str(files[1]), "--key", public_keys()[0].hex(), stdout=said)
    assert said.getvalue().startswith(f"与封存时一致：evidence/1 {work.blind_code}，5个文件")
    content = bytearray(files[0].read_bytes())
    content[content.index(b'"code"') + 12] ^= 1
    files[0].write_bytes(content)
    complaint = io.StringIO()
    with pytest.raises(SystemExit) as stop:
        call_command("verify_package", str(files[0]), stderr=complaint)
    assert stop.value.code == 1
    assert "data/evidence.json：封存后被改动过" in complaint.getvalue()


def test_on_a_phone_nothing_is_cut_off(page: Page, audit: Any) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.reload()
    settle(page)
    assert audit(page) == []
    assert sideways(page) == 0
    shot(page, "phone")
    page.locator("#transcript-search").focus()
    page.keyboard.type("新茶")
    page.keyboard.press("Enter")
    expect(page.locator(".find-count")).to_have_text("1/8")
    expect(page.locator(".find-step").last).to_be_in_viewport(ratio=1)
    tools, hit = (page.locator(each).bounding_box() for each in (".evidence-tools", ".cue[aria-current=true]"))
    assert tools
    assert hit
    assert tools["y"] + tools["height"] <= hit["y"] < 800
    assert sideways(page) == 0
    assert audit(page) == []
    shot(page, "phone-search")
    tab_to(page, "#tab-words")
    page.keyboard.press("ArrowRight")
    page.locator("[data-download]").scroll_into_view_if_needed()
    shot(page, "phone-sealed")
    assert audit(page) == []
