"""One stage: recorded once, resumed after a crash, dead with a plain reason, never by a worker that lost its claim."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings as django_settings
from django.core.files.storage import storages

from lms.core import audit, clock, events, jobs
from lms.core.jobs.models import Job
from media_pipeline.api import EvidenceReady, MediaRefused, MediaStuck, work_page
from media_pipeline.assets import store
from media_pipeline.assets.models import MediaAsset, Rendition, StageRun
from media_pipeline.assets.types import AssetState, StageState
from media_pipeline.runs import recording, services
from media_pipeline.runs.jobs import tidy_scratch, tidy_store
from media_pipeline.stages.api import EngineError, Reason, Stage, StageContext, StageOutput
from tests.media_pipeline.cast import NOW, Cast, hand_in, stage_output


@pytest.fixture(autouse=True)
def _at_once(settings: Any) -> None:
    settings.JOB_BACKOFF_S = 0


@pytest.fixture
def executed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Stages answer from a recording; what was executed is listed."""
    done: list[str] = []

    def execute(stage: Stage, context: StageContext) -> StageOutput:
        done.append(stage.name)
        return stage_output(stage.name, context.workspace)

    monkeypatch.setattr(Stage, "execute", execute)
    return done


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    news: list[object] = []
    monkeypatch.setattr(events, "_handlers", {kind: list(held) for kind, held in events._handlers.items()})
    for kind in (EvidenceReady, MediaRefused, MediaStuck):
        events.subscribe(kind, news.append)
    return news


def scratch() -> list[Path]:
    return list((Path(django_settings.SCRATCH_DIR) / "stages").rglob("*"))


def stored_below(asset: MediaAsset) -> set[str]:
    root = Path(storages["private"].path(""))
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file() and str(asset.uuid) in str(path)}


def state_of(asset: MediaAsset) -> str:
    asset.refresh_from_db()
    return asset.state


def test_each_stage_asks_for_the_next_and_the_last_tells_the_news(
    cast: Cast, executed: list[str], heard: list[object]
) -> None:
    asset = hand_in(cast)
    states = []
    while job := jobs.services.claim_next("media", now=clock.real_now()):
        jobs.runner.run_claimed(job, in_worker=False)
        states.append(state_of(asset))
    assert states == ["validating", "queued", "checking", "checking", "ready_for_scoring"]
    assert executed == ["intake", "measure", "transcribe", "compliance", "similarity"]
    assert heard == [EvidenceReady(asset.uuid)]
    assert [event.action for event in audit.events_of(asset.uuid)] == ["uploaded", "ready"]
    assert (asset.duration_s, asset.ready_at is not None) == (61.0, True)
    assert stored_below(asset) == set(Rendition.objects.values_list("key", flat=True))
    assert scratch() == []


def test_the_same_stage_again_does_nothing(cast: Cast, executed: list[str]) -> None:
    asset = hand_in(cast)
    jobs.drain("media")
    for stage in ("intake", "transcribe", "compliance", "similarity"):
        jobs.enqueue("media.stage", asset.uuid, key=f"{asset.uuid}:{stage}")
    jobs.drain("media")
    assert (len(executed), StageRun.objects.count(), state_of(asset)) == (5, 5, AssetState.READY)


def test_a_finished_result_is_reused(cast: Cast, executed: list[str]) -> None:
    asset = hand_in(cast)
    jobs.drain("media")
    # As if the work had been put back: what was computed for the same input is not computed again.
    MediaAsset.objects.filter(pk=asset.pk).update(state=AssetState.QUEUED)
    jobs.enqueue("media.stage", asset.uuid, key=f"{asset.uuid}:transcribe")
    jobs.drain("media")
    assert (len(executed), StageRun.objects.count(), state_of(asset)) == (5, 5, AssetState.READY)


