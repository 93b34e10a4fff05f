"""Kinds of job this installation can run. Handlers register when their module is imported, in `AppConfig.ready`."""

from collections.abc import Callable

from lms.core.jobs.types import Handler, JobKind

SHORT = "short"  # seconds: notices, seals, recomputation
MEDIA = "media"  # minutes: everything that reads a video

_kinds: dict[str, JobKind] = {}


def job_kind(
    name: str,
    *,
    cluster: str = SHORT,
    max_attempts: int = 3,
    timeout_s: int = 240,
    lease_s: int | None = None,
    every_s: int | None = None,
) -> Callable[[Handler], Handler]:
    """Register `handler(job: RunningJob) -> None` under a name of the form `area.what`.

    timeout_s: the longest run; must be below the cluster's own limit (a system check compares). lease_s: how long a
    silent worker keeps the job, at most settings.JOB_LEASE_S. every_s: run for ever with this pause (one row, kept by
    the sweeper); such a handler must be idempotent. Raises ValueError when another handler has the name.
    """

    def register(handler: Handler) -> Handler:
        held = _kinds.get(name)
        if held and held.handler is not handler:
            raise ValueError(f"two handlers for the job kind {name}")
        _kinds[name] = JobKind(name, handler, cluster, max_attempts, timeout_s, lease_s, every_s)
        return handler

    return register


def kind_named(name: str) -> JobKind | None:
    """The kind, or None when this installation has no handler for it (any more)."""
    return _kinds.get(name)


def kinds() -> list[JobKind]:
    """Every registered kind, by name."""
    return [_kinds[name] for name in sorted(_kinds)]
