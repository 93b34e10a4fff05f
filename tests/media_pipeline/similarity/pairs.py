"""Works that were found to be like another, without comparing."""

from typing import Any

from media_pipeline.assets.models import MediaAsset
from media_pipeline.assets.types import AssetState
from media_pipeline.similarity.services import record_matches
from tests.media_pipeline.cast import NOW

PICTURE = {
    "kind": "picture", "value": 0.83, "threshold": 0.6, "warns": True, "how": "mirrored",
    "stretches": [{"own_start": 2.0, "own_end": 40.0, "other_start": 9.0, "other_end": 47.0}],
}  # fmt: skip
TEXT = {
    "kind": "text", "value": 0.71, "threshold": 0.4, "warns": True, "how": "",
    "stretches": [{"own_start": 0.0, "own_end": 10.0, "other_start": 5.0, "other_end": 15.0}],
}  # fmt: skip
FILE = {"kind": "file", "value": 1.0, "threshold": 1.0, "warns": True, "how": "", "stretches": []}


def beside(asset: MediaAsset, other: MediaAsset, *measures: dict[str, Any], tie: str = "other") -> MediaAsset:
    """A finished work with one match."""
    run = asset.stage_runs.get(stage="similarity")
    told = list(measures or (PICTURE, TEXT))
    record_matches(run, [{"other": other.pk, "tie": tie, "measures": told}], now=NOW)
    return asset


def held_back(asset: MediaAsset, other: MediaAsset) -> MediaAsset:
    """A work that is the same file as somebody else's."""
    MediaAsset.objects.filter(pk=asset.pk).update(
        state=AssetState.REJECTED, ready_at=None, refusal=[{"code": "same_file", "values": {}}]
    )
    asset.refresh_from_db()
    return beside(asset, other, FILE, PICTURE)
