"""Numbers given at the same moment, on a database with real row locks: no double, no gap, none lost."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connections, transaction

from assessment.candidates.models import Candidacy
from assessment.certification import issuing, services
from assessment.certification.models import Batch, BatchRow, Certificate, NumberAllocation, NumberCounter
from assessment.certification.types import CertificationRefused
from lms.core.states import IllegalMove
from tests.assessment.certification.world import (
    build_world,
    candidacy_of,
    numbered,
    publish_grade,
    reviewed,
    trainee,
)
from tests.lms.accounts.world import NOW

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


class _Broke(Exception):
    """A connection that broke in the middle."""


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """What each returned or refused, all begun at one moment, each thread with its own connection."""
    barrier = Barrier(len(works), timeout=30)

    def run(work: Callable[[], Any]) -> Any:
        try:
            barrier.wait()
            return work()
        except (IllegalMove, CertificationRefused, _Broke) as refused:
            return refused
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def sequences() -> list[int]:
    return sorted(NumberAllocation.objects.values_list("sequence", flat=True))


@pytest.mark.req("S1-33")
def test_two_batches_at_once_share_the_sequence_without_double_or_gap() -> None:
    world = build_world(passed=8)
    batches = [reviewed(world, *world.people[start : start + 2]) for start in (0, 2, 4, 6)]
    # The counter does not exist yet: four allocations also meet at its birth.
    assert not NumberCounter.objects.exists()
    given = at_once(
        *(
            lambda batch=batch: services.allocate_numbers(by=world.officer, batch=batch.uuid, now=NOW)
            for batch in batches
        )
    )
    assert all(len(numbers) == 2 for numbers in given)
    assert len({number for numbers in given for number in numbers}) == 8
    assert sequences() == list(range(1, 9))
    assert NumberCounter.objects.get().last == 8


def test_the_same_batch_numbered_twice_at_once_is_numbered_once() -> None:
    world = build_world(passed=3)
    batch = reviewed(world)
    given = at_once(
        *[lambda: services.allocate_numbers(by=world.officer, batch=batch.uuid, now=NOW)] * 4,
    )
    assert sum(isinstance(outcome, IllegalMove) for outcome in given) == 3
    assert sequences() == [1, 2, 3]


def test_one_that_is_rolled_back_among_others_leaves_no_gap() -> None:
    world = build_world(passed=6)
    batches = [reviewed(world, *world.people[start : start + 2]) for start in (0, 2, 4)]

    def broken() -> None:
        with transaction.atomic():
            services.allocate_numbers(by=world.officer, batch=batches[0].uuid, now=NOW)
            raise _Broke

    outcome = at_once(
        broken,
        lambda: services.allocate_numbers(by=world.officer, batch=batches[1].uuid, now=NOW),
        lambda: services.allocate_numbers(by=world.officer, batch=batches[2].uuid, now=NOW),
    )
    assert isinstance(outcome[0], _Broke)
    assert sequences() == [1, 2, 3, 4]
    services.allocate_numbers(by=world.officer, batch=batches[0].uuid, now=NOW)
    assert sequences() == [1, 2, 3, 4, 5, 6]


def test_a_double_submit_issues_once() -> None:
    world = build_world(passed=2)
    batch = numbered(world)
    outcome = at_once(*[lambda: issuing.issue_batch(by=world.clerk, batch=batch.uuid, now=NOW)] * 3)
    assert sum(isinstance(one, IllegalMove) for one in outcome) == 2
    assert Certificate.objects.count() == 2


def test_the_same_person_frozen_into_two_batches_at_once_stands_in_one() -> None:
    world = build_world(passed=1)
    five = candidacy_of(world, trainee(world, 5), level=4)
    publish_grade(five)
    first = services.create_batch(by=world.clerk, level=4, specification=five.specification, now=NOW)
    Batch.objects.filter(pk=first.pk).update(state="returned", version=1)
    second = services.create_batch(by=world.clerk, level=4, specification=five.specification, now=NOW)
    assert second.pk != first.pk
    chosen = list(Candidacy.objects.filter(level=4).values_list("uuid", flat=True))
    outcome = at_once(
        *(
            lambda batch=batch: services.freeze_batch(by=world.clerk, batch=batch.uuid, candidacies=chosen, now=NOW)
            for batch in (first, second)
        )
    )
    assert sorted(type(one).__name__ for one in outcome) == ["Batch", "CertificationRefused"]
    assert BatchRow.objects.filter(live=True).count() == 1
