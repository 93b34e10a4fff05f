"""Kinds of job for tests of the real worker (KAIBO_EXTRA_JOBS); each run leaves a line in the journal."""

import os
import subprocess
import time
from pathlib import Path

from lms.core.jobs import RunningJob, job_kind

JOURNAL = Path(os.environ.get("TEST_JOURNAL", os.devnull))


def note(word: str, job: RunningJob, extra: object = "") -> None:
    with JOURNAL.open("a") as journal:
        journal.write(f"{word} {job.key} {job.attempt} {os.getpid()} {extra}\n")


@job_kind("test.slow", cluster="media")
def slow(job: RunningJob) -> None:
    """Three seconds, or as long as the key says after a colon, with an engine in a group of its own beside it."""
    seconds = float(job.key.partition(":")[2] or 3)
    with subprocess.Popen(["sleep", "300"], start_new_session=True) as engine:
        note("start", job, engine.pid)
        try:
            until = time.monotonic() + seconds
            while (left := until - time.monotonic()) > 0:
                job.progress(1 - left / seconds)
                time.sleep(0.1)
        finally:
            engine.kill()
    note("end", job)


@job_kind("test.deadly", cluster="short")
def deadly(job: RunningJob) -> None:
    """The kernel takes the worker away, as it does when memory runs out."""
    note("start", job)
    os.kill(os.getpid(), 9)


@job_kind("test.hanging", cluster="short", timeout_s=1, max_attempts=1)
def hanging(job: RunningJob) -> None:
    note("start", job)
    time.sleep(60)
