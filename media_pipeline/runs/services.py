"""Stage runs: enter, execute, record, next. Killed at any time, a stage is done again and its result recorded once.

Three things keep it so: the state of the work moves by compare-and-set, the recording transaction begins by locking the
job's claim (a worker that lost its lease records nothing), and the table holds one result for one input.
"""

import errno
import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_noop

from lms.core import audit, clock
from lms.core.events import publish
from lms.core.jobs import JobDied, RunningJob, TryAgain
from lms.core.types import Level, ProductKind
from media_pipeline import toolbox
from media_pipeline.assets import store
from media_pipeline.assets.events import EvidenceReady, MediaRefused, MediaStuck
from media_pipeline.assets.logic import next_stage, state_after, steps_into
from media_pipeline.assets.models import MediaAsset, Rendition, StageRun
from media_pipeline.assets.services import enqueue_stage, subject_kind
from media_pipeline.assets.types import SETTLED, STAGE_JOB, AssetState, Purpose, RenditionKind
from media_pipeline.assets.vocabulary import course_words
from media_pipeline.assets.waivers import waived_checks
from media_pipeline.runs.recording import discard_files, record_run, store_files
from media_pipeline.similarity.comparing import EarlierWorks
from media_pipeline.stages.api import (
    EngineError,
    EngineLimit,
    Interrupted,
    NoRoom,
    Request,
    Stage,
    StageContext,
    StageOutput,
    Tools,
    input_hash,
    stage_named,
)

log = logging.getLogger("kaibo.media")

# Plain reasons (msgids): shown to the trainee and in the dead-letter list.
ENGINE_MISSING = {
    "intake": gettext_noop("The program that opens videos could not be used."),
    "measure": gettext_noop("The program that reads picture and sound could not be used."),
    "transcribe": gettext_noop("Speech recognition could not be used: its model is missing or does not load."),
    "compliance": gettext_noop("The rules for the words could not be used."),
    "similarity": gettext_noop("The program that takes fingerprints could not be used."),
}
ENGINE_LIMIT = gettext_noop("The video needs more memory or time than this machine gives.")
NO_ROOM = gettext_noop("There is no room left to store the results.")
INTERRUPTED = gettext_noop("The machine was out of memory, or the work was stopped from outside.")
STORE_FAULT = gettext_noop("The stored file could not be read.")


class Lost(Exception):
    """The work moved on while this worker held an older picture of it."""


@dataclass(frozen=True)
class _Work:
    """One stage of one work by one attempt. `folder`: where its files go in private storage; `scratch`: on this machine."""

    asset: MediaAsset
    stage: Stage
    folder: str
    scratch: Path

    def kept(self, key: str) -> Path:
        """What attempts at this very stage and input leave to the next."""
        return self.scratch.parent / f"{self.stage.name}-kept-{key[:16]}"


def request_of(asset: MediaAsset) -> Request:
    """What the trainee declared, as the stages read it; of a lesson's or of homework nothing is declared."""
    level = Level(asset.level) if asset.level else None
    return Request(
        product=ProductKind(asset.product) if asset.product else None,
        level=level,
        brand=asset.brand,
        product_name=asset.product_name,
        declared_ai=asset.declared_ai if asset.purpose == Purpose.SUBMISSION else None,
        waived=waived_checks(asset.uuid),
        vocabulary=course_words(level) if level else (),
    )


def run_stage(job: RunningJob) -> None:
    """The handler of `media.stage`. Raises TryAgain with a plain reason; every other exception is a bug or an interrupt."""
    stage = stage_named(job.key.rpartition(":")[2])
    asset = _enter(job, stage)
    if asset is None:
        return
    try:
        with _workplace(job, asset, stage) as work:
            _work_on(job, work)
    except NoRoom as fault:
        raise TryAgain(NO_ROOM) from fault
    except Interrupted as fault:
        raise TryAgain(INTERRUPTED) from fault
    except EngineError as fault:
        raise TryAgain(ENGINE_MISSING[stage.name]) from fault
    except EngineLimit as fault:
        raise TryAgain(ENGINE_LIMIT) from fault
    except OSError as fault:
        if fault.errno not in {errno.ENOSPC, errno.EDQUOT}:
            raise
        raise TryAgain(NO_ROOM) from fault


def _work_on(job: RunningJob, work: _Work) -> None:
    asset, stage = work.asset, work.stage
    tools = toolbox.tools(Purpose(asset.purpose), level=Level(asset.level) if asset.level else None)
    key = input_hash(stage, asset.sha256, request_of(asset), tools)
    if StageRun.objects.filter(asset=asset, stage=stage.name, input_hash=key).exists():
        _advance(job, work, key)
        return
    output = stage.execute(_context(job, work, tools, key))
    _store_and_record(job, work, tools, key, output)
    shutil.rmtree(work.kept(key), ignore_errors=True)


@transaction.atomic
def _enter(job: RunningJob, stage: Stage) -> MediaAsset | None:
    """Move the work into the stage's state. None when it is past this stage: an older attempt finished it."""
    job.hold()
    asset = MediaAsset.objects.select_for_update().get(uuid=job.subject)
    steps = steps_into(AssetState(asset.state), stage.name)
    if steps is None:
        log.info("work %s is past stage %s", asset.blind_code, stage.name)
        return None
    cleared = {"failure": ""} if asset.state == AssetState.FAILED else {}
    for step in steps:
        if not asset.move(step, now=clock.now(), **cleared):
            raise Lost(asset.blind_code)
    return asset