def test_a_refused_result_is_refused_again_when_reused(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, heard: list[object]
) -> None:
    refusal: dict[str, object] = {"code": "too_short", "values": {"seconds": 42.0, "limit": 60.0}}
    check = {"name": "duration", "verdict": "fail", "metric": 42.0, "threshold": 60.0, "ranges": [], "note": refusal}

    def execute(stage: Stage, context: StageContext) -> StageOutput:
        reasons = (Reason.from_json(refusal),)
        return StageOutput({"checks": [check], "duration_s": 42.0}, refused=reasons)

    monkeypatch.setattr(Stage, "execute", execute)
    asset = hand_in(cast)
    jobs.drain("media")
    assert (state_of(asset), asset.refusal, asset.duration_s) == (AssetState.REJECTED, [refusal], 42.0)
    MediaAsset.objects.filter(pk=asset.pk).update(state=AssetState.UPLOADED, refusal=[])
    jobs.enqueue("media.stage", asset.uuid, key=f"{asset.uuid}:intake")
    jobs.drain("media")
    assert (state_of(asset), asset.refusal, StageRun.objects.count()) == (AssetState.REJECTED, [refusal], 1)
    assert heard == [MediaRefused(asset.uuid, (refusal,))] * 2
    assert Job.objects.exclude(state="done").count() == 0


class Crash(BaseException):
    """The process is gone: nothing after it runs but what the next attempt does."""


def claim_for(asset: MediaAsset, *, attempt: int, job: Any, hold: Callable[[], None] = lambda: None) -> Any:
    """A claim on the work's first stage; `job` is its uuid."""
    return SimpleNamespace(
        uuid=job, kind="media.stage", subject=asset.uuid, key=f"{asset.uuid}:intake", attempt=attempt, max_attempts=3,
        progress=lambda fraction, note="": None, hold=hold,
    )  # fmt: skip


