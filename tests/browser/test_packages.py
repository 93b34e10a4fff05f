"""A SCORM package in a lesson on a phone: another origin, kept as it goes, continued on another device."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, expect

from courses.catalogue.documents import Files
from courses.catalogue.types import PackageBlock
from courses.learning.models import LessonProgress, PackageState
from lms.accounts.api import Role
from tests.browser.cable import Cable
from tests.browser.support import Watch, settle
from tests.browser.test_study import _TURN, cable, cast, look, one_at_a_time, phone, sign_in, training_day
from tests.courses.catalogue.writing import document
from tests.courses.lessons import TITLES, Taught, taught
from tests.courses.packages.scorm import made
from tests.lms.accounts.world import make_user
from tests.media_pipeline.cast import Cast

__all__ = ["cable", "cast", "one_at_a_time", "training_day"]

pytestmark = pytest.mark.browser


@pytest.fixture
def class_(cast: Cast, cable: Cable, live_server: Any, settings: Any) -> Taught:
    """Its first lesson has a package; the site is `localhost`, the other origin `127.0.0.1` on another port."""
    settings.CONTENT_ORIGIN = cable.url.replace("localhost", "127.0.0.1")
    settings.WAGTAILADMIN_BASE_URL = live_server.url
    package = made(make_user(cast.city, Role.COMMITTEE, name="林委员"))
    first = document(TITLES[0])
    shown = replace(first, blocks=(PackageBlock(package.uuid, "开播前测一测"), *first.blocks))
    return taught(cast, documents=(shown, document(TITLES[1])), files=Files({}, {}, {}, {package.uuid: package}))


def part(page: Page) -> FrameLocator:
    return page.frame_locator(".package-frame").frame_locator("iframe")


def kept(asked: Callable[[PackageState], bool]) -> PackageState:
    """The state once it is as asked. Raises AssertionError after ten seconds."""
    limit = time.monotonic() + 10
    while time.monotonic() < limit:
        with _TURN:
            row = PackageState.objects.first()
        if row is not None and asked(row):
            return row
        time.sleep(0.1)
    raise AssertionError("never kept")


def test_a_package_goes_on_where_it_was_left_and_hears_nobody_else(
    watched: Watch, audit: Any, cast: Cast, class_: Taught, live_server: Any, training_day: None, browser: Browser
) -> None:
    page = phone(watched.page)
    sign_in(page, cast, "owner", live_server.url)
    page.goto(f"{live_server.url}{class_.url()}")
    settle(page)
    told = part(page).locator("#told")
    expect(told).to_have_text("ab-initio 0")
    for _ in range(2):
        part(page).get_by_role("button", name="加一").click()
    expect(told).to_have_text("ab-initio 2")
    kept(lambda row: row.suspend_data == "2")
    # The package spoke past its frame, and somebody speaks on our own origin: neither is heard.
    page.evaluate(
        """window.postMessage({kaibo: "package", type: "keep",
        state: {status: "passed", score: "100", location: "", suspend_data: "forged", seconds: 1}}, "*")"""
    )
    page.wait_for_timeout(3000)
    row = kept(lambda row: row.revision > 0)
    assert (row.suspend_data, row.status, row.score) == ("2", "incomplete", None)
    assert page.frames[1].evaluate("document.cookie") == ""
    look(page, audit, "package")

    other = browser.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN").new_page()
    sign_in(other, cast, "owner", live_server.url)
    other.goto(f"{live_server.url}{class_.url()}")
    expect(part(other).locator("#told")).to_have_text("resume 2")
    part(other).get_by_role("button", name="完成").click()
    kept(lambda row: row.status == "passed" and row.score == 80)
    with _TURN:
        assert LessonProgress.objects.get().completed_at is not None
    other.context.close()


def test_what_another_device_did_is_not_overwritten(
    page: Page, cast: Cast, class_: Taught, live_server: Any, training_day: None
) -> None:
    sign_in(phone(page), cast, "owner", live_server.url)
    page.goto(f"{live_server.url}{class_.url()}")
    part(page).get_by_role("button", name="加一").click()
    row = kept(lambda row: row.suspend_data == "1")
    with _TURN:
        row.suspend_data, row.revision = "7", row.revision + 1
        row.save()
    part(page).get_by_role("button", name="加一").click()
    page.get_by_role("button", name="从那里接着学").click()
    expect(part(page).locator("#told")).to_have_text("resume 7")
    part(page).get_by_role("button", name="加一").click()
    kept(lambda row: row.suspend_data == "8")


# What is asked of the API in turn, its answer, and LMSGetLastError after it (SCORM 1.2 RTE, 3.3 and 3.4).
ASKED = (
    (("LMSInitialize", ""), "false", "101"),  # the part has done so itself
    (("LMSGetValue", "cmi.core._children"), None, "0"),
    (("LMSGetValue", "cmi.core.student_name"), "", "0"),
    (("LMSGetValue", "cmi.core.session_time"), "", "404"),
    (("LMSGetValue", "cmi.core.lesson_status._children"), "", "202"),
    (("LMSGetValue", "cmi.core.lesson_status._count"), "", "203"),
    (("LMSGetValue", "cmi.interactions._count"), "", "401"),
    (("LMSGetValue", "no.such"), "", "201"),
    (("LMSGetValue", "constructor"), "", "201"),
    (("LMSSetValue", "cmi.core.student_id", "x"), "false", "403"),
    (("LMSSetValue", "cmi.core._children", "x"), "false", "402"),
    (("LMSSetValue", "cmi.core.lesson_status", "not attempted"), "false", "405"),
    (("LMSSetValue", "cmi.core.score.raw", "101"), "false", "405"),
    (("LMSSetValue", "cmi.core.session_time", "1:00"), "false", "405"),
    (("LMSSetValue", "cmi.suspend_data", "x" * 4097), "false", "405"),
    (("LMSSetValue", "cmi.suspend_data", "x" * 4096), "true", "0"),
    (("LMSSetValue", "cmi.core.session_time", "0001:01:05.50"), "true", "0"),
    (("LMSCommit", "x"), "false", "201"),
    (("LMSFinish", ""), "true", "0"),
    (("LMSGetValue", "cmi.suspend_data"), "", "301"),
    (("LMSCommit", ""), "false", "301"),
)


def test_the_api_answers_as_scorm_1_2_says(
    page: Page, cast: Cast, class_: Taught, live_server: Any, training_day: None
) -> None:
    sign_in(phone(page), cast, "owner", live_server.url)
    page.goto(f"{live_server.url}{class_.url()}")
    expect(part(page).locator("#told")).to_have_text("ab-initio 0")
    inner = page.frames[-1]
    for (name, *given), answer, error in ASKED:
        told = inner.evaluate(f"(given) => [parent.API.{name}(...given), parent.API.LMSGetLastError()]", given)
        assert told == [answer if answer is not None else told[0], error], (name, given[:1])
    assert str(cast.uuid("owner")) not in inner.evaluate("parent.document.documentElement.outerHTML")
    row = kept(lambda row: row.seconds > 0)
    # It ended without a word on its status: completed (3.4.4).
    assert (row.seconds, row.status) == (3666, "completed")
