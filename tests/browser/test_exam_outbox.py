"""The exam page's outbox in a real browser against the real door: offline, reloaded, in two tabs, after a restored backup."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from playwright.sync_api import Page

from assessment.delivery.logic import first_hash
from assessment.delivery.models import Answer, Attempt
from assessment.delivery.selectors import current_answers, leave_to_save, recount
from assessment.delivery.services import change_device, pause_attempt, resume_attempt
from lms.core import clock
from tests.assessment.delivery.world import OPENS, World, again, build_world, opened, plugged_in, running
from tests.browser.cable import Cable
from tests.browser.support import until

pytestmark = pytest.mark.browser


@pytest.fixture
def world(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    real = clock.real_now()
    with plugged_in() as fakes:
        made = build_world(fakes)
        opened(made)
        at = OPENS + timedelta(minutes=5)
        monkeypatch.setattr(clock, "now", lambda: at + (clock.real_now() - real))
        yield made


@pytest.fixture
def cable(live_server: Any) -> Iterator[Cable]:
    made = Cable(live_server.url)
    yield made
    made.close()


def outbox(page: Page, cable: Cable, row: Attempt) -> None:
    """Opens the outbox as an exam page would, on a page of the site."""
    row = Attempt.objects.select_related("entry__sitting").get(pk=row.pk)
    page.goto(f"{cable.url}/healthz")
    reopen(page, row)


def reopen(page: Page, row: Attempt) -> None:
    given = {
        "attempt": str(row.uuid),
        "epoch": row.epoch,
        "token": leave_to_save(row),
        "stream": {"sequence": row.sequence, "hash": row.hash},
    }
    page.evaluate(
        """async (given) => {
            const { ExamOutbox } = await import("/static/js/lib/exam-outbox.js");
            window.told = [];
            window.box = new ExamOutbox(given);
            for (const name of ["saved", "held", "stands", "ended"]) {
                window.box.addEventListener(name, (event) => window.told.push([name, event.detail]));
            }
            window.opening = window.box.open();
        }""",
        given,
    )


def write(page: Page, position: int, response: Any) -> None:
    page.evaluate("([position, response]) => window.box.write(position, response)", [position, response])


def names(page: Page) -> set[str]:
    return {name for name, _detail in page.evaluate("window.told")}


def test_offline_answers_survive_a_reload_and_arrive_once(world: World, page: Page, cable: Cable) -> None:
    row = running(world)
    outbox(page, cable, row)
    write(page, 1, ["A"])
    until(page, lambda: current_answers(row.uuid) == {1: ["A"]})
    until(page, lambda: page.evaluate("window.box.left()") == 0)
    before = again(row)
    cable.cut()
    for position in range(2, 8):
        write(page, position, ["B"])
    write(page, 1, ["C"])
    assert "held" in names(page)
    assert page.evaluate("window.box.left()") == 7
    # The page is opened anew with what the server knew before the line went.
    cable.mend()
    page.goto(f"{cable.url}/healthz")
    before = Attempt.objects.select_related("entry__sitting").get(pk=before.pk)
    reopen(page, before)
    until(page, lambda: Answer.objects.count() == 8)
    assert current_answers(row.uuid) == {1: ["C"]} | {position: ["B"] for position in range(2, 8)}
    until(page, lambda: page.evaluate("window.box.left()") == 0)
    assert page.evaluate("window.box.last()") == {"sequence": 8, "hash": again(row).hash}
    assert recount(row.uuid).problem == ""


def test_two_tabs_share_one_stream(world: World, page: Page, cable: Cable) -> None:
    row = running(world)
    other = page.context.new_page()
    for tab in (page, other):
        outbox(tab, cable, row)
    for turn in range(6):
        write((page, other)[turn % 2], turn + 1, [f"{turn}"])
    until(page, lambda: Answer.objects.count() == 6)
    assert current_answers(row.uuid) == {turn + 1: [f"{turn}"] for turn in range(6)}
    assert [one.sequence for one in Answer.objects.order_by("id")] == list(range(1, 7))
    other.close()


def test_a_restored_backup_is_told_what_it_lacks(world: World, page: Page, cable: Cable) -> None:
    row = running(world)
    outbox(page, cable, row)
    for position in range(1, 6):
        write(page, position, ["A"])
    until(page, lambda: Answer.objects.count() == 5)
    until(page, lambda: page.evaluate("window.box.left()") == 0)
    kept = Answer.objects.get(sequence=2)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM assessment_answer WHERE sequence > 2")
    Attempt.objects.filter(pk=row.pk).update(sequence=2, hash=kept.hash)
    write(page, 6, ["B"])
    until(page, lambda: Answer.objects.count() == 6)
    assert current_answers(row.uuid) == {position: ["A"] for position in range(1, 6)} | {6: ["B"]}
    assert recount(row.uuid).problem == ""


def test_a_cleared_browser_goes_on_behind_what_the_server_has(world: World, page: Page, cable: Cable) -> None:
    """The page was given an old end of the stream, and its store is empty."""
    row = running(world)
    outbox(page, cable, row)
    write(page, 1, ["A"])
    until(page, lambda: Answer.objects.count() == 1)
    page.context.clear_cookies()
    fresh = page.context.browser.new_context() if page.context.browser else page.context
    tab = fresh.new_page()
    stale = Attempt.objects.select_related("entry__sitting").get(pk=row.pk)
    stale.sequence, stale.hash = 0, first_hash(row.uuid, 1)
    tab.goto(f"{cable.url}/healthz")
    reopen(tab, stale)
    write(tab, 1, ["D"])
    until(tab, lambda: current_answers(row.uuid) == {1: ["D"]})
    assert json.loads(Answer.objects.get(sequence=1).response) == ["A"]
    fresh.close()


def test_a_pause_waits_and_another_device_ends_it(world: World, page: Page, cable: Cable) -> None:
    row = running(world)
    outbox(page, cable, row)
    write(page, 1, ["A"])
    until(page, lambda: Answer.objects.count() == 1)
    pause_attempt(by=world.invigilator, attempt=row.uuid, reason="停电", now=clock.now())
    write(page, 2, ["B"])
    until(
        page, lambda: page.evaluate("window.told.some(([name, data]) => name === 'stands' && data.code === 'paused')")
    )
    assert Answer.objects.count() == 1
    resume_attempt(by=world.invigilator, attempt=row.uuid, now=clock.now())
    page.evaluate("window.box.hurry()")
    until(page, lambda: Answer.objects.count() == 2)
    change_device(by=world.cast.acting("owner"), attempt=row.uuid, device=uuid4(), now=clock.now())
    write(page, 3, ["C"])
    until(page, lambda: "ended" in names(page))
    assert page.evaluate("window.box.over") == "device"
    assert list(Answer.objects.order_by("id").values_list("standing", flat=True)) == ["counted", "counted", "beside"]
    assert current_answers(row.uuid) == {1: ["A"], 2: ["B"]}
