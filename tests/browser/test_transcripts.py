"""The transcript corrected at the desk, by keyboard alone, axe and widths included."""

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from assessment.marking.models import Panel
from media_pipeline.assets.models import TranscriptEdit
from tests.assessment.marking.scoring import scoring_panel, seated
from tests.browser.support import settle, sideways
from tests.media_pipeline import cast as made
from tests.media_pipeline.cast import Cast, build_cast
from tests.media_pipeline.fakes import cue

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return build_cast()


@pytest.fixture
def panel(cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Panel:
    """The second of its lines needs a listen."""
    lines = [cue(text, place, place * 5.0, low_trust=place == 1) for place, text in enumerate(made.SENTENCES)]
    monkeypatch.setattr(made, "plain_cues", lambda said: lines)
    return scoring_panel(cast, tmp_path)


def shot(page: Page, name: str) -> None:
    folder = Path(os.environ.get("KAIBO_SHOTS", "var/shots"))
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=str(folder / f"transcript-{name}.png"))


def test_a_line_is_corrected_by_keyboard_alone(
    cast: Cast, panel: Panel, live_server: Any, enter: Any, audit: Any
) -> None:
    page = enter(cast.acting(seated(cast, panel)[0]))
    page.set_viewport_size({"width": 1280, "height": 640})
    page.goto(f"{live_server.url}/scoring/{panel.code}/")
    page.get_by_role("link", name="机器转写").click()
    settle(page)
    assert audit(page) == []
    assert sideways(page) == 0
    shot(page, "desk")
    page.locator("[name=line-0]").focus()
    page.keyboard.press("Enter")
    expect(page.locator("[name=line-1]")).to_be_focused()
    page.keyboard.press("Alt+l")
    expect(page.locator("[name=heard]")).to_be_checked()
    page.keyboard.press("Enter")
    page.keyboard.press("End")
    page.keyboard.type("真的")
    page.locator("[name=reason]").focus()
    page.keyboard.press("Enter")  # no reason yet: nothing is lost
    expect(page.locator("[role=alert]").first).to_contain_text("原因")
    expect(page.locator("[name=line-2]")).to_have_value(made.SENTENCES[2] + "真的")
    expect(page.locator("[name=heard]")).to_be_checked()
    shot(page, "refused")
    page.locator("[name=reason]").focus()
    page.keyboard.type("听了两遍")
    page.keyboard.press("Enter")
    expect(page.get_by_text("文字稿第1版").first).to_be_visible()
    assert TranscriptEdit.objects.get().reason == "听了两遍"
    assert audit(page) == []
    shot(page, "saved")
    page.set_viewport_size({"width": 390, "height": 800})
    assert sideways(page) == 0
    shot(page, "phone")
