"""Bad ends of a stage, real ones: a killed child, no memory, a full disk. No half result stays, and each is told plainly."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from lms.core import clock, jobs
from lms.core.jobs.models import Job
from media_pipeline.api import work_page
from media_pipeline.assets import store
from media_pipeline.assets.models import CheckResult, MediaAsset, Rendition, StageRun
from media_pipeline.assets.types import AssetState, StageState
from media_pipeline.engines import hands
from media_pipeline.runs import services
from media_pipeline.stages import measure_plan
from media_pipeline.stages.ports import EngineLimit, Limits
from tests.media_pipeline.cast import NOW, Cast, hand_in
from tests.media_pipeline.clips import clip, tools

# Under pytest, and only as root, a small disk of its own; elsewhere the errors of a full one come from /dev/full.
ROOT = os.geteuid() == 0


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Two seconds that must be encoded: only too short."""
    path = tmp_path_factory.mktemp("video") / "work.mp4"
    return clip(path, seconds=2, picture="testsrc2=s=1280x720:r=30", options=("-qp", "18")).read_bytes()


@pytest.fixture(autouse=True)
def _places(settings: Any, tmp_path: Path) -> None:
    settings.JOB_BACKOFF_S = 0
    settings.SCRATCH_DIR = tmp_path / "scratch"
    options = {"location": tmp_path / "private", "base_url": None}
    backend = "django.core.files.storage.FileSystemStorage"
    settings.STORAGES = {**settings.STORAGES, "private": {"BACKEND": backend, "OPTIONS": options}}


def step() -> None:
    job = jobs.services.claim_next("media", now=clock.real_now())
    assert job is not None
    jobs.runner.run_claimed(job, in_worker=False)


def at_measuring(cast: Cast, video: bytes) -> MediaAsset:
    asset = hand_in(cast, content=video)
    step()
    asset.refresh_from_db()
    assert asset.state == AssetState.VALIDATING
    return asset


def files_below(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def assert_nothing_half(asset: MediaAsset, tmp_path: Path) -> None:
    """Only the upload and the file check are there; nothing lies about."""
    assert [run.stage for run in StageRun.objects.all()] == ["intake"]
    assert set(CheckResult.objects.values_list("run__stage", flat=True)) == {"intake"}
    assert files_below(tmp_path / "private") == {asset.renditions.get().key}
    assert files_below(tmp_path / "scratch") == set()


def assert_told(cast: Cast, asset: MediaAsset, reason: str) -> None:
    """The trainee reads that it is tried again; the reason is on the job, where staff look."""
    job = Job.objects.get(key=f"{asset.uuid}:measure")
    assert (job.state, job.error) == ("waiting", reason)
    page = work_page(cast.acting("owner"), asset.uuid, now=NOW)
    now = [stage for stage in page.stages if stage.state is StageState.NOW]
    assert [stage.detail for stage in now] == ["系统繁忙，稍后自动重试（第2次，最多3次）"]
    assert page.live


def assert_done_at_last(asset: MediaAsset, tmp_path: Path) -> None:
    jobs.drain("media")
    asset.refresh_from_db()
    assert [reason["code"] for reason in asset.refusal] == ["too_short"]
    assert [run.stage for run in StageRun.objects.order_by("id")] == ["intake", "measure"]
    assert files_below(tmp_path / "private") == set(Rendition.objects.values_list("key", flat=True))
    for rendition in Rendition.objects.all():
        assert len(store.read(rendition.key)) == rendition.size
    assert files_below(tmp_path / "scratch") == set()


def test_a_child_killed_from_outside(cast: Cast, video: bytes, tmp_path: Path) -> None:
    asset = at_measuring(cast, video)
    killed: list[int] = []

    def kill() -> None:
        me = psutil.Process()
        while not killed:
            for child in me.children(recursive=True):
                with suppress(psutil.Error):
                    if "-filter_complex" in child.cmdline() and list((tmp_path / "scratch").rglob("proxy.mp4")):
                        child.send_signal(signal.SIGKILL)
                        killed.append(child.pid)
            time.sleep(0.005)

    hand = threading.Thread(target=kill)
    hand.start()
    step()
    killed.append(0)
    hand.join()
    assert len(killed) == 2
    assert_nothing_half(asset, tmp_path)
    assert_told(cast, asset, services.INTERRUPTED)
    assert_done_at_last(asset, tmp_path)


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.mark.skipif(not ROOT, reason="only root may mount a small disk")
@pytest.mark.parametrize(
    "place,size",
    (("scratch", "64k"), ("scratch", "{upload}"), ("private/renditions", "100k")),
    ids=("while the upload is brought", "while ffmpeg writes", "while results are stored"),
)
def test_a_full_disk(cast: Cast, video: bytes, tmp_path: Path, place: str, size: str) -> None:
    asset = at_measuring(cast, video)
    with small_disk(tmp_path / place, size.format(upload=len(video) + 90_000)):
        step()
        assert_nothing_half(asset, tmp_path)
        assert_told(cast, asset, services.NO_ROOM)
    assert_done_at_last(asset, tmp_path)


def test_a_disk_that_stays_full_is_a_dead_letter_that_staff_can_retry(
    cast: Cast, video: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(source: Any, key: str) -> store.Stored:
        with Path("/dev/full").open("wb", buffering=0) as out:
            out.write(b"x")
        raise AssertionError

    asset = at_measuring(cast, video)
    with monkeypatch.context() as patch:
        patch.setattr(store, "put", full)
        jobs.drain("media")
    assert_nothing_half(asset, tmp_path)
    (dead,) = jobs.dead_jobs()
    assert (dead.reason, dead.attempts) == ("存储空间不足，检测结果没存上", 3)
    page = work_page(cast.acting("owner"), asset.uuid, now=NOW)
    assert (page.reasons, page.can_replace) == ([dead.reason], True)
    jobs.retry_dead(job=dead.uuid, by=cast.uuid("administrator"), now=NOW)
    assert_done_at_last(asset, tmp_path)


def test_a_video_that_needs_more_memory_than_a_child_gets_is_refused(
    cast: Cast, video: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = measure_plan.plan

    def plan(*given: Any) -> Any:
        command = real(*given)
        return replace(command, limits=replace(command.limits, memory_mb=230))

    monkeypatch.setattr(measure_plan, "plan", plan)
    asset = at_measuring(cast, video)
    step()
    asset.refresh_from_db()
    assert (asset.state, [reason["code"] for reason in asset.refusal]) == (AssetState.REJECTED, ["too_costly"])
    assert files_below(tmp_path / "private") == {asset.renditions.get().key}
    assert files_below(tmp_path / "scratch") == set()
    page = work_page(cast.acting("owner"), asset.uuid, now=NOW)
    assert page.reasons == ["视频处理超出限制，请重新导出为 mp4 后上传。"]


def test_a_probe_without_memory_blames_the_machine(
    video: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "work.mp4").write_bytes(video)
    monkeypatch.setattr(hands, "_PROBE_LIMITS", Limits(wall_s=30, cpu_s=20, memory_mb=80, output_mb=1))
    with pytest.raises(EngineLimit, match="memory"):
        tools().hands.probe(tmp_path / "work.mp4", "mov")


def test_a_link_in_the_store_is_not_followed(cast: Cast, video: bytes, tmp_path: Path) -> None:
    asset = at_measuring(cast, video)
    path = tmp_path / "private" / asset.renditions.get().key
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    step()
    assert_told(cast, asset, services.STORE_FAULT)
    path.unlink()
    (tmp_path / "elsewhere").rename(path)
    assert_nothing_half(asset, tmp_path)
    assert_done_at_last(asset, tmp_path)
