"""The stages' tools as this installation's settings name them: the one place where Django meets engines and rule packs."""

from dataclasses import replace
from pathlib import Path

from django.conf import settings

from lms.core.types import Level
from media_pipeline.assets.types import LONG, Purpose
from media_pipeline.engines.api import EngineHands, EngineSettings
from media_pipeline.packs.selectors import pack_in_force
from media_pipeline.stages.context import Tools
from media_pipeline.stages.ports import EngineError, RuleBook
from media_pipeline.stages.thresholds import BOOK, ThresholdFault, Thresholds, thresholds_in


def thresholds_of(purpose: Purpose = Purpose.SUBMISSION, level: Level | None = None) -> Thresholds:
    """What a work of this purpose and level is held against. Raises EngineError when this installation's file is wrong."""
    named = settings.CHECK_THRESHOLDS
    try:
        limits = thresholds_in(Path(named) if named else BOOK).of(purpose.value, level)
    except ThresholdFault as fault:
        raise EngineError(str(fault)) from fault
    return replace(limits, max_bytes=settings.UPLOAD_LONG_MAX_BYTES if purpose in LONG else settings.UPLOAD_MAX_BYTES)


def tools(purpose: Purpose = Purpose.SUBMISSION, book: RuleBook | None = None, level: Level | None = None) -> Tools:
    """Fresh hands (they count what they spend), the rule pack in force, the thresholds. Raises EngineError.

    book: another pack; with one no database is asked.
    """
    thresholds = thresholds_of(purpose, level)
    engines = EngineSettings(
        whisper_model=settings.WHISPER_MODEL,
        whisper_engine=settings.WHISPER_ENGINE,
        whisper_compute_type=settings.WHISPER_COMPUTE_TYPE,
        whisper_python=settings.WHISPER_PYTHON,
        ffmpeg=settings.FFMPEG,
        max_pixels=thresholds.max_pixels,
    )
    return Tools(EngineHands(engines), book or pack_in_force(), thresholds, settings.WHISPER_LANGUAGE)
