"""How a result came about, on her phone; the desk's lists and acts."""

from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from assessment.marking.types import OutcomeData
from assessment.results import explaining
from assessment.results.models import GradeDecision
from tests.assessment.results.world import Examined, examined, mark, outcome_of, released
from tests.browser.clip import make_clip, serve_clip
from tests.browser.support import Watch, settle, sideways, until
from tests.media_pipeline.cast import Cast, build_cast, finish

pytestmark = pytest.mark.browser

TIME = "document.querySelector('video').currentTime"


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("result") / "clip.mp4", seconds=61)


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return build_cast()


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> dict[UUID, OutcomeData]:
    """What marking would answer, by outcome."""
    answers: dict[UUID, OutcomeData] = {}
    monkeypatch.setattr(explaining, "outcome", answers.__getitem__)
    return answers


@pytest.fixture
def case(cast: Cast, tmp_path: Path) -> Examined:
    made = examined(cast)
    finish(made.asset, tmp_path)
    return made


def judged(case: Examined, told: dict[UUID, OutcomeData]) -> GradeDecision:
    uuid = uuid4()
    told[uuid] = outcome_of(case, uuid)
    return mark(case, "56.0", outcome=uuid)


def sign_in(page: Page, cast: Cast, who: str, url: str) -> None:
    cookie = cast.client(who).cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie.value, "url": url}])


@pytest.mark.parametrize("width", (320, 390, 1280))
def test_a_time_link_plays_her_own_video_in_sight(
    live_server: Any,
    watched: Watch,
    audit: Any,
    clip: Path,
    cast: Cast,
    case: Examined,
    told: dict[UUID, OutcomeData],
    width: int,
) -> None:
    page = watched.page
    serve_clip(page, clip, "**/evidence/*/video")
    sign_in(page, cast, "owner", live_server.url)
    page.set_viewport_size({"width": width, "height": 844})
    decision = released(cast, judged(case, told))
    page.goto(f"{live_server.url}/results/{decision.uuid}/")
    settle(page)
    expect(page.locator("h1")).to_have_text("本次未通过")
    until(page, "document.querySelector('video').readyState >= 1")
    page.evaluate("document.querySelector('video').muted = true")
    page.locator(".result-reason .timelink").first.click()
    until(page, f"{TIME} >= 41")
    expect(page.locator("video")).to_be_in_viewport(ratio=0.9)
    assert sideways(page) == 0
    assert audit(page) == []


@pytest.mark.parametrize("width", (390, 1280))
def test_the_chief_confirms_after_a_question(
    live_server: Any, watched: Watch, audit: Any, cast: Cast, case: Examined, told: dict[UUID, OutcomeData], width: int
) -> None:
    page = watched.page
    sign_in(page, cast, "chief", live_server.url)
    page.set_viewport_size({"width": width, "height": 800})
    judged(case, told)
    page.goto(f"{live_server.url}/results/")
    settle(page)
    assert (sideways(page), audit(page)) == (0, [])
    page.get_by_role("link", name=case.asset.blind_code).click()
    settle(page)
    assert (sideways(page), audit(page)) == (0, [])
    page.get_by_role("button", name="确认成绩").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("以本人名义认定")
    assert audit(page) == []
    dialog.get_by_role("button", name="确认成绩").click()
    expect(page.get_by_role("status").filter(has_text="已确认1条成绩")).to_be_visible()
    expect(page.get_by_role("button", name="发布成绩").first).to_be_visible()