@contextmanager
def _workplace(job: RunningJob, asset: MediaAsset, stage: Stage) -> Iterator[_Work]:
    """An own empty folder for this attempt; what killed attempts of this job left behind is removed."""
    prefix = f"{stage.name}-{job.uuid.hex[:12]}"
    renditions = store.folder_key("renditions", asset.uuid, asset.created_at)
    _sweep(renditions, prefix, job.attempt)
    place = Path(settings.SCRATCH_DIR) / "stages" / str(asset.uuid)
    for attempt in range(1, job.attempt + 1):
        shutil.rmtree(place / f"{prefix}-{attempt}", ignore_errors=True)
    scratch = place / f"{prefix}-{job.attempt}"
    for name in ("inputs", "outputs"):
        (scratch / name).mkdir(parents=True)
    try:
        yield _Work(asset, stage, f"{renditions}/{prefix}-{job.attempt}", scratch)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
        with suppress(OSError):  # not empty: another stage is at work there
            place.rmdir()


def _sweep(renditions: str, prefix: str, attempt: int) -> None:
    """Delete files that a killed attempt stored but never recorded."""
    earlier = {f"{prefix}-{number}" for number in range(1, attempt)}
    left = {key for name, keys in store.listing(renditions).items() if name in earlier for key in keys}
    for key in left - set(Rendition.objects.filter(key__in=left).values_list("key", flat=True)):
        store.discard(key)


def _context(job: RunningJob, work: _Work, tools: Tools, key: str) -> StageContext:
    """The upload, and the results of the earlier stages, brought to this machine. Raises OSError where there is no room."""
    inputs = work.scratch / "inputs"
    source = work.asset.renditions.get(kind=RenditionKind.SOURCE)
    runs = {run.stage: run for run in work.asset.stage_runs.filter(state="done").order_by("id")}
    files = Rendition.objects.filter(run__in=list(runs.values()))
    try:
        upload = store.bring(source.key, inputs / "source")
        brought = {file.kind: store.bring(file.key, inputs / Path(file.key).name) for file in files}
    except (FileNotFoundError, store.NotAFile) as fault:
        raise TryAgain(STORE_FAULT) from fault
    return StageContext(
        source=upload,
        workspace=work.scratch / "outputs",
        facts={name: run.data for name, run in runs.items()},
        files=brought,
        request=request_of(work.asset),
        tools=tools,
        progress=job.progress,
        kept=work.kept(key),
        earlier=EarlierWorks(work.asset, clock.now()),
    )


def _store_and_record(job: RunningJob, work: _Work, tools: Tools, key: str, output: StageOutput) -> None:
    # What is not transcribed needs no sound of its own: hours of it are half a gigabyte.
    dumb = work.asset.purpose == Purpose.RECORDING
    kept = {kind: path for kind, path in output.files.items() if not (dumb and kind == RenditionKind.WAV)}
    stored = store_files(kept, work.folder)
    try:
        with transaction.atomic():
            job.hold()
            record_run(
                asset=work.asset, stage=work.stage, tools=tools, input_hash=key, output=output, stored=stored,
                job=job, now=clock.now(),
            )  # fmt: skip
            _move_on(work, output.data, [reason.to_json() for reason in output.refused], now=clock.now())
    except BaseException:
        discard_files(stored)
        raise


@transaction.atomic
def _advance(job: RunningJob, work: _Work, key: str) -> None:
    """The result is there already (another upload round, or killed between two steps): only move on."""
    job.hold()
    run = StageRun.objects.get(asset=work.asset, stage=work.stage.name, input_hash=key)
    refused = [
        check["note"] or {"code": check["name"], "values": {}}
        for check in run.data["checks"]
        if check["verdict"] == "fail"
    ]
    _move_on(work, run.data, refused, now=clock.now())


def _move_on(work: _Work, data: dict[str, object], refused: list[dict[str, object]], *, now: datetime) -> None:
    """From the stage's state to the next; asks for the next stage, or tells the news of the end."""
    asset, stage = work.asset, work.stage.name
    measured = {"duration_s": data["duration_s"]} if data.get("duration_s") is not None else {}
    after = AssetState.REJECTED if refused else state_after(stage, Purpose(asset.purpose))
    if after == asset.state:
        MediaAsset.objects.filter(pk=asset.pk, state=asset.state).update(moved_at=now, **measured)
    else:
        final = {"refusal": refused} if refused else {"ready_at": now} if after is AssetState.READY else {}
        if not asset.move(after, now=now, **measured, **final):
            raise Lost(asset.blind_code)
    following = next_stage(stage, Purpose(asset.purpose))
    judged = asset.purpose == Purpose.SUBMISSION
    if following and not refused:
        enqueue_stage(asset, following)
    elif judged:
        publish(MediaRefused(asset.uuid, tuple(refused)) if refused else EvidenceReady(asset.uuid))
    if after in SETTLED:
        audit.record(
            subject_kind=subject_kind(asset),
            subject=asset.uuid,
            action="refused" if refused else "ready",
            actor=None,
            fields={"state": after, "stage": stage},
            now=now,
        )


def note_dead_job(event: JobDied) -> None:
    """Hears JobDied: the work stands still, with the plain reason for the trainee; the job waits for staff."""
    if event.kind != STAGE_JOB:
        return
    asset = MediaAsset.objects.select_for_update().filter(uuid=event.subject).first()
    if asset is None or AssetState(asset.state) in SETTLED:
        return
    now = clock.now()
    if not asset.move(AssetState.FAILED, now=now, failure=event.reason[:500]):
        raise Lost(asset.blind_code)
    if asset.purpose == Purpose.SUBMISSION:
        publish(MediaStuck(asset.uuid, event.reason))
    audit.record(
        subject_kind=subject_kind(asset),
        subject=asset.uuid,
        action="stopped",
        actor=None,
        fields={"state": AssetState.FAILED, "attempts": event.attempts},
        now=now,
    )
