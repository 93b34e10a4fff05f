"""The clock of a lesson page in a real browser, and how it is shown to those who oversee."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from courses.studytime import rules
from courses.studytime.models import Beat, StudyStream
from courses.studytime.services import counted_online_hours, refresh_days
from courses.studytime.types import Flag
from lms.core import clock
from tests.browser import test_study as study_tests
from tests.browser.cable import Cable
from tests.browser.support import settle, until
from tests.browser.test_study import _TURN, look, phone, sign_in
from tests.courses.lessons import DAY, Taught, taught
from tests.courses.school import lay_rules
from tests.courses.studytime.desk import study
from tests.courses.studytime.test_platforms import entry, handed_in, listed
from tests.media_pipeline.cast import Cast, build_cast

pytestmark = pytest.mark.browser

cable = study_tests.cable
one_at_a_time = study_tests.one_at_a_time
training_day = study_tests.training_day


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    cast = build_cast()
    lay_rules(cast)
    return cast


@pytest.fixture
def class_(cast: Cast) -> Taught:
    return taught(cast)


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The rules with seconds for minutes."""
    said = rules._versions()[1]["default"]
    for name, seconds in {"interval_s": 1, "span_max_s": 2, "presence_every_s": 6, "presence_grace_s": 3}.items():
        monkeypatch.setitem(said, name, seconds)
    rules.study_rules.cache_clear()
    yield
    rules.study_rules.cache_clear()


def number_of(**asked: Any) -> int:
    with _TURN:
        return Beat.objects.filter(**asked).count()


def beats(page: Page, least: int, **asked: Any) -> None:
    """Waits until so many beats are in the ledger."""
    for _again in range(80):
        if number_of(**asked) >= least:
            return
        page.wait_for_timeout(100)
    raise AssertionError("the beats never came")


def set_visible(page: Page, state: str) -> None:
    page.evaluate(
        "state => { Object.defineProperty(document, 'visibilityState', { value: state, configurable: true });"
        " document.dispatchEvent(new Event('visibilitychange')); }",
        state,
    )


def test_the_clock_runs_stops_asks_and_reports_late(
    page: Page, cast: Cast, class_: Taught, cable: Cable, training_day: None, hasty: None, audit: Any
) -> None:
    phone(page)
    sign_in(page, cast, "owner", cable.url)
    began = clock.now()
    page.goto(f"{cable.url}/study/")
    page.get_by_role("link", name="开始学").click()
    shown = page.locator("kb-study")
    expect(shown.locator("[data-role=state]")).to_have_text("计时中")
    beats(page, 2)
    look(page, audit, "study-clock")
    # She looks elsewhere: told at once, and the ledger says not in view.
    set_visible(page, "hidden")
    expect(shown.locator("[data-role=state]")).to_have_text("已停表：页面不在眼前")
    beats(page, 1, flags=0)
    set_visible(page, "visible")
    # The question comes; answered, the clock goes on.
    ask = page.get_by_role("alert").filter(has_text="还在学习吗")
    expect(ask).to_be_visible(timeout=9000)
    look(page, audit, "study-ask")
    ask.get_by_role("button", name="我在学").click()
    expect(ask).to_be_hidden()
    beats(page, 1, flags=int(Flag.VISIBLE | Flag.ANSWERED))
    # Without a network the beats wait in the device, also over a reload.
    cable.cut()
    held = number_of()
    expect(shown.locator("[data-role=state]")).to_have_text("没有网络，联网后补报", timeout=5000)
    until(page, "JSON.parse(localStorage.getItem('kb-study')).length >= 3")
    cable.mend()
    page.reload()
    settle(page)
    beats(page, held + 3)
    page.goto("about:blank")
    with _TURN:
        refresh_days()
        ended = clock.now()
        [counted] = [one for uuid, one in counted_online_hours(class_.row).items() if one.seconds]
        streams = StudyStream.objects.count()
    assert 0 < counted.seconds <= (ended - began).total_seconds()
    assert streams == 2


def test_how_it_is_shown(
    page: Page,
    cast: Cast,
    class_: Taught,
    cable: Cable,
    training_day: None,
    audit: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Everything at both widths: her own, the class, an hour, the list of platforms, logs."""
    with _TURN:
        mine = class_.enrolment
        study(mine, 12, lesson=class_.lesson(0), cap=20, at=DAY)
        study(mine, 6, lesson=class_.lesson(1), cap=20, at=DAY + timedelta(minutes=8))
        listed(cast)
        monkeypatch.setattr(clock, "now", lambda: DAY + timedelta(days=1, hours=3))
        handed_in(cast, class_.row, entry(mine, 275, 45))
        refresh_days()
    phone(page)
    sign_in(page, cast, "owner", cable.url)
    page.goto(f"{cable.url}/study-time/")
    look(page, audit, "time-mine")
    page.get_by_role("link", name="计时明细").click()
    look(page, audit, "time-own-audit")
    page.set_viewport_size({"width": 1280, "height": 900})
    sign_in(page, cast, "bureau", cable.url)
    base = f"{cable.url}/study-time/"
    page.goto(base)
    look(page, audit, "time-classes")
    page.goto(f"{base}{class_.row.uuid}/")
    look(page, audit, "time-class")
    day = clock.day_of(DAY).isoformat()
    hour = DAY.astimezone(clock.SHANGHAI).hour
    page.goto(f"{base}{class_.row.uuid}/{mine.uuid}/?day={day}&hour={hour}")
    page.locator("summary", has_text="原始上报记录").click()
    look(page, audit, "time-hour")
    page.goto(f"{base}platforms/")
    look(page, audit, "time-platforms")
    sign_in(page, cast, "school_admin", cable.url)
    page.goto(f"{base}{class_.row.uuid}/logs/")
    look(page, audit, "time-logs")
