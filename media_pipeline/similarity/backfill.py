"""Fingerprints of works that were looked at before there were any: read again from what is stored of them."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from media_pipeline import toolbox
from media_pipeline.assets import store
from media_pipeline.assets.models import MediaAsset, Rendition
from media_pipeline.assets.types import Purpose, RenditionKind
from media_pipeline.similarity.services import keep_prints
from media_pipeline.similarity.texts import lines_of, said
from media_pipeline.stages.similarity import take


def without_prints(most: int = 0) -> Iterator[MediaAsset]:
    """Works that were measured and have no fingerprint, the oldest first; all of them where `most` is 0."""
    rows = (
        MediaAsset.submissions.filter(fingerprint=None, renditions__kind=RenditionKind.PROXY).distinct().order_by("pk")
    )
    yield from (rows[:most] if most else rows)


def fingerprint(asset: MediaAsset, folder: Path, *, now: datetime) -> bool:
    """Keep the fingerprints of a work; False when its files are gone. `folder` is empty. Raises EngineError."""
    runs = {run.stage: run for run in asset.stage_runs.order_by("id")}
    stored = Rendition.objects.filter(run__in=list(runs.values()), kind__in=(RenditionKind.PROXY, RenditionKind.WAV))
    try:
        files = {row.kind: store.bring(row.key, folder / Path(row.key).name) for row in stored}
    except (FileNotFoundError, store.NotAFile):
        return False
    facts = {stage: run.data for stage, run in runs.items()}
    workspace = folder / "prints"
    workspace.mkdir()
    hands = toolbox.tools(Purpose.SUBMISSION).hands
    keep_prints(asset, take(facts, files, workspace, hands), said(lines_of([asset.pk]).get(asset.pk, [])), now=now)
    return True
