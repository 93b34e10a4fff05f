"""The ledger's moves, run in this process: what a worker would do, without one."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation
from django_q.models import OrmQ
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from lms.core import audit, clock, events, jobs
from lms.core.jobs import registry, services
from lms.core.jobs.logic import back_off
from lms.core.jobs.models import Job
from lms.core.jobs.runner import run_claimed

pytestmark = pytest.mark.django_db
BY = uuid4()


@pytest.fixture(autouse=True)
def _own_registries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_kinds", {})
    monkeypatch.setattr(events, "_handlers", {})


@pytest.fixture
def ran() -> list[tuple[int, str]]:
    """A kind `test.note` that notes its attempt and key."""
    notes: list[tuple[int, str]] = []

    @jobs.job_kind("test.note")
    def note(job: jobs.RunningJob) -> None:
        notes.append((job.attempt, job.key))

    return notes


def kind_raising(fault: BaseException, *, max_attempts: int = 3) -> None:
    @jobs.job_kind("test.fails", max_attempts=max_attempts)
    def fails(job: jobs.RunningJob) -> None:
        raise fault


def make_due() -> None:
    Job.objects.filter(state="waiting").update(not_before=clock.real_now())


def claim(now: datetime | None = None) -> Job:
    row = services.claim_next("short", now=now or clock.real_now())
    assert row is not None
    return row


def test_enqueue_run_done(ran: list[tuple[int, str]]) -> None:
    subject = uuid4()
    job = jobs.enqueue("test.note", subject, key="a")
    assert jobs.drain("short") == 1
    job.refresh_from_db()
    assert (job.state, job.attempt, job.progress, job.subject) == ("done", 1, 1.0, subject)
    assert ran == [(1, "a")]
    assert jobs.drain("short") == 0


def test_one_live_job_a_key(ran: list[tuple[int, str]]) -> None:
    first = jobs.enqueue("test.note", uuid4(), key="a")
    assert jobs.enqueue("test.note", uuid4(), key="a").pk == first.pk
    assert claim().pk == first.pk
    assert jobs.enqueue("test.note", uuid4(), key="a").pk == first.pk
    Job.objects.filter(pk=first.pk).update(state="done")
    assert jobs.enqueue("test.note", uuid4(), key="a").pk != first.pk
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.filter(pk=first.pk).update(state="waiting")


def test_unknown_kind_is_refused_at_the_door() -> None:
    with pytest.raises(LookupError, match="no such"):
        jobs.enqueue("no such", uuid4(), key="a")


def test_the_bell_rings_on_commit_once_and_names_the_cluster(
    ran: list[tuple[int, str]], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        jobs.enqueue("test.note", uuid4(), key="a")
        jobs.enqueue("test.note", uuid4(), key="a")
        jobs.enqueue("test.note", uuid4(), key="later", not_before=clock.real_now() + timedelta(hours=1))
        assert OrmQ.objects.count() == 0
    bell = OrmQ.objects.get()
    assert (bell.key, bell.task["func"], bell.task["args"]) == ("short", "lms.core.jobs.run_next", ("short",))


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_enqueue_never_runs(ran: list[tuple[int, str]]) -> None:
    with transaction.atomic():
        jobs.enqueue("test.note", uuid4(), key="a")
        transaction.set_rollback(True)
    assert (Job.objects.count(), OrmQ.objects.count(), jobs.drain("short"), ran) == (0, 0, 0, [])


def test_unforeseen_failure_is_tried_again_with_back_off_then_dead(settings: Settings) -> None:
    settings.JOB_BACKOFF_S = 10
    died: list[jobs.JobDied] = []
    events.subscribe(jobs.JobDied, died.append)
    kind_raising(ZeroDivisionError("secret name"), max_attempts=3)
    job = jobs.enqueue("test.fails", uuid4(), key="a")
    pauses = []
    for _ in range(3):
        before = clock.real_now()
        assert jobs.drain("short") == 1
        job.refresh_from_db()
        pauses.append(round((job.not_before - before).total_seconds()))
        make_due()
    assert pauses[:2] == [10, 40]
    assert (job.state, job.attempt, job.error) == ("dead", 3, services.UNFORESEEN)
    assert "ZeroDivisionError" in job.error_detail
    assert died == [jobs.JobDied("test.fails", job.subject, "a", services.UNFORESEEN, 3)]
    assert jobs.drain("short") == 0


def test_giving_up_is_dead_at_once_with_the_handlers_words() -> None:
    kind_raising(jobs.GiveUp("The file holds no picture."))
    job = jobs.enqueue("test.fails", uuid4(), key="a")
    jobs.drain("short")
    job.refresh_from_db()
    assert (job.state, job.attempt, job.error) == ("dead", 1, "The file holds no picture.")


def test_a_foreseen_passing_failure_keeps_its_words() -> None:
    kind_raising(jobs.TryAgain("The disk is full."), max_attempts=1)
    jobs.enqueue("test.fails", uuid4(), key="a")
    jobs.drain("short")
    assert [row.reason for row in jobs.dead_jobs()] == ["The disk is full."]


def test_reasons_are_read_in_the_readers_language() -> None:
    kind_raising(ZeroDivisionError(), max_attempts=1)
    job = jobs.enqueue("test.fails", uuid4(), key="a")
    jobs.drain("short")
    with translation.override("en"):
        view = jobs.latest_job(subject=job.subject, kind="test.fails")
    assert view is not None
    assert (view.state, view.reason) == (jobs.JobState.DEAD, services.UNFORESEEN)


def test_a_person_retries_a_dead_job_and_leaves_a_trace(ran: list[tuple[int, str]]) -> None:
    job = jobs.enqueue("test.note", uuid4(), key="a")
    Job.objects.filter(pk=job.pk).update(state="dead", attempt=3, finished_at=clock.real_now(), error="x")
    assert jobs.dead_count() == 1
    jobs.retry_dead(job=job.uuid, by=BY, now=clock.now())
    assert jobs.dead_jobs() == []
    assert jobs.drain("short") == 1
    assert ran == [(1, "a")]
    assert [(event.action, event.actor) for event in audit.events_of(job.uuid)] == [("job.retried", BY)]
    with pytest.raises(jobs.NotDead):
        jobs.retry_dead(job=job.uuid, by=BY, now=clock.now())


def test_retrying_work_that_was_queued_anew_makes_no_twin(ran: list[tuple[int, str]]) -> None:
    dead = jobs.enqueue("test.note", uuid4(), key="a")
    Job.objects.filter(pk=dead.pk).update(state="dead", finished_at=clock.real_now())
    live = jobs.enqueue("test.note", uuid4(), key="a")
    assert jobs.retry_dead(job=dead.uuid, by=BY, now=clock.now()).pk == live.pk
    dead.refresh_from_db()
    assert dead.state == "cancelled"


def test_a_silent_worker_loses_its_job_and_cannot_write_over_the_next(ran: list[tuple[int, str]]) -> None:
    jobs.enqueue("test.note", uuid4(), key="a")
    now = clock.real_now()
    silent = claim()
    assert jobs.sweep(now=now + timedelta(seconds=30)).expired == 0
    later = now + timedelta(seconds=90)
    swept = jobs.sweep(now=later)
    assert (swept.expired, swept.rung) == (1, 1)
    second = claim(later)
    assert second.attempt == 2
    assert not services.renew(silent, now=later, progress=0.5, note="")
    assert not services.finish(silent, now=later)
    assert not services.fail(silent, now=later, reason="x")
    assert services.finish(second, now=later)


def test_a_lease_renewed_while_it_is_swept_keeps_its_attempt(
    ran: list[tuple[int, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs.enqueue("test.note", uuid4(), key="a")
    row, later = claim(), clock.real_now() + timedelta(seconds=90)
    fail = services.fail

    def late(job: Job, **told: Any) -> bool:
        assert services.renew(row, now=later, progress=None, note="")
        return fail(job, **told)

    monkeypatch.setattr(services, "fail", late)
    assert jobs.sweep(now=later).expired == 0
    row.refresh_from_db()
    assert (row.state, row.attempt) == ("running", 1)
    assert services.finish(row, now=later)


def test_three_dead_workers_are_a_dead_letter(ran: list[tuple[int, str]]) -> None:
    jobs.enqueue("test.note", uuid4(), key="a")
    now = clock.real_now()
    for _ in range(3):
        claim(now)
        now += timedelta(minutes=2)
        jobs.sweep(now=now)
    (dead,) = jobs.dead_jobs()
    with translation.override("en"):
        assert (dead.attempts, jobs.dead_jobs()[0].reason) == (3, services.WORKER_DIED)


def test_a_stopping_worker_hands_its_job_back_uncounted(ran: list[tuple[int, str]]) -> None:
    kind_raising(jobs.WorkerStopping())
    job = jobs.enqueue("test.fails", uuid4(), key="a")
    with pytest.raises(SystemExit):
        jobs.drain("short")
    job.refresh_from_db()
    assert (job.state, job.attempt, job.token) == ("waiting", 0, None)


def test_hold_lets_only_the_holder_store() -> None:
    stored: list[int] = []

    @jobs.job_kind("test.store")
    def store(job: jobs.RunningJob) -> None:
        Job.objects.filter(uuid=job.uuid).update(token=uuid4())  # another worker took it meanwhile
        with transaction.atomic():
            job.hold()
            stored.append(1)

    jobs.enqueue("test.store", uuid4(), key="a")
    jobs.drain("short")
    assert stored == []
    assert Job.objects.get().state == "running"


def test_progress_is_written_and_bounded() -> None:
    seen: list[jobs.JobView | None] = []

    @jobs.job_kind("test.far")
    def far(job: jobs.RunningJob) -> None:
        job.progress(1.7, "measuring")
        job.beat(at_least_every_s=0)  # type: ignore[attr-defined]  # what the heartbeat thread does
        seen.append(jobs.latest_job(subject=job.subject))

    jobs.enqueue("test.far", uuid4(), key="a")
    jobs.drain("short")
    assert seen[0] is not None
    assert (seen[0].progress, seen[0].note, seen[0].state) == (1.0, "measuring", jobs.JobState.RUNNING)


def test_a_waiting_job_knows_how_many_are_ahead(ran: list[tuple[int, str]]) -> None:
    subjects = [uuid4() for _ in range(3)]
    for subject in subjects:
        jobs.enqueue("test.note", subject, key=str(subject))
    claim()
    views = [jobs.latest_job(subject=subject) for subject in subjects]
    assert [view.ahead for view in views if view] == [0, 1, 2]


def test_sweeping_rings_no_more_bells_than_there_is_work(ran: list[tuple[int, str]]) -> None:
    for number in range(5):
        jobs.enqueue("test.note", uuid4(), key=str(number))
    now = clock.real_now()
    assert [jobs.sweep(now=now).rung for _ in range(3)] == [5, 0, 0]


def test_a_cluster_that_does_not_answer_is_reported(ran: list[tuple[int, str]]) -> None:
    jobs.enqueue("test.note", uuid4(), key="a")
    now = clock.real_now()
    assert jobs.sweep(now=now + timedelta(seconds=100)).stuck == ()
    assert jobs.sweep(now=now + timedelta(seconds=200)).stuck == ("short",)
    claim()
    jobs.enqueue("test.note", uuid4(), key="b")
    assert jobs.sweep(now=now + timedelta(seconds=40)).stuck == ()


def test_periodic_work_is_one_row_that_comes_back() -> None:
    turns: list[UUID] = []

    @jobs.job_kind("test.tick", every_s=60)
    def tick(job: jobs.RunningJob) -> None:
        turns.append(job.uuid)

    now = clock.real_now()
    jobs.sweep(now=now)
    jobs.sweep(now=now)
    assert jobs.drain("short") == 1
    row = Job.objects.get()
    assert (row.state, row.attempt) == ("waiting", 0)
    assert timedelta(seconds=55) < row.not_before - now < timedelta(seconds=65)
    make_due()
    assert jobs.drain("short") == 1
    assert turns == [row.uuid, row.uuid]


def test_work_this_installation_cannot_do_is_dead(ran: list[tuple[int, str]]) -> None:
    jobs.enqueue("test.note", uuid4(), key="a")
    row = claim()
    registry._kinds.clear()
    run_claimed(row, in_worker=False)
    assert Job.objects.get().error == services.NO_HANDLER


def test_cancelling_takes_waiting_work_only(ran: list[tuple[int, str]]) -> None:
    jobs.enqueue("test.note", uuid4(), key="a")
    assert jobs.cancel(kind="test.note", key="a", now=clock.real_now())
    assert jobs.drain("short") == 0
    jobs.enqueue("test.note", uuid4(), key="a")
    claim()
    assert not jobs.cancel(kind="test.note", key="a", now=clock.real_now())


def test_two_handlers_for_one_kind_are_a_mistake(ran: list[tuple[int, str]]) -> None:
    with pytest.raises(ValueError, match=r"test\.note"):
        jobs.job_kind("test.note")(lambda job: None)


def test_pauses_grow_to_a_quarter_of_an_hour() -> None:
    assert [back_off(n, 10).total_seconds() for n in (1, 2, 3, 4, 5, 90)] == [10, 40, 160, 640, 900, 900]
