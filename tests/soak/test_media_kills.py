"""The process that works on a video is killed by SIGKILL at every delicate point of its run; the next one goes on.

After each kill a stage has its whole result or none; in the end the work is ready, each stage recorded once.
"""

import hashlib
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tests.conftest import SOAK_FULL
from tests.lms.core.test_worker import ROOT
from tests.media_pipeline.clips import clip
from tests.media_pipeline.runs.test_kill import Media

pytestmark = pytest.mark.soak

# Runs in a process of the installation; `point` says where it dies.
WORK = """
import os, signal
from lms.core import clock, jobs
from media_pipeline.assets import store
from media_pipeline.runs import services

point, stage = {point!r}, {stage!r}

def die(*args, **kwargs):
    os.kill(os.getpid(), signal.SIGKILL)

def at(module, name, *, after=False):
    real = getattr(module, name)
    def wrapped(*args, **kwargs):
        if here[0]:
            if after:
                real(*args, **kwargs)
            die()
        return real(*args, **kwargs)
    setattr(module, name, wrapped)

here = [False]
if point == "when it begins":
    at(services, "_context")
elif point == "while ffmpeg runs":
    real_context = services._context
    def context(*args):
        made = real_context(*args)
        object.__setattr__(made, "progress", lambda share: die() if here[0] and share > 0.05 else None)
        return made
    services._context = context
elif point == "before storing":
    at(services, "_store_and_record")
elif point == "in the middle of storing":
    from media_pipeline.runs import recording
    real_put, count = recording.store.put_path, [0]
    def put_path(path, key):
        count[0] += here[0]
        if count[0] == 2:
            class Torn:
                def __init__(self, source): self.source, self.reads = source, 0
                def read(self, size=-1):
                    self.reads += 1
                    return self.source.read(1000) if self.reads == 1 else die()
            return store.put(Torn(path.open("rb")), key)
        return real_put(path, key)
    recording.store.put_path = put_path
elif point == "inside the transaction":
    at(services, "record_run", after=True)
elif point == "after the commit":
    from lms.core.jobs import runner
    at(runner.services, "finish")

jobs.sweep(now=clock.real_now(), ring=lambda cluster: None)
from lms.core.jobs import runner
while job := runner.services.claim_next("media", now=clock.real_now()):
    here[0] = job.key.endswith(":" + stage)
    runner.run_claimed(job, in_worker=False)
"""

ALL = (
    ("intake", "when it begins"),
    ("intake", "inside the transaction"),
    ("measure", "while ffmpeg runs"),
    ("measure", "in the middle of storing"),
    ("transcribe", "before storing"),
    ("transcribe", "after the commit"),
    ("compliance", "inside the transaction"),
    ("similarity", "inside the transaction"),
)
POINTS = ALL if SOAK_FULL else ALL[2:4] + ALL[5:]
STAGES = ("intake", "measure", "transcribe", "compliance", "similarity")
LEASE_S = 1


@pytest.fixture
def place(tmp_path: Path) -> Media:
    made = Media(tmp_path)
    made.environment["KAIBO_JOB_LEASE_S"] = str(LEASE_S)
    return made


def test_killed_at_every_point(place: Media, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = clip(tmp_path / "work.mp4", seconds=61, picture="testsrc2=s=640x480:r=15", options=("-b:v", "4M"))
    work = place.hand_in(path)
    began = time.monotonic()
    for stage, point in POINTS:
        before = finished(place)
        assert run(place, stage, point) == -signal.SIGKILL, (stage, point, state_of(place))
        now = finished(place)
        assert (stage in now) == (point == "after the commit"), (stage, point)
        assert set(before) <= set(now)
        assert_whole(place)
        time.sleep(LEASE_S + 0.5)
    assert run(place, "", "") == 0
    assert place.state(work) == "ready_for_scoring"
    runs = place.ask("SELECT stage, state FROM media_pipeline_stagerun ORDER BY id")
    assert runs == [(stage, "done") for stage in STAGES]
    jobs = place.ask("SELECT key, state, attempt FROM core_job WHERE kind = 'media.stage' ORDER BY id")
    tried = {key.rpartition(":")[2]: (state, attempt) for key, state, attempt in jobs}
    kills = Counter(stage for stage, _ in POINTS)
    assert tried == {stage: ("done", kills[stage] + 1) for stage in STAGES}
    assert place.ask("SELECT count(*) FROM media_pipeline_transcript") == [(1,)]
    assert prints(place) == 1
    private = place.folder / "var" / "private"
    stored = {str(file.relative_to(private)) for file in private.rglob("*") if file.is_file()}
    assert stored == {key for (key,) in place.ask("SELECT key FROM media_pipeline_rendition")}
    assert [left for left in (place.folder / "var" / "scratch" / "stages").rglob("*") if left.is_file()] == []
    assert place.ask("PRAGMA integrity_check") == [("ok",)]
    with capsys.disabled():
        print(f"\n{len(POINTS)} kills in {time.monotonic() - began:.0f} s: one result a stage, no half file")


def run(place: Media, stage: str, point: str) -> int:
    """The exit code; nobody of the killed process's children outlives it."""
    script = WORK.format(point=point, stage=stage)
    process = subprocess.Popen(
        [sys.executable, "manage.py", "shell", "-v0", "-c", script], cwd=ROOT, env=place.environment,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip
    seen: set[psutil.Process] = set()
    end = time.monotonic() + 240
    while process.poll() is None:
        with suppress(psutil.Error):
            seen.update(psutil.Process(process.pid).children(recursive=True))
        assert time.monotonic() < end
        time.sleep(0.05)
    _, said = process.communicate()
    assert process.returncode in {0, -signal.SIGKILL}, said.decode()
    _, alive = psutil.wait_procs(seen, timeout=5)
    assert alive == []
    return process.returncode


def state_of(place: Media) -> list[tuple[object, ...]]:
    """For the message of a failure."""
    return place.ask(
        "SELECT key, j.state, attempt, error, error_detail, a.state, refusal FROM core_job j, media_pipeline_mediaasset a "
        "WHERE kind = 'media.stage'"
    )


def finished(place: Media) -> list[str]:
    return [stage for (stage,) in place.ask("SELECT stage FROM media_pipeline_stagerun ORDER BY id")]


def prints(place: Media) -> int:
    """Works in the index of look-alikes, where they come before their stage is done: two compared at once see each other."""
    keyed = place.ask("SELECT count(DISTINCT fingerprint_id) FROM media_pipeline_fingerprintkey")
    [(count,)] = place.ask("SELECT count(*) FROM media_pipeline_fingerprint")
    assert keyed == [(count,)], "a work without its keys"
    return int(count)


def assert_whole(place: Media) -> None:
    """What is recorded is there, to the last byte."""
    for key, size, digest in place.ask("SELECT key, size, sha256 FROM media_pipeline_rendition"):
        content = (place.folder / "var" / "private" / key).read_bytes()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (size, digest), key
    prints(place)
