"""Two workers on one stage at the same moment, on a database with real row locks."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Lock
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connections
from django.db.models import F

from lms.core import audit
from lms.core.jobs import LeaseLost, runner
from lms.core.jobs.models import Job
from media_pipeline.assets.models import CheckResult, MediaAsset, Rendition, StageRun
from media_pipeline.assets.types import AssetState
from media_pipeline.runs import services
from media_pipeline.stages.api import Stage, StageContext, StageOutput
from tests.media_pipeline.cast import NOW, build_cast, hand_in, stage_output
from tests.media_pipeline.runs.test_services import claim_for, stored_below

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
THREADS = 4


def at_once(work: Callable[[int], Any]) -> list[Any]:
    """Results or exceptions of `work(0…)`, all begun at one moment, each thread with its own connection."""

    def run(number: int) -> Any:
        try:
            return work(number)
        except (IntegrityError, services.Lost, LeaseLost, FileNotFoundError) as fault:
            return fault
        finally:
            connections.close_all()

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(run, range(THREADS)))


@pytest.fixture
def together(monkeypatch: pytest.MonkeyPatch) -> Barrier:
    """Every worker has done the stage before the first one records it."""
    barrier = Barrier(THREADS, timeout=20)

    def execute(stage: Stage, context: StageContext) -> StageOutput:
        output = stage_output(stage.name, context.workspace)
        barrier.wait()
        return output

    monkeypatch.setattr(Stage, "execute", execute)
    return barrier


def only_one_result(asset: MediaAsset) -> None:
    assert StageRun.objects.filter(asset=asset).count() == 1
    assert CheckResult.objects.count() == 1
    assert Job.objects.filter(key=f"{asset.uuid}:transcribe").count() == 1
    assert stored_below(asset) == set(Rendition.objects.filter(asset=asset).values_list("key", flat=True))
    asset.refresh_from_db()
    assert (asset.state, asset.duration_s) == (AssetState.QUEUED, 61.0)
    assert audit.verify(asset.uuid).ok


def test_workers_that_all_believe_to_hold_the_job_record_one_result(together: Barrier) -> None:
    """Even if every claim were true: the table and the compare-and-set of the state decide."""
    asset = hand_in(build_cast())
    MediaAsset.objects.filter(pk=asset.pk).update(state=AssetState.VALIDATING)

    def work(number: int) -> str:
        claim = claim_for(asset, attempt=1, job=uuid4())
        claim.key = f"{asset.uuid}:measure"
        services.run_stage(claim)
        return "recorded"

    outcomes = at_once(work)
    losers = [outcome for outcome in outcomes if outcome != "recorded"]
    assert (outcomes.count("recorded"), len(losers)) == (1, THREADS - 1)
    assert {type(loser) for loser in losers} <= {IntegrityError, services.Lost}
    only_one_result(asset)


def test_of_workers_that_took_the_job_over_from_each_other_only_the_last_records(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asset = hand_in(build_cast())
    MediaAsset.objects.filter(pk=asset.pk).update(state=AssetState.VALIDATING)
    row = Job.objects.create(
        kind="media.stage", subject=asset.uuid, key=f"{asset.uuid}:measure", cluster="media", state="running",
        attempt=1, max_attempts=9, token=uuid4(), lease_until=NOW, not_before=NOW, created_at=NOW,
    )  # fmt: skip
    barrier, one_by_one = Barrier(THREADS, timeout=20), Lock()

    def execute(stage: Stage, context: StageContext) -> StageOutput:
        output = stage_output(stage.name, context.workspace)
        one_by_one.release()
        barrier.wait()
        return output

    monkeypatch.setattr(Stage, "execute", execute)

    def work(number: int) -> str:
        one_by_one.acquire()
        Job.objects.filter(pk=row.pk).update(token=uuid4(), attempt=F("attempt") + 1)
        services.run_stage(runner.Claim(Job.objects.get(pk=row.pk)))
        return "recorded"

    outcomes = at_once(work)
    losers = [outcome for outcome in outcomes if outcome != "recorded"]
    assert (outcomes.count("recorded"), len(losers)) == (1, THREADS - 1)
    # The next attempt sweeps the folders of earlier ones: a late worker may find its own gone, and ends there.
    assert {type(loser) for loser in losers} <= {LeaseLost, FileNotFoundError}
    assert StageRun.objects.get(asset=asset).attempt == Job.objects.get(pk=row.pk).attempt
    only_one_result(asset)


def test_the_same_form_at_once_is_one_work(tmp_path: Path) -> None:
    cast, token = build_cast(), uuid4()
    barrier = Barrier(THREADS, timeout=20)

    def work(number: int) -> Any:
        barrier.wait()
        return hand_in(cast, form_token=token).uuid

    works = set(at_once(work))
    asset = MediaAsset.objects.get()
    assert works == {asset.uuid}
    assert Job.objects.filter(subject=asset.uuid).count() == 1
    assert stored_below(asset) == {asset.renditions.get().key}
