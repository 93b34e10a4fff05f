"""Writes that several rooms of the pipeline share."""

from collections.abc import Iterable
from datetime import datetime
from itertools import islice
from uuid import UUID

from lms.core.jobs import Job, enqueue
from media_pipeline.assets import store
from media_pipeline.assets.models import MediaAsset, Rendition
from media_pipeline.assets.types import STAGE_JOB, Purpose

_BATCH = 500
# Where the uploads of a purpose lie in private storage.
FOLDERS = {
    Purpose.SUBMISSION: "submissions",
    Purpose.LESSON: "materials",
    Purpose.HOMEWORK: "materials",
    Purpose.RECORDING: "recordings",
}


def subject_kind(asset: MediaAsset) -> str:
    """What the audit calls it: submission, lesson_video, homework_video, recording_video."""
    return "submission" if asset.purpose == Purpose.SUBMISSION else f"{asset.purpose}_video"


def enqueue_stage(asset: MediaAsset, stage: str) -> Job:
    """Ask for one stage of one work; inside the caller's transaction."""
    return enqueue(STAGE_JOB, asset.uuid, key=f"{asset.uuid}:{stage}")


def seal_work(*, work: UUID, now: datetime) -> None:
    """Its scoring begins: no other video takes its place from now on. Idempotent."""
    MediaAsset.submissions.filter(uuid=work, sealed_at=None).update(sealed_at=now)


def discard_unnamed(keys: Iterable[str]) -> None:
    """Delete stored files that no row names: an interrupt may arrive after the commit that recorded them."""
    asked = set(keys)
    for key in asked - set(Rendition.objects.filter(key__in=asked).values_list("key", flat=True)):
        store.discard(key)


def discard_orphans(*, before: datetime) -> int:
    """Delete what killed processes stored, whole or in part, but never recorded; how many files. `before` is real time.

    Nothing goes when no file there is one the database names: that is another installation's folder, or an empty database.
    """
    found = store.walk("renditions", *sorted(set(FOLDERS.values())))
    ours = 0
    orphans: list[str] = []
    while batch := list(islice(found, _BATCH)):
        named = set(Rendition.objects.filter(key__in=batch).values_list("key", flat=True))
        ours += len(named)
        orphans += [key for key in batch if key not in named and store.is_older(key, before)]
    if not ours:
        return 0
    # Asked again: a row may have been written since the names were read.
    for start in range(0, len(orphans), _BATCH):
        discard_unnamed(orphans[start : start + _BATCH])
    return len(orphans)
