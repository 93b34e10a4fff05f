"""Requests at the same moment, on a database with real row locks: no answer lost, changed or doubled; one attempt, one end."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from assessment.delivery import logic
from assessment.delivery.models import Answer, Attempt, AttemptEvent, LateRuling, Sitting
from assessment.delivery.saving import _heads, save
from assessment.delivery.selectors import recount
from assessment.delivery.services import (
    approve_sitting,
    change_device,
    check_identity,
    close_sitting,
    enter,
    freeze_roster,
    hand_in,
    pause_attempt,
    pause_sitting,
    repeat_attempt,
    resume_attempt,
    rule_on_late,
    start_attempt,
    time_out_due,
    void_attempt,
)
from assessment.delivery.types import (
    AttemptState,
    Batch,
    DeliveryRefused,
    Refusal,
    Saved,
    SaveRefused,
    Sent,
    Standing,
    Stream,
)
from lms.core import audit
from lms.core.states import IllegalMove
from tests.assessment.delivery.world import (
    CLOSES,
    MINUTES,
    OPENS,
    World,
    again,
    approved,
    batch,
    build_world,
    drafted,
    leave,
    ms,
    opened,
    plugged_in,
    running,
    waiting,
)
from tests.media_pipeline.cast import NOW

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
AT = OPENS + timedelta(minutes=5)


@pytest.fixture
def world() -> Iterator[World]:
    with plugged_in() as fakes:
        yield build_world(fakes)


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """What each returned, or the code it was refused with, all begun at one moment, each thread with its own connection."""
    barrier = Barrier(len(works), timeout=30)

    def run(work: Callable[[], Any]) -> Any:
        try:
            barrier.wait()
            return work()
        except (DeliveryRefused, SaveRefused) as refused:
            return str(refused.code)
        except IllegalMove:
            return "moved"
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def test_the_same_save_sixteen_times_at_once_is_stored_once(world: World) -> None:
    opened(world)
    row = running(world)
    for number in range(1, 6):
        head = again(row).hash
        sent = batch(head, number, (number, '["A"]'))
        answers = at_once(*[partial(save, leave(row), sent, at_ms=ms(AT) + n) for n in range(16)])
        assert len({one.receipts for one in answers}) == 1
    assert Answer.objects.count() == 5
    assert recount(row.uuid).problem == ""


def test_two_tabs_that_send_different_answers_under_one_number_lose_none(world: World) -> None:
    """The refused tab numbers its answer anew behind the other's, as the page does."""
    opened(world)
    row = running(world)
    said = []

    def tab(position: int) -> None:
        number, head = 1, row.hash
        for turn in range(10):
            response = f'["{position}-{turn}"]'
            while True:
                try:
                    saved = save(leave(row), Batch(head, (Sent(number, position, response),)), at_ms=ms(AT))
                except SaveRefused as refused:
                    stream = refused.stream or Stream(-1, "")
                    number, head = stream.sequence + 1, stream.hash
                else:
                    said.append((saved.receipts[0].hash, response))
                    number, head = saved.stream.sequence + 1, saved.stream.hash
                    break

    at_once(*[partial(tab, position) for position in range(1, 5)])
    assert sorted(Answer.objects.values_list("hash", "response")) == sorted(said)
    assert len(said) == 40
    assert recount(row.uuid).problem == ""


