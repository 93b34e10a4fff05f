"""Workers, rulings, corrections and a release at one moment, on a database with real row locks: no paper marked twice, no stale
mark released."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from django.db import connections

from assessment.bank.types import Key
from assessment.delivery.models import Answer
from assessment.delivery.saving import save
from assessment.delivery.services import close_sitting, rule_on_late, void_attempt
from assessment.delivery.types import DeliveryRefused
from assessment.results.models import PartMark
from assessment.theory.models import Absence, MarksDecision, PaperMark, PaperRelease
from assessment.theory.services import (
    confirm_marks,
    decide_correction,
    mark_sitting,
    propose_correction,
    release_marks,
    tell_released,
)
from assessment.theory.types import CorrectionKind, TheoryRefused
from lms.core import audit
from lms.core.jobs import drain
from lms.core.states import IllegalMove
from tests.assessment.delivery.world import CLOSES, again, batch, leave, ms
from tests.assessment.theory.world import (
    LATER,
    MULTIPLE,
    SINGLE,
    TRUTH,
    Room,
    build_room,
    closed,
    drawn,
    marked,
    opened_on,
    right,
    sat,
)

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
D = Decimal
WHOLE = (SINGLE, MULTIPLE, TRUTH)


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return build_room(tmp_path)


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """What each returned, or the code it was refused with, all begun at one moment, each thread with its own connection."""
    barrier = Barrier(len(works), timeout=30)

    def run(work: Callable[[], Any]) -> Any:
        try:
            barrier.wait()
            return work()
        except (TheoryRefused, DeliveryRefused) as refused:
            return refused.code
        except IllegalMove:
            return "moved"
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def newest(attempt: Any) -> PaperMark:
    return PaperMark.objects.filter(attempt=attempt).latest("number")


def test_four_workers_mark_one_sitting_once(room: Room) -> None:
    paper = drawn(room, *WHOLE)
    sitting = opened_on(room, paper)
    for who in ("owner", "colleague"):
        sat(room, right(paper), who)
    close_sitting(by=room.world.invigilator, sitting=sitting.uuid, now=LATER)
    written = at_once(*[partial(mark_sitting, sitting=sitting.uuid, now=LATER)] * 4)
    assert sum(written) == 2
    assert sorted(PaperMark.objects.values_list("number", "mark")) == [(1, D("100.0"))] * 2
    assert again(sitting).state == "marked"


def test_released_by_two_at_once_and_told_by_two_workers_is_once(room: Room) -> None:
    sitting, _paper, _attempts = marked(room, *WHOLE, owner={4: True})
    confirm_marks(by=room.chief, sitting=sitting.uuid, now=LATER)
    releases = [
        partial(release_marks, by=one, sitting=sitting.uuid, now=LATER)
        for one in (room.chief, room.cast.acting("bureau"))
    ]
    answers = at_once(*releases)
    assert sorted(isinstance(one, MarksDecision) for one in answers) == [False, True]
    assert sorted(at_once(*[partial(tell_released, sitting=sitting.uuid, now=LATER)] * 3)) == [0, 0, 1]
    assert (PaperRelease.objects.count(), PartMark.objects.count(), Absence.objects.count()) == (1, 1, 1)


def test_a_correction_decided_while_marks_are_released_reaches_results_in_either_order(room: Room) -> None:
    sitting, paper, attempts = marked(room, *WHOLE, owner={3: ["B"], 4: True})
    version = next(item.version for item in paper.items if item.position == 3)
    row = propose_correction(
        by=room.committee,
        version=version,
        kind=CorrectionKind.KEY,
        key=Key(choices=("B",)),
        reason="两个选项都对",
        now=LATER,
    )
    drain("short")
    confirm_marks(by=room.chief, sitting=sitting.uuid, now=LATER)
    release, _decision = at_once(
        partial(release_marks, by=room.cast.acting("bureau"), sitting=sitting.uuid, now=LATER),
        partial(decide_correction, by=room.chief, correction=row.uuid, accepted=True, reason="成立", now=LATER),
    )
    drain("short")
    if release == "stale":
        confirm_marks(by=room.chief, sitting=sitting.uuid, now=LATER)
        release_marks(by=room.chief, sitting=sitting.uuid, now=LATER)
        drain("short")
    assert newest(attempts["owner"]).mark == D("60.0")
    assert PartMark.objects.latest("id").mark == D("60.0")


def test_a_late_ruling_and_a_release_never_both_go_through_on_an_old_mark(room: Room) -> None:
    paper = drawn(room, *WHOLE)
    sitting = opened_on(room, paper)
    said = right(paper)
    attempt = sat(room, {1: said[1]})
    sent = batch(attempt.hash, attempt.sequence + 1, (4, "true"))
    save(leave(attempt), sent, at_ms=ms(CLOSES + timedelta(minutes=30)))
    sitting = closed(room, sitting)
    confirm_marks(by=room.chief, sitting=sitting.uuid, now=LATER)
    held = Answer.objects.get(standing="late")
    ruling = partial(
        rule_on_late,
        by=room.chief,
        attempt=attempt.uuid,
        answers=[(held.epoch, held.sequence)],
        counts=True,
        reason="断网",
        now=LATER,
    )
    ruled, released = at_once(
        ruling, partial(release_marks, by=room.cast.acting("bureau"), sitting=sitting.uuid, now=LATER)
    )
    drain("short")
    if ruled == "state":
        assert (again(sitting).state, PartMark.objects.get().mark) == ("released", D("20.0"))
    else:
        assert (ruled, released) == (1, "stale")
        assert (again(sitting).state, newest(attempt).mark) == ("marked", D("50.0"))


def test_voiding_an_attempt_and_releasing_it_is_one_or_the_other(room: Room) -> None:
    sitting, _paper, attempts = marked(room, *WHOLE, owner={4: True})
    confirm_marks(by=room.chief, sitting=sitting.uuid, now=LATER)
    voided, _released = at_once(
        partial(void_attempt, by=room.chief, attempt=attempts["owner"].uuid, reason="替考", now=LATER),
        partial(release_marks, by=room.cast.acting("bureau"), sitting=sitting.uuid, now=LATER),
    )
    drain("short")
    state = again(attempts["owner"]).state
    assert (state, PaperRelease.objects.count()) in {("voided", 0), ("handed_in", 1)}
    assert (voided == "state") == (state == "handed_in")


def test_the_trail_is_whole_after_all_of_it(room: Room) -> None:
    sitting, _paper, _attempts = marked(room, *WHOLE, owner={4: True}, colleague={})
    at_once(*[partial(mark_sitting, sitting=sitting.uuid, now=LATER)] * 4)
    assert audit.verify(sitting.uuid).ok
