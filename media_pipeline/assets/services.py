"""Writes that several rooms of the pipeline share."""

from lms.core.jobs import Job, enqueue
from media_pipeline.assets.models import MediaAsset
from media_pipeline.assets.types import STAGE_JOB


def enqueue_stage(asset: MediaAsset, stage: str) -> Job:
    """Ask for one stage of one work; inside the caller's transaction."""
    return enqueue(STAGE_JOB, asset.uuid, key=f"{asset.uuid}:{stage}")