def test_a_row_that_moves_on_between_reading_and_storing_has_the_last_word(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL's short way stores on condition that the row is as it was read; otherwise the lock decides."""
    opened(world)
    row = running(world)

    def meanwhile(act: Callable[[], Any]) -> None:
        real, acts = logic.take, [act]

        def take(*words: Any) -> Any:
            if acts:
                at_once(acts.pop())
            return real(*words)

        monkeypatch.setattr("assessment.delivery.saving.take", take)

    meanwhile(partial(save, leave(row), batch(row.hash, 1, (2, '["B"]')), at_ms=ms(AT)))
    with pytest.raises(SaveRefused) as told:
        save(leave(row), batch(row.hash, 1, (1, '["A"]')), at_ms=ms(AT))
    assert told.value.code is Refusal.CONFLICT
    kept = again(row).hash
    meanwhile(partial(pause_attempt, by=world.invigilator, attempt=row.uuid, reason="火警", now=AT))
    with pytest.raises(SaveRefused) as told:
        save(leave(row), batch(kept, 2, (1, '["A"]')), at_ms=ms(AT))
    assert told.value.code is Refusal.PAUSED
    assert [(one.position, one.response) for one in Answer.objects.all()] == [(2, '["B"]')]
    assert recount(row.uuid).problem == ""


def test_what_a_process_remembers_of_a_row_is_never_taken_for_the_row(world: World) -> None:
    """The save after a save asks the database once; whatever happened to the attempt elsewhere meanwhile is seen in that."""
    opened(world)
    row = running(world)
    old = leave(row)
    told = save(old, batch(row.hash, 1, (1, '["A"]')), at_ms=ms(AT))

    def sends(number: int) -> tuple[Saved, int]:
        with CaptureQueriesContext(connection) as asked:
            saved = save(old, batch(told.stream.hash, number, (number, '["A"]')), at_ms=ms(AT))
        return saved, len(asked)

    told, asked = sends(2)
    assert asked == 1
    # Another web process stored the third, and this one still remembers the second.
    stale = dict(_heads)
    told, _asked = sends(3)
    _heads.update(stale)
    told, asked = sends(4)
    assert asked == 2
    pause_attempt(by=world.invigilator, attempt=row.uuid, reason="停电", now=AT)
    with pytest.raises(SaveRefused) as refused:
        sends(5)
    assert refused.value.code is Refusal.PAUSED
    resume_attempt(by=world.invigilator, attempt=row.uuid, now=AT + timedelta(minutes=3))
    told, _asked = sends(5)
    assert told.deadline_ms == again(row).deadline_ms == ms(OPENS + timedelta(minutes=1 + MINUTES + 3))
    change_device(by=world.cast.acting("owner"), attempt=row.uuid, device=uuid4(), now=AT)
    told, _asked = sends(6)
    assert [one.standing for one in told.receipts] == [Standing.BESIDE]
    assert recount(row.uuid).problem == ""
    assert Answer.objects.count() == 6


def test_a_device_change_in_the_middle_of_saves(world: World) -> None:
    """Every answer of the old device is either counted, before the change, or beside, after it; all have receipts."""
    opened(world)
    row = running(world)
    owner, old = world.cast.acting("owner"), leave(row)
    receipts: list[Any] = []

    def saves() -> None:
        head = row.hash
        for number in range(1, 41):
            saved = save(old, batch(head, number, (number, '["A"]')), at_ms=ms(AT))
            head = saved.stream.hash
            receipts.extend(saved.receipts)

    at_once(saves, partial(change_device, by=owner, attempt=row.uuid, device=uuid4(), now=AT))
    kept = [one.as_stored() for one in Answer.objects.order_by("id")]
    assert kept == receipts
    standing = [one.standing.value for one in kept]
    assert standing == sorted(standing, reverse=True)  # counted, then beside
    told = recount(row.uuid)
    assert (told.problem, told.clock.epoch) == ("", 2)


def test_saves_against_a_pause_and_its_end(world: World) -> None:
    opened(world)
    row = running(world)
    receipts: list[Any] = []
    codes: set[Refusal] = set()

    def saves() -> None:
        head, number = row.hash, 1
        for _try in range(400):
            try:
                saved = save(leave(row), batch(head, number, (number, '["A"]')), at_ms=ms(AT))
            except SaveRefused as refused:
                codes.add(refused.code)
                continue
            head, number = saved.stream.hash, number + 1
            receipts.extend(saved.receipts)
            if number > 40:
                return

    def stops() -> None:
        for turn in range(4):
            pause_attempt(by=world.invigilator, attempt=row.uuid, reason="停电", now=AT + timedelta(seconds=turn))
            resume_attempt(by=world.invigilator, attempt=row.uuid, now=AT + timedelta(seconds=turn, milliseconds=500))

    at_once(saves, stops)
    assert codes <= {Refusal.PAUSED}
    assert [one.as_stored() for one in Answer.objects.order_by("id")] == receipts
    assert again(row).deadline_ms == ms(OPENS + timedelta(minutes=1 + MINUTES)) + 4 * 500
    assert recount(row.uuid).problem == ""


def test_a_candidate_who_comes_in_twice_at_once_has_one_attempt_and_one_place(world: World) -> None:
    opened(world)
    row = waiting(world, "colleague")
    void_attempt(by=world.cast.acting("chief"), attempt=row.uuid, reason="试", now=OPENS)
    first = waiting(world)
    owner = world.cast.acting("owner")
    come = partial(enter, by=owner, entry=first.entry.uuid, now=OPENS - timedelta(minutes=5))
    ends = at_once(*[partial(come, device=first.device)] * 4, partial(come, device=uuid4()))
    assert [one if isinstance(one, str) else one.pk for one in ends] == [first.pk] * 4 + ["device"]
    starts = at_once(
        *[partial(start_attempt, by=owner, attempt=first.uuid, device=first.device, now=OPENS + timedelta(minutes=1))]
        * 4
    )
    assert {one.deadline_ms for one in starts} == {again(first).deadline_ms}
    assert AttemptEvent.objects.filter(attempt=first, kind="started").count() == 1
    assert Sitting.objects.get().places == 2


def test_first_comers_at_once_have_one_place_each(world: World) -> None:
    opened(world, identity_check=False)
    works = [
        partial(enter, by=world.cast.acting(who), entry=world.entry(who).uuid, device=uuid4(), now=OPENS)
        for who in ("owner", "colleague", "owner", "colleague")
    ]
    ends = at_once(*works)
    assert sorted(str(one) for one in ends if isinstance(one, str)) == ["device", "device"]
    assert sorted(Attempt.objects.values_list("place", flat=True)) == [1, 2]


def test_an_attempt_ends_once(world: World) -> None:
    """Handed in by the page, ended by the machine, declared void, all at one moment."""
    opened(world)
    row = running(world)
    end = OPENS + timedelta(minutes=1 + MINUTES)
    hands_in = partial(
        hand_in, by=world.cast.acting("owner"), attempt=row.uuid, device=row.device, sequence=0, head=row.hash, now=end
    )
    times_out = partial(time_out_due, now=end + timedelta(minutes=5))
    ends = at_once(*[hands_in] * 3, *[times_out] * 3)
    kinds = list(AttemptEvent.objects.filter(attempt=row).order_by("number").values_list("kind", flat=True))
    assert kinds in (["entered", "started", "handed_in"], ["entered", "started", "timed_out"])
    assert len(ends) == 6
    voids = partial(void_attempt, by=world.cast.acting("chief"), attempt=row.uuid, reason="走错考场", now=end)
    assert sorted(str(one) for one in at_once(*[voids] * 3)) == ["None", "live", "live"]
    assert recount(row.uuid).problem == ""
    assert audit.verify(row.uuid).ok


def test_closing_meets_a_start(world: World) -> None:
    """Either she has begun and the sitting stays open, or it is closed and she has not."""
    opened(world)
    row = waiting(world)
    starts = partial(start_attempt, by=world.cast.acting("owner"), attempt=row.uuid, device=row.device, now=CLOSES)
    closes = partial(
        close_sitting, by=world.invigilator, sitting=row.entry.sitting.uuid, now=CLOSES + timedelta(seconds=1)
    )
    began, closed = at_once(starts, closes)
    if isinstance(began, str):
        assert (began, closed, again(row).state) == ("over", None, AttemptState.VOIDED)
    else:
        assert (closed, again(row).state) == ("live", AttemptState.RUNNING)


@pytest.mark.parametrize("_round", range(3))
def test_closing_and_repeating_at_once_do_not_lock_each_other_out(world: World, _round: int) -> None:
    sitting = opened(world)
    entry = sitting.entries.get(candidacy=world.held["owner"].uuid)
    row = enter_and_start(world, entry)
    other = next(form for form in ("A", "B") if form != row.form)
    again_ = partial(repeat_attempt, by=world.cast.acting("chief"), attempt=row.uuid, form=other, reason="断电", now=AT)
    closes = partial(close_sitting, by=world.invigilator, sitting=sitting.uuid, now=CLOSES + timedelta(hours=3))
    pauses = partial(pause_sitting, by=world.invigilator, sitting=sitting.uuid, reason="警报", now=AT)
    ends = at_once(again_, closes, pauses)
    assert all(end is None or isinstance(end, int | Attempt) or end in {"state", "live"} for end in ends), ends


def enter_and_start(world: World, entry: Any) -> Attempt:
    from assessment.delivery.services import check_identity

    owner = world.cast.acting("owner")
    check_identity(by=world.invigilator, entry=entry.uuid, now=OPENS)
    row = enter(by=owner, entry=entry.uuid, device=uuid4(), now=OPENS)
    return start_attempt(by=owner, attempt=row.uuid, device=row.device, now=OPENS + timedelta(minutes=1))


def test_offices_decide_once(world: World) -> None:
    from assessment.delivery.services import request_sitting

    row = drafted(world)
    request_sitting(by=world.cast.acting("school_admin"), sitting=row.uuid, now=NOW)
    approve = partial(approve_sitting, by=world.cast.acting("bureau"), sitting=row.uuid, now=NOW)
    assert sorted(str(one) for one in at_once(*[approve] * 3)) == ["None", "state", "state"]
    other = approved(world)
    freeze = partial(freeze_roster, by=world.cast.acting("school_admin"), sitting=other.uuid, now=NOW)
    assert sorted(str(one) for one in at_once(*[freeze] * 3)) == ["None", "frozen", "frozen"]
    assert other.entries.count() == 2


def test_the_chief_rules_once_on_a_late_answer(world: World) -> None:
    opened(world)
    row = running(world)
    save(leave(row), batch(row.hash, 1, (1, '["A"]')), at_ms=ms(OPENS + timedelta(minutes=MINUTES + 5)))
    rules = partial(
        rule_on_late, by=world.cast.acting("chief"), attempt=row.uuid, answers=[(1, 1)], reason="断网", now=CLOSES
    )
    assert sorted(str(one) for one in at_once(partial(rules, counts=True), partial(rules, counts=False))) == [
        "1",
        "ruled",
    ]
    assert LateRuling.objects.count() == 1


def test_two_sittings_started_at_once_are_one(world: World) -> None:
    rows = [opened(world), opened(world)]
    owner, held = world.cast.acting("owner"), world.held["owner"].uuid
    comes = OPENS - timedelta(minutes=9)
    waits = []
    for row in rows:
        entry = row.entries.get(candidacy=held).uuid
        check_identity(by=world.invigilator, entry=entry, now=comes)
        waits.append(enter(by=owner, entry=entry, device=uuid4(), now=comes))
    came = at_once(*(partial(start_attempt, by=owner, attempt=one.uuid, device=one.device, now=AT) for one in waits))
    assert sorted(one if isinstance(one, str) else str(one.state) for one in came) == ["entitlement", "running"]