def test_what_a_killed_attempt_left_is_swept_by_the_next(
    cast: Cast, executed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asset, job = hand_in(cast), uuid4()
    real = recording.store_files

    def killed_after_storing(files: Any, folder: str) -> dict[str, store.Stored]:
        part = Path(django_settings.SCRATCH_DIR) / "poster.jpg"
        part.write_bytes(b"x")
        real({"poster": part}, folder)
        raise Crash

    monkeypatch.setattr(services, "store_files", killed_after_storing)
    monkeypatch.setattr(shutil, "rmtree", lambda *args, **kwargs: None)  # the dead tidy nothing
    with pytest.raises(Crash):
        services.run_stage(claim_for(asset, attempt=1, job=job))
    monkeypatch.undo()
    assert (len(stored_below(asset)), len(scratch()) > 0, state_of(asset)) == (2, True, AssetState.VALIDATING)
    monkeypatch.setattr(Stage, "execute", lambda stage, context: stage_output(stage.name, context.workspace))
    services.run_stage(claim_for(asset, attempt=2, job=job))
    assert stored_below(asset) == {asset.renditions.get().key}
    assert (StageRun.objects.get().attempt, scratch()) == (2, [])


def test_what_an_attempt_kept_is_there_for_the_next_and_gone_at_the_end(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    asset, job = hand_in(cast), uuid4()
    seen: list[list[str]] = []

    def execute(stage: Stage, context: StageContext) -> StageOutput:
        assert context.kept is not None
        context.kept.mkdir(parents=True, exist_ok=True)
        seen.append(sorted(path.name for path in context.kept.iterdir()))
        (context.kept / f"piece-{len(seen)}").write_text("x")
        if len(seen) == 1:
            raise Crash
        return stage_output(stage.name, context.workspace)

    monkeypatch.setattr(Stage, "execute", execute)
    with pytest.raises(Crash):
        services.run_stage(claim_for(asset, attempt=1, job=job))
    services.run_stage(claim_for(asset, attempt=2, job=job))
    assert (seen, scratch()) == ([[], ["piece-1"]], [])


def test_a_worker_that_lost_its_claim_records_nothing(cast: Cast, executed: list[str]) -> None:
    asset, holds = hand_in(cast), [True, False]

    def hold() -> None:
        if not holds.pop(0):
            raise jobs.LeaseLost("x")

    claim = claim_for(asset, attempt=1, job=uuid4(), hold=hold)
    claim.key = f"{asset.uuid}:measure"
    MediaAsset.objects.filter(pk=asset.pk).update(state=AssetState.VALIDATING)
    with pytest.raises(jobs.LeaseLost):
        services.run_stage(claim)
    assert (StageRun.objects.count(), Rendition.objects.count(), state_of(asset)) == (0, 1, AssetState.VALIDATING)
    assert stored_below(asset) == {asset.renditions.get().key}


def test_three_failures_are_a_dead_letter_that_a_person_can_retry(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, heard: list[object]
) -> None:
    working = {"intake", "measure"}

    def execute(stage: Stage, context: StageContext) -> StageOutput:
        if stage.name not in working:
            raise EngineError("no model at /nowhere")
        return stage_output(stage.name, context.workspace)

    monkeypatch.setattr(Stage, "execute", execute)
    asset = hand_in(cast)
    jobs.drain("media")
    assert state_of(asset) == AssetState.FAILED
    (dead,) = jobs.dead_jobs()
    plain = "语音转文字没能运行：缺少识别模型，或模型打不开"
    assert (dead.reason, dead.attempts, dead.subject) == (plain, 3, asset.uuid)
    page = work_page(cast.acting("owner"), asset.uuid, now=NOW)
    assert (page.reasons, page.live, page.can_replace) == ([plain], False, True)
    assert [stage.state for stage in page.stages][:4] == [
        StageState.DONE, StageState.DONE, StageState.FAILED, StageState.TODO,
    ]  # fmt: skip
    assert "nowhere" not in repr(page)
    assert heard == [MediaStuck(asset.uuid, services.ENGINE_MISSING["transcribe"])]

    working |= {"transcribe", "compliance", "similarity"}
    jobs.retry_dead(job=dead.uuid, by=cast.uuid("administrator"), now=NOW)
    jobs.drain("media")
    assert (state_of(asset), asset.failure, jobs.dead_jobs()) == (AssetState.READY, "", [])
    assert [event.action for event in audit.events_of(asset.uuid)] == ["uploaded", "stopped", "ready"]


def test_a_work_is_refused_at_most_once_by_late_news_of_a_dead_job(cast: Cast, heard: list[object]) -> None:
    asset = hand_in(cast)
    died = jobs.JobDied("media.stage", asset.uuid, f"{asset.uuid}:intake", "plain", 3)
    services.note_dead_job(died)
    services.note_dead_job(died)
    services.note_dead_job(jobs.JobDied("core.audit_seal", asset.uuid, "x", "plain", 3))
    assert (state_of(asset), asset.failure, heard) == (AssetState.FAILED, "plain", [MediaStuck(asset.uuid, "plain")])


def test_only_old_scratch_is_tidied(db: None, settings: Any, tmp_path: Path) -> None:
    settings.SCRATCH_DIR = tmp_path
    for name in ("uploads/old", "uploads/new", "stages/old/deep", "stages/new"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    for old in (tmp_path / "uploads" / "old", tmp_path / "stages" / "old"):
        os.utime(old, (0, 0))
    tidy_scratch(claim_for(SimpleNamespace(uuid=uuid4()), attempt=1, job=uuid4()))  # type: ignore[arg-type]
    left = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert left == {"uploads/new", "stages/new"}


def test_only_old_files_that_no_work_names_are_tidied(cast: Cast, settings: Any, tmp_path: Path) -> None:
    settings.STORAGES = settings.STORAGES | {
        "private": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}}
    }
    a_job = claim_for(SimpleNamespace(uuid=uuid4()), attempt=1, job=uuid4())  # type: ignore[arg-type]
    month = f"2026/03/{uuid4()}"
    orphans = {f"submissions/{month}/source", f"submissions/{month}/.source.0a", f"renditions/{month}/intake-0a-1/wav"}
    new = f"submissions/2026/03/{uuid4()}/source"
    for name in (*orphans, new):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")

    def left() -> set[str]:
        return {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}

    def age() -> None:
        for name in left() - {new}:
            os.utime(tmp_path / name, (0, 0))

    age()
    tidy_store(a_job)
    assert left() == orphans | {new}  # the database names nothing here: not its folder
    named = hand_in(cast).renditions.get().key
    age()
    tidy_store(a_job)
    assert left() == {named, new}
    assert not (tmp_path / "submissions" / month).exists()
