"""Runs claimed jobs: inside a django-q2 worker (`run_next`, what the bell calls) or in this process (`drain`)."""

import logging
import signal
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from types import FrameType
from typing import Any
from uuid import UUID

from django.db import DatabaseError, connections, transaction

from lms.core import clock
from lms.core.jobs import services
from lms.core.jobs.models import Job
from lms.core.jobs.registry import kind_named
from lms.core.jobs.types import GiveUp, JobKind, JobTimeout, LeaseLost, TryAgain, WorkerStopping

logger = logging.getLogger("kaibo.jobs")


class Claim:
    """A claimed job as its handler sees it (`types.RunningJob`)."""

    def __init__(self, row: Job) -> None:
        self._row = row
        self._lock = threading.Lock()
        self._fraction: float | None = None
        self._note = ""
        self._unwritten = False
        self._written_at = monotonic()
        self.lost = False

    @property
    def uuid(self) -> UUID:
        return self._row.uuid

    @property
    def kind(self) -> str:
        return self._row.kind

    @property
    def subject(self) -> UUID:
        return self._row.subject

    @property
    def key(self) -> str:
        return self._row.key

    @property
    def attempt(self) -> int:
        return self._row.attempt

    @property
    def max_attempts(self) -> int:
        return self._row.max_attempts

    def progress(self, fraction: float | None, note: str = "") -> None:
        with self._lock:
            self._fraction = None if fraction is None else min(max(float(fraction), 0.0), 1.0)
            self._note = note
            self._unwritten = True
        if self.lost:
            raise LeaseLost(str(self.uuid))

    def hold(self) -> None:
        if not transaction.get_connection().in_atomic_block:
            raise RuntimeError("hold() only means something inside a transaction")
        if not services.holds(self._row):
            self.lost = True
            raise LeaseLost(str(self.uuid))

    def beat(self, *, at_least_every_s: float) -> bool:
        """Write the progress if there is news, else the heartbeat when it is time. False when the claim is lost."""
        with self._lock:
            fraction, note = self._fraction, self._note
            due = self._unwritten or monotonic() - self._written_at >= at_least_every_s
            self._unwritten = False
        if due:
            self._written_at = monotonic()
            self.lost = not services.renew(self._row, now=clock.real_now(), progress=fraction, note=note)
        return not self.lost


@contextmanager
def _heartbeat(claim: Claim, lease_s: float) -> Iterator[None]:
    """A thread keeps the lease while the handler runs, and interrupts the handler when the lease is lost."""
    stop = threading.Event()

    def keep() -> None:
        try:
            while not stop.wait(min(1.0, lease_s / 4)):
                try:
                    held = claim.beat(at_least_every_s=lease_s / 4)
                except DatabaseError:
                    logger.warning("heartbeat of job %s not written", claim.uuid, exc_info=True)
                    continue
                if not held:
                    if not stop.is_set() and hasattr(signal, "pthread_kill"):
                        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGALRM)
                    return
        finally:
            connections.close_all()

    thread = threading.Thread(target=keep, name="kaibo-heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


@contextmanager
def _interrupts(claim: Claim, timeout_s: int) -> Iterator[None]:
    """Turn SIGALRM (time over, lease lost) and SIGTERM (worker asked to stop) into exceptions in the handler.

    django-q2 has its own alarm running for the cluster's limit: it is put back with what is left of it.
    """
    if threading.current_thread() is not threading.main_thread():
        raise RuntimeError("jobs with a time limit run in the main thread of a worker")

    def on_alarm(signum: int, frame: FrameType | None) -> None:
        raise LeaseLost(str(claim.uuid)) if claim.lost else JobTimeout(str(claim.uuid))

    def on_term(signum: int, frame: FrameType | None) -> None:
        raise WorkerStopping(str(claim.uuid))

    began = monotonic()
    outer_left = signal.alarm(0)
    before: dict[int, Any] = {
        signal.SIGALRM: signal.signal(signal.SIGALRM, on_alarm),
        signal.SIGTERM: signal.signal(signal.SIGTERM, on_term),
    }
    signal.alarm(min(timeout_s, outer_left) if outer_left else timeout_s)
    try:
        yield
    finally:
        signal.alarm(0)
        for number, handler in before.items():
            signal.signal(number, handler)
        if outer_left:
            signal.alarm(max(1, int(outer_left - (monotonic() - began))))


def _execute(row: Job, kind: JobKind, claim: Claim, *, in_worker: bool) -> None:
    if not in_worker:
        kind.handler(claim)
        claim.beat(at_least_every_s=0)
        return
    lease_s = services.lease_of(kind).total_seconds()
    with _interrupts(claim, kind.timeout_s), _heartbeat(claim, lease_s):
        kind.handler(claim)


def run_claimed(row: Job, *, in_worker: bool) -> None:
    """Run one claimed job and record how it ended; exceptions of the handler end here, except a stop of the worker.

    in_worker: keep the lease by a thread and obey signals; otherwise everything happens in the calling thread and
    connection (tests, commands).
    """
    kind = kind_named(row.kind)
    if kind is None:
        services.fail(row, now=clock.real_now(), reason=services.NO_HANDLER, final=True)
        return
    claim = Claim(row)
    try:
        _execute(row, kind, claim, in_worker=in_worker)
    except LeaseLost:
        logger.warning("job %s (%s) was claimed by another worker", row.uuid, row.kind)
    except WorkerStopping:
        services.hand_back(row, now=clock.real_now())
        raise SystemExit(0) from None  # the worker ends here; its job waits for the next one
    except JobTimeout:
        services.fail(row, now=clock.real_now(), reason=services.TOO_LONG, detail=traceback.format_exc())
    except GiveUp as refusal:
        services.fail(row, now=clock.real_now(), reason=str(refusal), detail=traceback.format_exc(), final=True)
    except TryAgain as passing:
        services.fail(row, now=clock.real_now(), reason=str(passing), detail=traceback.format_exc())
    except Exception as fault:  # noqa: BLE001  # whatever a handler raises is an attempt that failed
        logger.warning("job %s (%s) failed: %s", row.uuid, row.kind, type(fault).__name__)
        services.fail(row, now=clock.real_now(), reason=services.UNFORESEEN, detail=traceback.format_exc())
    else:
        if not services.finish(row, now=clock.real_now()):
            logger.warning("job %s (%s) ended after its lease", row.uuid, row.kind)


def run_next(cluster: str) -> None:
    """What the bell calls in a worker: claim the oldest due job of the cluster and run it."""
    row = services.claim_next(cluster, now=clock.real_now())
    if row:
        run_claimed(row, in_worker=True)


def drain(*clusters: str, limit: int = 1000) -> int:
    """Run what is due in this process, one after the other, without workers; returns how many ran (tests, commands)."""
    ran = 0
    for cluster in clusters:
        while ran < limit and (row := services.claim_next(cluster, now=clock.real_now())):
            run_claimed(row, in_worker=False)
            ran += 1
    return ran
