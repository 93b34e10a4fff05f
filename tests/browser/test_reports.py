"""The report of a class at its real size: readable on a phone and at the desk, large, dark and without a mouse."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from courses.catalogue.types import Delivery
from courses.homework.services.rubrics import load_homework_rubrics
from courses.learning.models import StudyDeadline
from lms.core import clock
from lms.core.clock import day_of
from tests.browser.support import Watch, settle, sideways
from tests.courses.catalogue.writing import document
from tests.courses.lessons import DAY, Taught, taught
from tests.courses.reports.world import answered, handed, placed, stood, timed
from tests.courses.school import lay_rules
from tests.media_pipeline.cast import Cast, build_cast

pytestmark = pytest.mark.browser

TITLES = (
    "广告法里的红线", "手机、支架、灯和麦：开播要备什么", "动手布置一个小直播间", "产品讲解四步法", "讲清产地和净含量",
    "下单、发货、退换的规矩", "线下：对着镜头说三十秒", "把看过的人留下来",
)  # fmt: skip
NAMES = ("陈芳", "王强", "李秀英", "欧阳小满", "赵国栋", "周小云")


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    cast = build_cast()
    lay_rules(cast)
    return cast


@pytest.fixture
def class_(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Taught:
    """28 trainees, of whom each lesson loses some; the practical one has no online time."""
    monkeypatch.setattr(clock, "now", lambda: DAY + timedelta(days=3))
    load_homework_rubrics()
    lessons = [document(title) for title in TITLES]
    lessons[6] = document(TITLES[6], online_minutes=0, delivery=Delivery.PRACTICE)
    made = taught(cast, documents=tuple(lessons))
    for number in range(27):
        person = placed(made.row, 300 + number, NAMES[number % len(NAMES)])
        for index, lesson in enumerate(made.manifest.lessons):
            if number >= 26 - index * 3:
                break
            at = DAY + timedelta(hours=number, days=index // 3)
            finished = number < 22 - index * (4 if index != 1 else 9)
            stood(person, lesson.uid, 100 if finished else 30 + number % 40, at=at, done=at if finished else None)
            if index != 5:
                timed(person, lesson.uid, (19, 34, 21, 18, 12, 0, 0, 9)[index] + number % 3)
            answered(person, lesson.uid, number % 4 > 0)
            if index < 2 and number < 9:
                handed(person, lesson.tasks[0].uid, mark=str(70 + number))
    for index, days in ((0, 1), (3, 9)):
        StudyDeadline.objects.create(
            training_class=made.row,
            lesson=made.lesson(index),
            due=day_of(DAY + timedelta(days=days)),
            set_at=DAY,
        )
    return made


def sign_in(page: Page, cast: Cast, who: str, url: str) -> None:
    cookie = cast.client(who).cookies[settings.SESSION_COOKIE_NAME]
    page.context.clear_cookies()
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie.value, "url": url}])


def look(page: Page, audit: Any, name: str) -> None:
    """Nothing sideways, axe clean; KAIBO_SHOTS names a folder for pictures."""
    settle(page)
    if folder := os.environ.get("KAIBO_SHOTS"):
        width = (page.viewport_size or {"width": 0})["width"]
        page.screenshot(path=Path(folder) / f"{name}-{width}.png", full_page=True)
    assert (sideways(page), audit(page)) == (0, [])


@pytest.mark.parametrize("width", (390, 1280))
def test_a_class_from_the_list_to_one_trainee(
    live_server: Any, watched: Watch, audit: Any, cast: Cast, class_: Taught, width: int
) -> None:
    page, url = watched.page, live_server.url
    page.set_viewport_size({"width": width, "height": 844})
    sign_in(page, cast, "instructor", url)
    page.goto(f"{url}/progress/")
    look(page, audit, "progress-list")
    page.get_by_role("link", name=class_.row.name).click()
    expect(page.get_by_role("img", name="掉队最多")).to_be_visible()
    look(page, audit, "progress-class")
    # The table of a drawing opens from the keyboard.
    table = page.get_by_text("看数字表").first
    table.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="哪一课掉队").get_by_role("row")).to_have_count(9)
    page.get_by_role("link", name="有逾期").click()
    look(page, audit, "progress-late")
    with page.expect_download() as taken:
        page.get_by_role("link", name="导出 Excel").click()
    assert taken.value.suggested_filename.endswith(".xlsx")
    page.get_by_role("region", name="学员").get_by_role("link").first.click()
    look(page, audit, "progress-person")


@pytest.mark.parametrize("size", ((320, 640), (640, 360)))
def test_a_report_at_four_hundred_and_two_hundred_percent(
    live_server: Any, watched: Watch, audit: Any, cast: Cast, class_: Taught, size: tuple[int, int]
) -> None:
    page, url = watched.page, live_server.url
    page.set_viewport_size({"width": size[0], "height": size[1]})
    sign_in(page, cast, "school_admin", url)
    page.goto(f"{url}/progress/{class_.row.uuid}/")
    page.get_by_role("button", name="大字").click()
    page.goto(f"{url}/progress/{class_.row.uuid}/")
    look(page, audit, "progress-large")
    page.get_by_role("button", name="深色").click()
    page.goto(f"{url}/progress/{class_.row.uuid}/")
    look(page, audit, "progress-dark")
