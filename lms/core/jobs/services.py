"""The job ledger's moves. Every move is one conditional UPDATE, so two workers, a sweeper and a person can race."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext_noop

from lms.core import audit, clock, queue
from lms.core.events import publish
from lms.core.ids import new_uuid
from lms.core.jobs.logic import back_off
from lms.core.jobs.models import Job
from lms.core.jobs.registry import kind_named, kinds
from lms.core.jobs.types import LIVE, JobDied, JobKind, JobState

logger = logging.getLogger("kaibo.jobs")

# Plain reasons are stored as msgids and translated where they are read.
WORKER_DIED = gettext_noop("The worker stopped while working on this.")
UNFORESEEN = gettext_noop("Something went wrong that was not foreseen. Administrators can see the details.")
TOO_LONG = gettext_noop("It took longer than allowed and was stopped.")
NO_HANDLER = gettext_noop("This installation cannot do this kind of work.")

NIL = UUID(int=0)
_PERIODIC_KEY = "periodic"


def enqueue(kind: str, subject: UUID, *, key: str, not_before: datetime | None = None) -> Job:
    """Put work in the ledger, inside the caller's transaction; the bell rings when that commits.

    Idempotent: while a job of this (kind, key) waits or runs, that one is returned. `not_before` is real time.
    Raises LookupError for a kind without a handler.
    """
    held = kind_named(kind)
    if held is None:
        raise LookupError(f"no handler for the job kind {kind}")
    now = clock.real_now()
    live = Job.objects.filter(kind=kind, key=key, state__in=LIVE)
    while True:
        job = live.first()
        if job:
            return job
        try:
            with transaction.atomic():
                job = Job.objects.create(
                    kind=kind,
                    subject=subject,
                    key=key,
                    cluster=held.cluster,
                    max_attempts=held.max_attempts,
                    not_before=not_before or now,
                    created_at=now,
                )
        except IntegrityError:
            if not live.exists():
                continue  # the twin that was first has ended meanwhile: ours is wanted
            return live.get()
        if job.not_before <= now:
            _ring_on_commit(held.cluster)
        return job


def _ring_on_commit(cluster: str) -> None:
    """Ring when the work is committed. A bell that fails is logged only: the work stands, and the sweeper rings again."""

    def ring() -> None:  # Django names a failing robust hook by __qualname__, which a partial lacks
        queue.ring(cluster)

    transaction.on_commit(ring, robust=True)


def lease_of(kind: JobKind | None) -> timedelta:
    """How long a silent worker keeps a job of this kind."""
    longest = settings.JOB_LEASE_S
    return timedelta(seconds=min(kind.lease_s, longest) if kind and kind.lease_s else longest)


def claim_next(cluster: str, *, now: datetime) -> Job | None:
    """Take the oldest due job of a cluster; its `attempt` is raised before anything runs. None when nothing is due."""
    due = Job.objects.filter(cluster=cluster, state=JobState.WAITING, not_before__lte=now)
    while True:
        candidate = due.order_by("not_before", "id").first()
        if candidate is None:
            return None
        token = new_uuid()
        taken = due.filter(pk=candidate.pk).update(
            state=JobState.RUNNING,
            attempt=F("attempt") + 1,
            token=token,
            lease_until=now + lease_of(kind_named(candidate.kind)),
            heartbeat_at=now,
            started_at=now,
            finished_at=None,
            progress=None,
            note="",
        )
        if taken:
            return Job.objects.get(pk=candidate.pk)


def _claimed(job: Job) -> QuerySet[Job]:
    return Job.objects.filter(pk=job.pk, state=JobState.RUNNING, token=job.token)


def renew(job: Job, *, now: datetime, progress: float | None, note: str) -> bool:
    """Heartbeat: extend the lease and store the progress. False when the claim is no longer ours."""
    lease = lease_of(kind_named(job.kind))
    return bool(_claimed(job).update(heartbeat_at=now, lease_until=now + lease, progress=progress, note=note[:200]))


def holds(job: Job) -> bool:
    """Whether the claim is still ours; locks the row until the transaction ends."""
    return _claimed(job).select_for_update().exists()


def finish(job: Job, *, now: datetime) -> bool:
    """The handler returned. A periodic job waits for its next turn. False when the claim is no longer ours."""
    kind = kind_named(job.kind)
    if kind and kind.every_s:
        pause = timedelta(seconds=kind.every_s)
        return bool(
            _claimed(job).update(
                state=JobState.WAITING,
                attempt=0,
                not_before=max(now, (job.started_at or now) + pause),
                finished_at=now,
                error="",
                error_detail="",
                progress=None,
                **_UNLEASED,
            )
        )
    return bool(
        _claimed(job).update(state=JobState.DONE, finished_at=now, progress=1.0, error="", error_detail="", **_UNLEASED)
    )


_UNLEASED: dict[str, None] = {"token": None, "lease_until": None}


def fail(job: Job, *, now: datetime, reason: str, detail: str = "", final: bool = False, swept: bool = False) -> bool:
    """The attempt failed: wait and try again, or die when it was the last one or `final`.

    swept: the worker was silent. No back-off (nothing says the work is at fault), and only while the lease is still
    over at `now`: the worker may have renewed it since it was read. False when the claim is no longer ours.
    """
    claimed = _claimed(job).filter(lease_until__lt=now) if swept else _claimed(job)
    told = {"error": reason, "error_detail": detail[-20_000:]}
    if not final and job.attempt < job.max_attempts:
        pause = timedelta(0) if swept else back_off(job.attempt, settings.JOB_BACKOFF_S)
        return bool(claimed.update(state=JobState.WAITING, not_before=now + pause, **told, **_UNLEASED))
    with transaction.atomic():
        if not claimed.update(state=JobState.DEAD, finished_at=now, **told, **_UNLEASED):
            return False
        publish(JobDied(job.kind, job.subject, job.key, reason, job.attempt))
    logger.error("job dead: %s %s after %d attempts: %s", job.kind, job.subject, job.attempt, reason)
    return True


def hand_back(job: Job, *, now: datetime) -> bool:
    """The worker was asked to stop: the job waits again and the attempt does not count."""
    return bool(
        _claimed(job).update(
            state=JobState.WAITING, attempt=F("attempt") - 1, not_before=now, progress=None, note="", **_UNLEASED
        )
    )


def cancel(*, kind: str, key: str, now: datetime) -> bool:
    """Drop a job nobody has begun. False when there is none waiting."""
    waiting = Job.objects.filter(kind=kind, key=key, state=JobState.WAITING)
    return bool(waiting.update(state=JobState.CANCELLED, finished_at=now))


class NotDead(Exception):
    """The job is not in the dead-letter list (any more)."""


@transaction.atomic
def retry_dead(*, job: UUID, by: UUID, now: datetime) -> Job:
    """A person sends a dead job back to work, with all its attempts again; recorded in the audit trail.

    When the same work was queued anew meanwhile, the dead one is cancelled and the live one returned.
    `now` is business time. Raises NotDead.
    """
    row = Job.objects.select_for_update().filter(uuid=job, state=JobState.DEAD).first()
    if row is None:
        raise NotDead(str(job))
    real = clock.real_now()
    twin = Job.objects.filter(kind=row.kind, key=row.key, state__in=LIVE).first()
    if twin is None:
        Job.objects.filter(pk=row.pk).update(
            state=JobState.WAITING, attempt=0, not_before=real, finished_at=None, progress=None, note=""
        )
        _ring_on_commit(row.cluster)
    else:
        Job.objects.filter(pk=row.pk).update(state=JobState.CANCELLED)
    audit.record(subject_kind="job", subject=row.uuid, action="job.retried", actor=by, now=now)
    return Job.objects.get(pk=(twin or row).pk)


@dataclass(frozen=True)
class Swept:
    """What a sweep did: jobs taken from dead workers, bells rung, clusters that do not answer the bell."""

    expired: int
    rung: int
    stuck: tuple[str, ...]


def sweep(*, now: datetime, ring: Callable[[str], None] = queue.ring) -> Swept:
    """Put right what a crash left: expired leases, missing periodic rows, bells that were never heard.

    Safe to run at any time and by several at once. `now` is real time.
    """
    expired = 0
    for job in Job.objects.filter(state=JobState.RUNNING, lease_until__lt=now):
        try:
            expired += fail(job, now=now, reason=WORKER_DIED, swept=True)
        except Exception:  # one bad listener to JobDied must not keep the other jobs from being swept
            logger.exception("job %s could not be swept", job.uuid)
    _ensure_periodic()
    rung = 0
    stuck = []
    for cluster in settings.JOB_CLUSTERS:
        due = Job.objects.filter(cluster=cluster, state=JobState.WAITING, not_before__lte=now)
        # One unheard bell a due job is enough: a backlog must not multiply bells at every sweep.
        for _ in range(min(due.count() - queue.unheard(cluster), 100)):
            ring(cluster)
            rung += 1
        late = due.filter(not_before__lt=now - timedelta(seconds=settings.JOB_STUCK_S)).exists()
        if late and not Job.objects.filter(cluster=cluster, state=JobState.RUNNING).exists():
            stuck.append(cluster)
    return Swept(expired, rung, tuple(stuck))


def _ensure_periodic() -> None:
    """One row for every periodic kind; a dead one is left to a person."""
    for kind in kinds():
        if (
            kind.every_s
            and not Job.objects.filter(kind=kind.name, key=_PERIODIC_KEY, state__in=[*LIVE, JobState.DEAD]).exists()
        ):
            enqueue(kind.name, NIL, key=_PERIODIC_KEY)
