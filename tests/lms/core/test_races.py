"""Moves that two processes make at once, on a database with real row locks."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connections

from lms.core import audit, clock, jobs
from lms.core.audit.models import AuditSeal
from lms.core.jobs import registry, services
from lms.core.jobs.models import Job

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
THREADS = 8


def at_once(work: Callable[[int], Any]) -> list[Any]:
    """The results of `work(0…7)`, all begun at the same moment, each thread with its own connection."""
    barrier = Barrier(THREADS)

    def run(number: int) -> Any:
        try:
            barrier.wait(10)
            return work(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(run, range(THREADS)))


@pytest.fixture(autouse=True)
def _kind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_kinds", {})
    jobs.job_kind("test.note")(lambda job: None)


def test_one_job_is_claimed_once() -> None:
    jobs.enqueue("test.note", uuid4(), key="a")
    claimed = at_once(lambda n: services.claim_next("short", now=clock.real_now()))
    assert [row.attempt for row in claimed if row] == [1]


def test_many_jobs_are_claimed_each_once() -> None:
    for number in range(20):
        jobs.enqueue("test.note", uuid4(), key=str(number))

    def take_all(number: int) -> list[int]:
        mine = []
        while row := services.claim_next("short", now=clock.real_now()):
            mine.append(row.pk)
        return mine

    taken = [pk for mine in at_once(take_all) for pk in mine]
    assert sorted(taken) == sorted(Job.objects.values_list("pk", flat=True))
    assert set(Job.objects.values_list("attempt", flat=True)) == {1}


def test_eight_who_enqueue_the_same_work_get_the_same_job() -> None:
    subject = uuid4()
    found = at_once(lambda n: jobs.enqueue("test.note", subject, key="a").pk)
    assert (len(set(found)), Job.objects.count()) == (1, 1)


def test_a_worker_that_ends_and_sweepers_that_take_over_agree_on_one_outcome() -> None:
    for _ in range(5):
        jobs.enqueue("test.note", uuid4(), key="a")
        row = services.claim_next("short", now=clock.real_now())
        assert row is not None
        late = clock.real_now() + timedelta(minutes=5)

        def end_or_take_over(number: int, row: Job = row, late: datetime = late) -> bool:
            if number == 0:
                return services.finish(row, now=late)
            return bool(jobs.sweep(now=late, ring=lambda cluster: None).expired)

        outcomes = at_once(end_or_take_over)
        assert outcomes.count(True) == 1
        state = Job.objects.get(pk=row.pk).state
        assert state == ("done" if outcomes[0] else "waiting")
        Job.objects.all().delete()


def test_eight_who_retry_a_dead_job_send_it_back_once() -> None:
    job = jobs.enqueue("test.note", uuid4(), key="a")
    Job.objects.filter(pk=job.pk).update(state="dead", finished_at=clock.real_now())

    def retry(number: int) -> bool:
        try:
            jobs.retry_dead(job=job.uuid, by=uuid4(), now=clock.now())
        except jobs.NotDead:
            return False
        return True

    assert at_once(retry).count(True) == 1
    assert len(audit.events_of(job.uuid)) == 1


def test_eight_writers_on_one_subject_make_one_unbroken_chain() -> None:
    subject = uuid4()

    def write(number: int) -> None:
        for step in range(5):
            audit.record(
                subject_kind="thing",
                subject=subject,
                action="changed",
                actor=None,
                fields={"writer": number, "step": step},
                now=clock.now(),
            )

    at_once(write)
    assert audit.verify(subject) == audit.Verified(40)


def test_sealing_while_others_write_loses_nothing() -> None:
    def work(number: int) -> None:
        for _ in range(5):
            if number < 2:
                try:
                    audit.seal(now=clock.now())
                except IntegrityError:
                    continue  # the other seal was first
            else:
                audit.record(subject_kind="thing", subject=uuid4(), action="made", actor=None, now=clock.now())

    at_once(work)
    audit.seal(now=clock.now())
    assert audit.verify_seals().ok
    assert all(outcome.ok for _, outcome in audit.verify_all())
    assert sum(AuditSeal.objects.values_list("leaves", flat=True)) == 30
