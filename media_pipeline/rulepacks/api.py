"""The door of the rule packs: packs as matchers, and the masking of names for a blind desk."""

from functools import lru_cache
from pathlib import Path

from media_pipeline.rulepacks.check import check
from media_pipeline.rulepacks.document import Parts, read_document
from media_pipeline.rulepacks.loading import DATA, shipped_document
from media_pipeline.rulepacks.logic import Matcher
from media_pipeline.rulepacks.selfintro import mask_cues, mask_self_introduction

__all__ = ["Matcher", "check", "current_pack", "mask_cues", "mask_self_introduction", "matcher_of"]


@lru_cache(maxsize=4)
def current_pack(folder: Path = DATA) -> Matcher:
    """The shipped pack in `folder`, built once a process (0.5 s)."""
    return matcher_of(read_document(shipped_document(folder)))


def matcher_of(parts: Parts) -> Matcher:
    """A pack, ready to read."""
    return Matcher.build(parts.version, parts.rules, parts.excuses, parts.statements)
