"""Two workers raise concerns about the same figures, two members decide one: each happens once (threads on PostgreSQL)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from django.db import connections

from assessment.statistics.models import Concern, ConcernDecision
from assessment.statistics.services import decide_concern, refresh_sitting
from assessment.statistics.services.concerns import lapse_concerns, lay_before_committee
from assessment.statistics.services.runs import analyse_level, analyse_sitting
from assessment.statistics.types import ConcernState, StatisticsRefusal
from lms.core import audit
from lms.core.types import Level
from lms.notices.models import Notice
from tests.assessment.statistics.test_concerns import WRONG, turned
from tests.assessment.statistics.world import LATER, World, build_paper, sitting

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """What each returned, or the code of its refusal."""
    start = Barrier(len(works))

    def run(work: Callable[[], Any]) -> Any:
        start.wait()
        try:
            return work()
        except StatisticsRefusal as refusal:
            return refusal.code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(works)) as threads:
        return list(threads.map(run, works))


def flagged(world: World) -> Concern:
    return Concern.objects.get(version=world.version(WRONG))


def test_concerns_are_raised_once_and_decided_once() -> None:
    world = build_paper(8)
    analyse_sitting(sitting=sitting(world, turned(world, 60)).uuid, now=LATER)
    analyse_level(level=Level.ELEMENTARY, now=LATER)
    raised = at_once(*[partial(lay_before_committee, level=Level.ELEMENTARY, now=LATER)] * 4)
    assert sum(raised) == Concern.objects.count() > 0
    assert Concern.objects.values("version").distinct().count() == Concern.objects.count()
    told = Notice.objects.filter(kind="bad_statistics")
    assert told.count() == told.values("user").distinct().count() == 4
    one = flagged(world)
    said: dict[str, Any] = {"concern": one.uuid, "reason": "核对过", "now": LATER}
    answers = at_once(
        partial(decide_concern, by=world.cast.expert, verdict=ConcernState.KEPT, **said),
        partial(decide_concern, by=world.cast.second, verdict=ConcernState.SUSPENDED, **said),
    )
    assert sorted(isinstance(answer, Concern) for answer in answers) == [False, True]
    assert [answer for answer in answers if not isinstance(answer, Concern)] == ["state"]
    assert ConcernDecision.objects.filter(concern=one).count() == 1
    assert audit.verify(one.question).ok


def test_a_decision_and_a_withdrawn_question_leave_one_word() -> None:
    world = build_paper(8)
    refresh_sitting(sitting=sitting(world, turned(world, 60)).uuid, now=LATER)
    one = flagged(world)
    answers = at_once(
        partial(
            decide_concern,
            by=world.cast.expert,
            concern=one.uuid,
            verdict=ConcernState.KEPT,
            reason="核对过",
            now=LATER,
        ),
        partial(lapse_concerns, question=one.question, now=LATER),
    )
    one.refresh_from_db()
    kept = ConcernDecision.objects.filter(concern=one).count()
    assert (one.state, kept, answers[0] == "state") in [("kept", 1, False), ("lapsed", 0, True)]
