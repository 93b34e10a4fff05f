"""The real worker is killed in the middle of transcription: the work is resumed, ends once, with one result."""

import json
import os
import shutil
import signal
import sqlite3
from collections.abc import Iterator
from copy import copy
from pathlib import Path
from typing import Any

import psutil
import pytest
from django.conf import settings

from tests.lms.core.test_worker import Installation, alive, until
from tests.media_pipeline.cast import selling_clip

pytestmark = pytest.mark.slow

_HAND_IN = """
from pathlib import Path
from tests.media_pipeline.cast import build_cast, opened
from lms.core.types import Level, ProductKind
from lms.core import clock
from lms.core.ids import new_uuid
from media_pipeline.api import receive_upload
with opened(Path({path!r})) as file:
    print(receive_upload(acting=build_cast().acting("owner"), file=file, title="茶", product=ProductKind.TEA,
        product_name="绿茶", brand="明月茶园", level=Level.ELEMENTARY, declared_ai=True, form_token=new_uuid(),
        now=clock.now()).uuid.hex)
"""


class Media(Installation):
    """An installation with the weights of this machine."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.environment |= {"KAIBO_WEIGHTS": str(settings.WEIGHTS_DIR), "KAIBO_FFMPEG": settings.FFMPEG}

    def hand_in(self, path: Path) -> str:
        return self.manage("shell", "-v0", "-c", _HAND_IN.format(path=str(path))).strip()

    def ask(self, question: str, *values: str) -> list[tuple[Any, ...]]:
        with sqlite3.connect(self.folder / "var" / "kaibo.sqlite3", timeout=20) as connection:
            return connection.execute(question, values).fetchall()

    def state(self, work: str) -> str:
        return self.ask("SELECT state FROM media_pipeline_mediaasset WHERE uuid = ?", work)[0][0]

    def transcribing(self) -> tuple[psutil.Process, psutil.Process] | None:
        """The process that runs the job and the recogniser below it, once words are being recognised."""
        share = self.ask("SELECT progress FROM core_job WHERE key LIKE '%:transcribe' AND state = 'running'")
        if self.worker is None or not share or not share[0][0]:
            return None
        for process in psutil.Process(self.worker.pid).children(recursive=True):
            if "media_pipeline.engines.whisper_child" in " ".join(process.cmdline()):
                owner = process
                while "whisper_child" in " ".join(owner.cmdline()) or "limited" in " ".join(owner.cmdline()):
                    owner = owner.parent() or owner
                return owner, process
        return None


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Media:
    return Media(tmp_path_factory.mktemp("media"))


@pytest.fixture
def place(migrated: Media, tmp_path: Path) -> Iterator[Media]:
    place = copy(migrated)
    place.folder = tmp_path
    place.environment = migrated.environment | {"KAIBO_VAR": str(tmp_path / "var")}
    shutil.copytree(migrated.folder / "var", tmp_path / "var")
    yield place
    if place.worker and place.worker.poll() is None:
        assert place.stop() == []


def test_a_worker_killed_while_transcribing_is_resumed_once(place: Media, tmp_path: Path) -> None:
    path, card = selling_clip(tmp_path / "tea.mp4")
    work = place.hand_in(path)
    place.start()
    caught: list[tuple[psutil.Process, psutil.Process]] = []

    def seen() -> bool:
        found = place.transcribing()
        caught.extend([found] if found else [])
        return bool(found)

    until(seen, "words are being recognised", 240)
    owner, recogniser = caught[0]
    assert place.state(work) == "transcribing"
    os.kill(owner.pid, signal.SIGKILL)
    until(lambda: not alive(recogniser.pid), "the orphaned recogniser is ended", 20)
    until(lambda: place.state(work) not in {"transcribing", "checking"}, "the work is finished", 240)

    live = "SELECT 1 FROM core_job WHERE kind = 'media.stage' AND state IN ('waiting', 'running')"
    until(lambda: not place.ask(live), "the ledger says so too", 20)  # the handler's commit comes before the job's

    assert place.state(work) == "ready_for_scoring"
    jobs = place.ask("SELECT key, state, attempt FROM core_job WHERE kind = 'media.stage' ORDER BY id")
    assert [(key.rpartition(":")[2], state, attempt) for key, state, attempt in jobs] == [
        ("intake", "done", 1),
        ("measure", "done", 1),
        ("transcribe", "done", 2),
        ("compliance", "done", 1),
        ("similarity", "done", 1),
    ]
    runs = place.ask("SELECT stage, state, attempt FROM media_pipeline_stagerun ORDER BY id")
    assert runs == [
        ("intake", "done", 1),
        ("measure", "done", 1),
        ("transcribe", "done", 2),
        ("compliance", "done", 1),
        ("similarity", "done", 1),
    ]
    assert place.ask("SELECT count(*) FROM media_pipeline_transcript") == [(1,)]
    found = {rule for (rule,) in place.ask("SELECT rule FROM media_pipeline_finding")}
    assert found & {term["rule"] for term in card["expected"]}
    private = place.folder / "var" / "private"
    stored = {str(file.relative_to(private)) for file in private.rglob("*") if file.is_file()}
    assert stored == {key for (key,) in place.ask("SELECT key FROM media_pipeline_rendition")}
    assert list((place.folder / "var" / "scratch" / "stages").rglob("*")) == []


def test_a_missing_model_is_a_dead_letter_until_it_is_there(place: Media, tmp_path: Path) -> None:
    path, _ = selling_clip(tmp_path / "tea.mp4")
    model = tmp_path / "model"
    place.environment["KAIBO_WHISPER_MODEL"] = str(model)
    work = place.hand_in(path)
    place.start()
    until(lambda: place.state(work) == "media_failed", "the stage failed three times", 240)
    reason = "Speech recognition could not be used: its model is missing or does not load."
    dead = place.ask("SELECT state, attempt, error, uuid FROM core_job WHERE key LIKE '%:transcribe'")
    assert dead[0][:3] == ("dead", 3, reason)
    assert place.ask("SELECT failure FROM media_pipeline_mediaasset") == [(reason,)]

    model.symlink_to(Path(settings.WHISPER_MODEL))
    retry = "from lms.core import clock, jobs; from uuid import UUID; jobs.retry_dead(job=UUID('{}'), by=UUID(int=1), now=clock.now())"
    place.manage("shell", "-v0", "-c", retry.format(dead[0][3]))
    until(lambda: place.state(work) == "ready_for_scoring", "the retried work is finished", 240)
    assert place.ask("SELECT failure FROM media_pipeline_mediaasset") == [("",)]
    cues = place.ask("SELECT count(*) FROM media_pipeline_transcriptsegment")[0][0]
    checks = place.ask("SELECT data FROM media_pipeline_stagerun WHERE stage = 'transcribe'")
    assert len(json.loads(checks[0][0])["cues"]) == cues > 5
