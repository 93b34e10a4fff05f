from dataclasses import replace

import pytest
from django.db import transaction
from django_q.models import OrmQ
from django_tasks import task
from django_tasks.exceptions import InvalidTaskError
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from lms.core import checks, queue
from lms.core.jobs import job_kind, registry

RAN: list[tuple[int, str]] = []


@task()
def note(number: int, *, group: str) -> None:
    RAN.append((number, group))


@pytest.mark.django_db
def test_a_task_of_wagtails_kind_travels_and_keeps_arguments_q2_would_swallow(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        result = note.enqueue(3, group="tea")
        assert OrmQ.objects.count() == 0
    assert result.status == "READY"
    sent = OrmQ.objects.get()
    assert (sent.key, sent.task["func"]) == ("short", "lms.core.queue.run_task")
    queue.run_task(*sent.task["args"], **sent.task["kwargs"])
    assert RAN == [(3, "tea")]


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_task_is_never_sent() -> None:
    with transaction.atomic():
        note.enqueue(1, group="tea")
        transaction.set_rollback(True)
    assert OrmQ.objects.count() == 0


def test_what_the_backend_cannot_do_is_refused() -> None:
    with pytest.raises(InvalidTaskError, match="priority"):
        note.using(priority=5)


def ids(problems: list[object]) -> list[str]:
    return [problem.id for problem in problems]  # type: ignore[attr-defined]


def test_the_installations_own_settings_pass() -> None:
    assert checks.check_queue(None) == []
    assert checks.check_keys(None) == []


def test_dangerous_queue_settings_are_errors(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_kinds", {})
    job_kind("test.nowhere", cluster="moon")(lambda job: None)
    job_kind("test.endless", cluster="short", timeout_s=10_000)(lambda job: None)
    settings.Q_CLUSTER = {**settings.Q_CLUSTER, "max_attempts": 0, "retry": 10}
    assert ids([*checks.check_queue(None)]) == ["core.E003", "core.E004", "core.E007", "core.E006"]


def test_one_key_for_two_ends_is_an_error(settings: Settings) -> None:
    ring = settings.KEYRING
    for twice in ({"field_keys": {"a": ring.index_key}}, {"signing_keys": (ring.index_key,)}):
        settings.KEYRING = replace(ring, **twice)
        assert ids([*checks.check_keys(None)]) == ["core.E002"]
    for lacking in (None, replace(ring, signing_keys=())):
        settings.KEYRING = lacking
        assert ids([*checks.check_keys(None)]) == ["core.E001"]
