"""Tables of the media pipeline, a line a room."""

from media_pipeline.assets.models import (
    CaptionVersion,
    CheckResult,
    CheckThresholds,
    CheckWaiver,
    FeatureSheet,
    Finding,
    MediaAsset,
    Rendition,
    StageRun,
    Transcript,
    TranscriptSegment,
)
from media_pipeline.packs.models import PackMove, PackText, PackTrial, RulePack, RuleRuling
from media_pipeline.rechecks.models import Recheck, RecheckedWork
from media_pipeline.similarity.models import Fingerprint, FingerprintKey, Lookalike, LookalikeRelease
from media_pipeline.uploads.models import Upload

__all__ = [
    "CaptionVersion",
    "CheckResult",
    "CheckThresholds",
    "CheckWaiver",
    "FeatureSheet",
    "Finding",
    "Fingerprint",
    "FingerprintKey",
    "Lookalike",
    "LookalikeRelease",
    "MediaAsset",
    "PackMove",
    "PackText",
    "PackTrial",
    "Recheck",
    "RecheckedWork",
    "Rendition",
    "RulePack",
    "RuleRuling",
    "StageRun",
    "Transcript",
    "TranscriptSegment",
    "Upload",
]
