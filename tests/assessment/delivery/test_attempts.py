"""A candidate's way through her hour, and what people may do to it."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.http import Http404

from assessment.api import Grant, renew_candidacy
from assessment.delivery.filed import ELSEWHERE
from assessment.delivery.models import AttemptEvent
from assessment.delivery.pages.exam import Near, nearest_exam
from assessment.delivery.saving import save
from assessment.delivery.selectors import (
    answers_of,
    answers_that_count,
    attempt_for,
    board,
    conducted,
    entry_for,
    place_in_line,
    recount,
    sitting_for,
)
from assessment.delivery.services import (
    add_late,
    change_device,
    enter,
    extend_attempt,
    hand_in,
    pause_attempt,
    pause_sitting,
    repeat_attempt,
    resume_attempt,
    resume_sitting,
    rule_on_late,
    start_attempt,
    void_attempt,
)
from assessment.delivery.types import AttemptState, Batch
from assessment.specification.types import Part
from lms.accounts.api import NotAllowed
from lms.core import audit
from tests.assessment.delivery.test_sittings import refused
from tests.assessment.delivery.world import (
    CLOSES,
    MINUTES,
    OPENS,
    World,
    again,
    batch,
    fixed,
    leave,
    ms,
    opened,
    running,
    waiting,
)
from tests.media_pipeline.cast import NOW

LATER = OPENS + timedelta(minutes=5)


def test_she_comes_in_when_she_may(world: World) -> None:
    row = fixed(world)
    owner = world.cast.acting("owner")
    words: dict[str, Any] = {"by": owner, "entry": world.entry().uuid, "device": uuid4()}
    refused("state", enter, now=OPENS, **words)
    row = opened(world)
    entry = row.entries.get(candidacy=world.held["owner"].uuid)
    words["entry"] = entry.uuid
    refused("window", enter, now=OPENS - timedelta(minutes=31), **words)
    refused("window", enter, now=CLOSES + timedelta(seconds=1), **words)
    refused("identity", enter, now=OPENS, **words)
    with pytest.raises(NotAllowed):
        enter(now=OPENS, **(words | {"by": world.cast.acting("colleague")}))
    with pytest.raises(NotAllowed):
        enter(now=OPENS, **(words | {"by": world.invigilator}))


def test_the_paper_opens_in_the_order_of_the_line(world: World) -> None:
    opened(world, starts_per_minute=6)
    first, second = waiting(world), waiting(world, "colleague")
    colleague = world.cast.acting("colleague")
    words: dict[str, Any] = {"by": colleague, "attempt": second.uuid, "device": second.device}
    told = place_in_line(second, now=OPENS - timedelta(minutes=1))
    assert (first.place, told.place, told.ahead, told.enters_ms) == (1, 2, 1, ms(OPENS) + 10_000)
    refused("line", start_attempt, now=OPENS + timedelta(seconds=9), **words)
    at = OPENS + timedelta(seconds=10)
    row = start_attempt(now=at, **words)
    assert (row.state, row.deadline_ms) == (AttemptState.RUNNING, ms(at + timedelta(minutes=MINUTES)))
    assert start_attempt(now=LATER, **words).deadline_ms == row.deadline_ms
    refused("device", start_attempt, now=LATER, **(words | {"device": uuid4()}))


@pytest.mark.req("S2-39")
def test_what_entitled_her_is_read_again_at_the_start(world: World) -> None:
    opened(world)
    row = waiting(world)
    held = world.held["owner"]
    fields = {name: getattr(held, name) for name in ("class_uid", "class_name", "organisation", "organisation_path", "organisation_name", "level", "job", "planned_hours", "profile", "specification", "person", "user")}  # fmt: skip
    lost = (Grant(Part.THEORY, False, "Too few hours."),)
    renew_candidacy(**fields, entitlements=lost, by=None, now=OPENS)
    told = refused(
        "entitlement", start_attempt, by=world.cast.acting("owner"), attempt=row.uuid, device=row.device, now=LATER
    )
    assert told.message == "Too few hours."
    assert again(row).state == AttemptState.WAITING


def test_her_home_hears_of_the_sitting_that_is_nearest(world: World) -> None:
    owner, opens = world.cast.acting("owner"), OPENS
    assert nearest_exam(owner, now=NOW) is None
    row = opened(world)
    assert [
        one.near
        for moment in (opens - timedelta(hours=1), opens - timedelta(minutes=29), CLOSES + timedelta(minutes=1))
        if (one := nearest_exam(owner, now=moment))
    ] == [Near.AHEAD, Near.OPEN]
    soonest = nearest_exam(owner, now=opens - timedelta(hours=1))
    assert soonest
    assert soonest.opens_at == row.opens_at
    attempt = running(world)
    live = nearest_exam(owner, now=LATER)
    assert live
    assert live.near is Near.LIVE
    hand_in(by=owner, attempt=attempt.uuid, device=attempt.device, sequence=0, head=attempt.hash, now=LATER)
    over = nearest_exam(owner, now=CLOSES + timedelta(days=2))
    assert over
    assert over.near is Near.SAT


@pytest.mark.req("S5-24")
def test_nobody_sits_in_two_sittings_before_the_result(world: World) -> None:
    opened(world)
    first, held = running(world), world.held["owner"].uuid
    second = opened(world)
    left_out = second.entries.get(candidacy=held)
    assert (left_out.included, left_out.reason) == (False, ELSEWHERE)
    refused("entitlement", add_late, by=world.invigilator, sitting=second.uuid, held=held, reason="补录", now=OPENS)
    void_attempt(by=world.cast.acting("bureau"), attempt=first.uuid, reason="停电", now=LATER)
    assert add_late(by=world.invigilator, sitting=second.uuid, held=held, reason="补录", now=LATER).included


def test_handing_in_names_the_last_receipt(world: World) -> None:
    opened(world)
    row = running(world)
    saved = save(leave(row), batch(row.hash, 1, (1, '["A"]')), at_ms=ms(LATER))
    words: dict[str, Any] = {"by": world.cast.acting("owner"), "attempt": row.uuid, "now": LATER}
    mine: dict[str, Any] = {"device": row.device, "sequence": 1, "head": saved.stream.hash}
    refused("unsent", hand_in, **words, **(mine | {"sequence": 0, "head": row.hash}))
    refused("unsent", hand_in, **words, **(mine | {"head": row.hash}))
    refused("device", hand_in, **words, **(mine | {"device": uuid4()}))
    refused("over", hand_in, **(words | {"now": OPENS + timedelta(hours=2)}), **mine)
    assert hand_in(**words, **mine).state == AttemptState.HANDED_IN
    assert hand_in(**words, **mine).state == AttemptState.HANDED_IN
    assert AttemptEvent.objects.filter(kind="handed_in").count() == 1
    assert audit.verify(row.uuid).ok
    refused("over", enter, by=words["by"], entry=row.entry.uuid, device=row.device, now=LATER)
    refused("over", change_device, by=words["by"], attempt=row.uuid, device=uuid4(), now=LATER)


def test_a_pause_of_everybody_gives_everybody_the_time_back(world: World) -> None:
    row = opened(world)
    mine, hers = running(world), running(world, "colleague")
    assert pause_sitting(by=world.invigilator, sitting=row.uuid, reason="警报", now=LATER) == 2
    refused("live", pause_attempt, by=world.invigilator, attempt=mine.uuid, reason="再停", now=LATER)
    assert resume_sitting(by=world.invigilator, sitting=row.uuid, now=LATER + timedelta(minutes=7)) == 2
    for one in (mine, hers):
        assert again(one).deadline_ms == (one.deadline_ms or 0) + 7 * 60_000
        assert recount(one.uuid).problem == ""


def test_interventions_have_reasons_and_ends(world: World) -> None:
    opened(world)
    row = running(world)
    words: dict[str, Any] = {"by": world.invigilator, "attempt": row.uuid}
    refused("reason", pause_attempt, reason="  ", now=LATER, **words)
    refused("reason", pause_attempt, reason="长" * 301, now=LATER, **words)
    refused("live", resume_attempt, now=LATER, **words)
    refused("beyond", extend_attempt, minutes=241, reason="断网", now=LATER, **words)
    over = OPENS + timedelta(minutes=MINUTES + 2)
    refused("over", extend_attempt, minutes=5, reason="断网", now=over, **words)
    with pytest.raises(NotAllowed):
        extend_attempt(minutes=5, reason="帮忙", now=LATER, **(words | {"by": world.cast.acting("school_admin")}))


def test_a_disturbed_attempt_is_repeated_with_a_parallel_form(world: World) -> None:
    opened(world)
    row = running(world)
    saved = save(leave(row), batch(row.hash, 1, (1, '["A"]')), at_ms=ms(LATER))
    chief, other = world.cast.acting("chief"), "B" if row.form == "A" else "A"
    words: dict[str, Any] = {"by": chief, "attempt": row.uuid, "reason": "断电", "now": LATER}
    refused("form", repeat_attempt, form=row.form, **words)
    refused("form", repeat_attempt, form="C", **words)
    with pytest.raises(NotAllowed):
        repeat_attempt(form=other, **(words | {"by": world.invigilator}))
    fresh = repeat_attempt(form=other, **words)
    assert (fresh.number, fresh.form, fresh.state, again(row).state) == (2, other, "waiting", "voided")
    assert fresh.paper != row.paper
    # What the old page still holds is kept with the old attempt, as late.
    late = save(leave(row), batch(saved.stream.hash, 2, (2, '["A"]')), at_ms=ms(LATER))
    assert late.receipts[0].standing == "late"
    started = start_attempt(by=world.cast.acting("owner"), attempt=fresh.uuid, device=fresh.device, now=LATER)
    assert started.state == AttemptState.RUNNING


def test_the_chief_lets_late_answers_count_with_a_reason(world: World) -> None:
    opened(world)
    row = running(world)
    first = save(leave(row), batch(row.hash, 1, (1, '["A"]'), (2, '["A"]')), at_ms=ms(LATER))
    end = ms(OPENS + timedelta(minutes=MINUTES + 3))
    save(leave(row), batch(first.stream.hash, 3, (1, '["B"]'), (3, '["C"]')), at_ms=end)
    chief = world.cast.acting("chief")
    words: dict[str, Any] = {"by": chief, "attempt": row.uuid, "reason": "考场断网", "now": CLOSES}
    refused("entry", rule_on_late, answers=[(1, 1)], counts=True, **words)
    refused("entry", rule_on_late, answers=[], counts=True, **words)
    refused("reason", rule_on_late, answers=[(1, 3)], counts=True, **(words | {"reason": ""}))
    with pytest.raises(NotAllowed):
        rule_on_late(answers=[(1, 3)], counts=True, **(words | {"by": world.invigilator}))
    assert rule_on_late(answers=[(1, 3)], counts=True, **words) == 1
    assert rule_on_late(answers=[(1, 4)], counts=False, **words) == 1
    refused("ruled", rule_on_late, answers=[(1, 4)], counts=True, **words)
    assert {position: one.response for position, one in answers_that_count(row.uuid).items()} == {1: ["B"], 2: ["A"]}
    assert [one.accepted for one in answers_of(row.uuid)] == [False, False, True, False]


def test_gates(world: World) -> None:
    sitting = opened(world)
    row = running(world)
    owner, colleague, stranger = (world.cast.acting(who) for who in ("owner", "colleague", "stranger"))
    assert (attempt_for(owner, row.uuid), entry_for(owner, row.entry.uuid)) == (row, row.entry)
    for other in (colleague, stranger):
        with pytest.raises(Http404):
            attempt_for(other, row.uuid)
        with pytest.raises(Http404):
            entry_for(other, row.entry.uuid)
    with pytest.raises(NotAllowed):
        attempt_for(world.invigilator, row.uuid)
    assert conducted(world.invigilator, sitting.uuid) == sitting
    for who in ("bureau", "school_admin", "owner"):
        with pytest.raises(NotAllowed):
            conducted(world.cast.acting(who), sitting.uuid)
    assert sitting_for(world.cast.acting("bureau"), sitting.uuid, "approve") == sitting
    for who in ("other_admin", "instructor"):
        with pytest.raises(NotAllowed):
            sitting_for(world.cast.acting(who), sitting.uuid)
    with pytest.raises(Http404):
        sitting_for(world.cast.acting("bureau"), uuid4())


def test_a_second_device_is_noticed_not_judged(world: World) -> None:
    sitting = opened(world)
    row = running(world)
    for _time in range(2):
        change_device(by=world.cast.acting("owner"), attempt=row.uuid, device=uuid4(), now=LATER)
    assert list(row.watched.values_list("number", "kind").order_by("-number")) == [
        (-1, "second_device"),
        (-2, "second_device"),
    ]
    mine = next(one for one in board(sitting) if one.attempt == row.uuid)
    assert (mine.watched, mine.state) == (2, AttemptState.RUNNING)
    void_attempt(by=world.cast.acting("chief"), attempt=row.uuid, reason="走错考场", now=LATER)
    refused("live", void_attempt, by=world.cast.acting("chief"), attempt=row.uuid, reason="走错考场", now=LATER)
    assert save(leave(again(row)), Batch(""), at_ms=ms(LATER)).state is AttemptState.VOIDED
