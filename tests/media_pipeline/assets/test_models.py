"""What the tables themselves refuse."""

from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from lms.core.states import IllegalMove
from media_pipeline.assets.models import CheckResult, MediaAsset, Rendition, StageRun
from media_pipeline.assets.types import AssetState
from tests.media_pipeline.cast import NOW, Cast, finish, hand_in

A_HASH = "a" * 64


def run_of(asset: MediaAsset, **changes: Any) -> StageRun:
    fields = {"stage": "intake", "input_hash": A_HASH, "version": "1", "state": "done", "data": {}, "wall_s": 0,
              "cpu_s": 0, "finished_at": NOW}  # fmt: skip
    return StageRun.objects.create(asset=asset, **(fields | changes))


@pytest.mark.parametrize(
    "changes",
    (
        {"state": "scored"},
        {"size": 0},
        {"size": -1},
        {"sha256": "abc"},
        {"product": "weapons"},
        {"level": 6},
        {"duration_s": -0.1},
        {"blind_code": ""},
        {"state": AssetState.READY},
        {"state": AssetState.REJECTED},
    ),
)
def test_a_work_that_cannot_be_is_refused(cast: Cast, changes: dict[str, Any]) -> None:
    asset = hand_in(cast)
    with pytest.raises(IntegrityError), transaction.atomic():
        MediaAsset.objects.filter(pk=asset.pk).update(**changes)


def test_blind_codes_and_forms_are_unique(cast: Cast) -> None:
    first, second = hand_in(cast), hand_in(cast)
    for field in ("blind_code", "form_token"):
        with pytest.raises(IntegrityError), transaction.atomic():
            MediaAsset.objects.filter(pk=second.pk).update(**{field: getattr(first, field)})


def test_one_input_has_one_result(cast: Cast) -> None:
    asset = hand_in(cast)
    run_of(asset)
    run_of(asset, stage="measure")
    run_of(asset, input_hash="b" * 64)
    run_of(hand_in(cast))
    with pytest.raises(IntegrityError), transaction.atomic():
        run_of(asset)


@pytest.mark.parametrize("changes", ({"state": "running"}, {"input_hash": "abc"}, {"wall_s": -1}, {"attempt": 0}))
def test_a_run_that_cannot_be_is_refused(cast: Cast, changes: dict[str, Any]) -> None:
    asset = hand_in(cast)
    with pytest.raises(IntegrityError), transaction.atomic():
        run_of(asset, **changes)


def test_a_work_has_one_source_and_every_other_file_has_a_run(cast: Cast) -> None:
    asset = hand_in(cast)
    fields = {"asset": asset, "size": 1, "sha256": A_HASH, "mime": "video/mp4"}
    for kind in ("source", "proxy", "unknown"):
        with pytest.raises(IntegrityError), transaction.atomic():
            Rendition.objects.create(kind=kind, key=uuid4().hex, **fields)


def test_a_verdict_is_one_of_five(cast: Cast) -> None:
    run = run_of(hand_in(cast))
    with pytest.raises(IntegrityError), transaction.atomic():
        CheckResult.objects.create(run=run, position=0, name="size", verdict="maybe")


def test_evidence_is_written_once(cast: Cast, tmp_path) -> None:
    asset = finish(hand_in(cast), tmp_path)
    run = asset.stage_runs.first()
    assert run is not None
    with pytest.raises(TypeError):
        run.save()
    with pytest.raises(TypeError):
        run.delete()
    with pytest.raises(TypeError):
        CheckResult.objects.update(verdict="pass")
    with pytest.raises(TypeError):
        run.findings.all().delete()


def test_a_move_is_made_once_and_only_as_the_table_says(cast: Cast) -> None:
    asset = hand_in(cast)
    twin = MediaAsset.objects.get(pk=asset.pk)
    assert asset.move(AssetState.VALIDATING, now=NOW)
    assert not twin.move(AssetState.VALIDATING, now=NOW)
    with pytest.raises(IllegalMove):
        asset.move(AssetState.CHECKING, now=NOW)
    assert twin.state == AssetState.UPLOADED
