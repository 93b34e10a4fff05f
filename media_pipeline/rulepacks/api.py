"""The door of the rule packs: the pack in force, and the masking of names for a blind desk."""

from functools import lru_cache
from pathlib import Path

from media_pipeline.rulepacks.loading import DATA, content_hash, load_excuses, load_rules, load_statements
from media_pipeline.rulepacks.logic import Matcher
from media_pipeline.rulepacks.selfintro import mask_cues, mask_self_introduction

__all__ = ["Matcher", "current_pack", "mask_cues", "mask_self_introduction"]


@lru_cache(maxsize=4)
def current_pack(folder: Path = DATA) -> Matcher:
    """The pack in `folder`, built once a process (0.2 s)."""
    return Matcher.build(content_hash(folder), load_rules(folder), load_excuses(folder), load_statements(folder))
