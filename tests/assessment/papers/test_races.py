"""Two offices and two sittings at the same moment, on a database with real row locks."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import connections

from assessment.bank.models import Question
from assessment.papers.models import Blueprint, PaperMove, PaperUse
from assessment.papers.services import approve_paper, use_paper, withdraw_paper, write_blueprint
from assessment.papers.types import PaperRefusal, PaperState
from lms.core import audit
from tests.assessment.papers.world import approved_blueprint, build_world, drawn, stocked, whole_blueprint
from tests.lms.accounts.world import NOW

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
THREADS = 4


def at_once(*acts: Callable[[], object]) -> list[str]:
    """What became of each: "done" or the code of its refusal."""
    barrier = Barrier(len(acts), timeout=20)

    def one(act: Callable[[], object]) -> str:
        try:
            barrier.wait()
            act()
        except PaperRefusal as refusal:
            return refusal.code
        finally:
            connections.close_all()
        return "done"

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(one, acts))


def test_a_sitting_that_asks_four_times_counts_each_question_once() -> None:
    world = build_world()
    stocked(world.cast, 3)
    paper = drawn(world, approved_blueprint(world))[0]
    approve_paper(by=world.keeper, paper=paper.uuid, now=NOW)
    sitting = uuid4()
    outcome = at_once(*[lambda: use_paper(paper=paper.uuid, sitting=sitting, now=NOW)] * THREADS)
    assert outcome == ["done"] * THREADS
    assert PaperUse.objects.count() == 1
    used = Question.objects.filter(uuid__in=[item.question for item in paper.items])
    assert set(used.values_list("exposure", flat=True)) == {1}
    assert audit.verify(paper.uuid).ok


def test_approved_and_withdrawn_at_once_leaves_one_trail() -> None:
    world = build_world()
    stocked(world.cast, 3)
    paper = drawn(world, approved_blueprint(world))[0]
    outcome = at_once(
        lambda: approve_paper(by=world.keeper, paper=paper.uuid, now=NOW),
        lambda: withdraw_paper(by=world.cast.author, paper=paper.uuid, reason="外泄", now=NOW),
    )
    assert outcome[1] == "done"
    moves = list(PaperMove.objects.order_by("id").values_list("before", "after"))
    assert moves[-1][1] == PaperState.WITHDRAWN
    assert len(moves) == outcome.count("done")


def test_versions_written_at_once_are_numbered_without_a_double() -> None:
    world = build_world()
    content = whole_blueprint(2)
    outcome = at_once(*[lambda: write_blueprint(by=world.cast.author, content=content, now=NOW)] * THREADS)
    assert sorted(outcome) == ["done"] + ["newer"] * (THREADS - 1)
    assert Blueprint.objects.count() == 1
