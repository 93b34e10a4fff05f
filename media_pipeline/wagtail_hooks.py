"""What the rooms of the media pipeline add to Wagtail's admin."""

from media_pipeline.packs import hooks as packs
from media_pipeline.rechecks import hooks as rechecks

__all__ = ["packs", "rechecks"]
