"""The stages' tools as this installation's settings name them: the one place where Django meets engines and rule packs."""

from dataclasses import replace

from django.conf import settings

from media_pipeline.assets.types import Purpose
from media_pipeline.engines.api import EngineHands, EngineSettings
from media_pipeline.rulepacks.api import current_pack
from media_pipeline.stages.context import Tools
from media_pipeline.stages.thresholds import MATERIAL, Thresholds


def tools(purpose: Purpose = Purpose.SUBMISSION) -> Tools:
    """Fresh hands (they count what they spend), the rule pack in force, the thresholds. Raises EngineError."""
    limits = Thresholds() if purpose is Purpose.SUBMISSION else MATERIAL
    thresholds = replace(limits, max_bytes=settings.UPLOAD_MAX_BYTES)
    engines = EngineSettings(
        whisper_model=settings.WHISPER_MODEL,
        whisper_engine=settings.WHISPER_ENGINE,
        whisper_compute_type=settings.WHISPER_COMPUTE_TYPE,
        ffmpeg=settings.FFMPEG,
        max_pixels=thresholds.max_pixels,
    )
    return Tools(EngineHands(engines), current_pack(), thresholds)
