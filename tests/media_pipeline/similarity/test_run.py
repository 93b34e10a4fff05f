"""The stage in the run of a work: what it finds is recorded once, and the same file waits for a person."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import call_command

from lms.core import audit, jobs
from media_pipeline.assets import store
from media_pipeline.assets.models import CheckResult, MediaAsset, Rendition, StageRun
from media_pipeline.assets.types import AssetState, Purpose, RenditionKind
from media_pipeline.similarity.models import Fingerprint, FingerprintKey, Lookalike
from media_pipeline.stages import prints
from tests.media_pipeline import cast as made
from tests.media_pipeline.cast import Cast, finish, hand_in
from tests.media_pipeline.similarity.scenes import film, host


@pytest.fixture(autouse=True)
def hashed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Works as if their pictures had been measured: each the same."""
    told = prints.packed(np.random.default_rng(5).integers(1, 2**63, 61 * prints.RATE, dtype=np.uint64))
    before = made.stage_output

    def output(name: str, folder: Path, *more: Any) -> Any:
        found = before(name, folder, *more)
        if name == "measure":
            found.data["pictures"] = told
        return found

    monkeypatch.setattr(made, "stage_output", output)


def compared(cast: Cast, who: str, content: bytes, folder: Path) -> MediaAsset:
    """A work whose last stage is done by the real worker."""
    asset = finish(hand_in(cast, who, content), folder)
    StageRun.objects.filter(asset=asset, stage="similarity")._raw_delete(using="default")
    MediaAsset.objects.filter(pk=asset.pk).update(state=AssetState.CHECKING, ready_at=None)
    jobs.Job.objects.all().delete()
    jobs.enqueue("media.stage", asset.uuid, key=f"{asset.uuid}:similarity")
    assert jobs.drain("media") == 1
    asset.refresh_from_db()
    return asset


def test_the_same_file_waits_and_what_it_is_like_is_recorded(cast: Cast, tmp_path: Path) -> None:
    first = compared(cast, "colleague", b"one", tmp_path)
    assert (first.state, Lookalike.objects.count()) == (AssetState.READY, 0)
    second = compared(cast, "owner", b"one", tmp_path)
    assert (second.state, second.refusal) == (AssetState.REJECTED, [{"code": "same_file", "values": {}}])
    match = Lookalike.objects.get()
    assert (match.asset, match.other, match.number, match.tie) == (second, first, 1, "other")
    assert [each["kind"] for each in match.measures] == ["file", "picture"]
    # Nothing of the other work stands where its owner's own data are read.
    assert "matches" not in StageRun.objects.get(asset=second, stage="similarity").data
    verdicts = dict(CheckResult.objects.filter(run=match.run).values_list("name", "verdict"))
    assert verdicts == {
        "duplicate_exact": "fail", "duplicate_video": "warn", "duplicate_audio": "not_run", "duplicate_text": "not_run",
        "resubmission": "pass",
    }  # fmt: skip
    assert audit.events_of(second.uuid)[-1].action == "refused"


def test_only_what_is_handed_in_for_the_assessment_is_compared(cast: Cast, tmp_path: Path) -> None:
    first = compared(cast, "colleague", b"one", tmp_path)
    MediaAsset.objects.filter(pk=first.pk).update(purpose=Purpose.HOMEWORK, product="", level=0)
    assert compared(cast, "owner", b"one", tmp_path).state == AssetState.READY


def test_works_of_versions_without_fingerprints_get_theirs(cast: Cast, tmp_path: Path, capsys: Any) -> None:
    old = finish(hand_in(cast, "colleague", b"old"), tmp_path)
    path = film(host(1, 10, seconds=12), "clean-tea", tmp_path / "clip.mp4")
    lost = finish(hand_in(cast, "stranger", b"lost"), tmp_path)
    for proxy in Rendition.objects.filter(kind=RenditionKind.PROXY):
        store.discard(proxy.key)
        if proxy.asset_id == old.pk:
            store.put_path(path, proxy.key)
    call_command("fingerprint_works")
    call_command("fingerprint_works", most=5)
    said = capsys.readouterr().out
    assert f"{old.blind_code} done\n{lost.blind_code} nothing to take: its files are gone\n1 fingerprints taken" in said
    held = Fingerprint.objects.get()
    assert (held.asset, len(held.pictures)) == (old, 61 * 8)
    assert FingerprintKey.objects.filter(fingerprint=held).count() == len(held.keys) // 8
