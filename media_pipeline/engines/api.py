"""The door of the engines: hands for the stages, and the weights they need."""

from media_pipeline.engines.children import WALLS, standing_walls
from media_pipeline.engines.hands import EngineHands, EngineSettings
from media_pipeline.engines.weights import fetch as fetch_weights
from media_pipeline.stages.ports import EngineError, EngineLimit, Hands

__all__ = [
    "WALLS",
    "EngineError",
    "EngineHands",
    "EngineLimit",
    "EngineSettings",
    "Hands",
    "fetch_weights",
    "standing_walls",
]
