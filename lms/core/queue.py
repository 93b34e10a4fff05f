"""The only door to django-q2. The bell carries no work, only the name of a cluster: what to do stands in the ledger.

Traps this module keeps away (engineering notes): payloads are signed pickles, so they hold plain strings only; q2 swallows
keyword arguments of its own names, so options go through `q_options`; the ORM broker is written on commit only.
"""

import json
from collections.abc import Callable
from functools import partial
from typing import Any

from django.db import connections, transaction
from django.utils.module_loading import import_string
from django_tasks.backends.base import BaseTaskBackend
from django_tasks.base import Task, TaskResult, TaskResultStatus
from django_tasks.signals import task_enqueued
from django_tasks.utils import get_random_id

from lms.core import clock

_SHORT = "short"


def ring(cluster: str) -> None:
    """Wake a worker of the cluster; it takes the oldest due job. A bell too many does nothing."""
    from django_q.tasks import async_task

    async_task("lms.core.jobs.run_next", cluster, q_options={"cluster": cluster, "task_name": f"bell-{cluster}"})


def unheard(cluster: str) -> int:
    """Bells (and other tasks) of a cluster that no worker has taken yet."""
    from django_q.models import OrmQ

    return OrmQ.objects.filter(key=cluster, lock__lte=clock.real_now()).count()


def serve(cluster: str, ready: Callable[[], None]) -> bool:
    """Be the cluster's leading process until SIGTERM or SIGINT; True when it stopped as asked, False when it broke.

    `Q_CLUSTER_NAME` must already name the cluster in the environment: q2 reads it once, at import. `ready` is called
    when the workers are up.
    """
    from django_q.cluster import Cluster
    from django_q.conf import Conf

    if cluster != Conf.CLUSTER_NAME:
        raise RuntimeError(f"Q_CLUSTER_NAME must be {cluster} before Django starts")
    connections.close_all()  # a connection that crosses a fork is shared by two processes and breaks both
    leader = Cluster()
    leader.start()
    ready()
    while leader.sentinel.is_alive():
        leader.sentinel.join(0.5)
    return bool(leader.sentinel.exitcode == 0)


def run_task(path: str, arguments: str) -> None:
    """Run a django-tasks task by its dotted path; `arguments` is the JSON list [args, kwargs]."""
    args, kwargs = json.loads(arguments)
    import_string(path).call(*args, **kwargs)


class QueueTaskBackend(BaseTaskBackend):
    """django-tasks on django-q2's short cluster: Wagtail's own tasks (search and reference indexes). Results are not kept."""

    def enqueue(self, task: Task[Any, Any], args: Any, kwargs: Any) -> TaskResult[Any]:
        """Queue the task when the current transaction commits; a rolled-back one never runs."""
        from django_q.tasks import async_task

        self.validate_task(task)
        result: TaskResult[Any] = TaskResult(
            task=task,
            id=get_random_id(),
            status=TaskResultStatus.READY,
            enqueued_at=clock.real_now(),
            started_at=None,
            last_attempted_at=None,
            finished_at=None,
            args=args,
            kwargs=kwargs,
            backend=self.alias,
            errors=[],
            worker_ids=[],
        )
        call = partial(
            async_task,
            "lms.core.queue.run_task",
            task.module_path,
            json.dumps([result.args, result.kwargs]),
            q_options={"cluster": _SHORT, "task_name": task.name},
        )
        transaction.on_commit(lambda: self._send(call, result))
        return result

    def _send(self, call: partial[str], result: TaskResult[Any]) -> None:
        call()
        task_enqueued.send(type(self), task_result=result)
