"""Tables of the media pipeline, a line a room."""

from media_pipeline.assets.models import (
    CheckResult,
    Finding,
    MediaAsset,
    Rendition,
    StageRun,
    Transcript,
    TranscriptSegment,
)

__all__ = ["CheckResult", "Finding", "MediaAsset", "Rendition", "StageRun", "Transcript", "TranscriptSegment"]
