"""Tables of the media pipeline, a line a room."""

from media_pipeline.assets.models import (
    CaptionVersion,
    CheckResult,
    Finding,
    MediaAsset,
    Rendition,
    StageRun,
    Transcript,
    TranscriptSegment,
)

__all__ = [
    "CaptionVersion",
    "CheckResult",
    "Finding",
    "MediaAsset",
    "Rendition",
    "StageRun",
    "Transcript",
    "TranscriptSegment",
]
