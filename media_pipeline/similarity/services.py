"""Fingerprints kept and forgotten, matches recorded, a work released."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import numpy as np
from django.db import transaction
from django.utils.translation import gettext as _

from lms.core import audit
from lms.core.events import publish
from media_pipeline.assets.events import EvidenceReady
from media_pipeline.assets.models import MediaAsset, StageRun
from media_pipeline.assets.types import AssetState
from media_pipeline.similarity.candidates import drop_keys, write_keys
from media_pipeline.similarity.models import Fingerprint, Lookalike, LookalikeRelease
from media_pipeline.similarity.texts import Said
from media_pipeline.stages.prints import Prints, picture_keys, sound_keys, stored
from media_pipeline.stages.types import Json


class ReleaseRefused(Exception):
    """A foreseen refusal; `message` says why in plain words."""

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.field = field


@transaction.atomic
def keep_prints(asset: MediaAsset, prints: Prints, words: Said, *, now: datetime) -> Fingerprint:
    """The fingerprint of a work and its rows in the index; those of an earlier version make room."""
    MediaAsset.objects.select_for_update().get(pk=asset.pk)
    _forget(Fingerprint.objects.filter(asset=asset))
    pictures = stored(prints.pictures)
    sound = prints.sounds.get("as_is", np.zeros(0, dtype=np.uint32))
    row = Fingerprint(
        asset=asset,
        pictures=pictures.astype("<u8").tobytes(),
        sound=sound.astype("<u4").tobytes(),
        keys=b"",
        made_at=now,
    )
    row.save()
    written = write_keys(row, picture_keys(pictures) | sound_keys([sound]) | words.keys)
    row.keys = np.array(written, dtype="<i8").tobytes()
    row.save(update_fields=["keys"])
    return row


def _forget(rows: Iterable[Fingerprint]) -> None:
    for row in rows:
        drop_keys(row, np.frombuffer(row.keys, "<i8").tolist())
        row.delete()


def record_matches(run: StageRun, matches: Iterable[Json], *, now: datetime) -> None:
    """What a run found its work to be like; a later run of the same work puts its own in their place."""
    Lookalike.objects.filter(asset=run.asset).delete()
    Lookalike.objects.bulk_create(
        [
            Lookalike(
                asset=run.asset,
                other_id=match["other"],
                run=run,
                number=number,
                tie=match["tie"],
                measures=match["measures"],
                found_at=now,
            )
            for number, match in enumerate(matches, start=1)
        ]
    )


@transaction.atomic
def forget_prints(*, work: UUID, now: datetime) -> None:
    """Before a work is erased: its fingerprints, its rows in the index, and every match that names it. Until then the database
    does not let the work go. Idempotent."""
    asset = MediaAsset.objects.select_for_update().get(uuid=work)
    _forget(Fingerprint.objects.filter(asset=asset))
    Lookalike.objects.filter(asset=asset).delete()
    Lookalike.objects.filter(other=asset).delete()
    audit.record(subject_kind="submission", subject=work, action="prints_forgotten", actor=None, fields={}, now=now)


@transaction.atomic
def release_work(*, by: UUID, work: UUID, reason: str, now: datetime) -> LookalikeRelease:
    """Let a work that is the same file as somebody else's go on to scoring. Who may is decided above. Raises ReleaseRefused,
    MediaAsset.DoesNotExist."""
    asset = MediaAsset.submissions.select_for_update().get(uuid=work)
    words = reason.strip()
    if not is_held(asset):
        raise ReleaseRefused(_("This work is not held back any more."))
    if not words:
        raise ReleaseRefused(_("Write the reason: it is kept on file"), field="reason")
    row = LookalikeRelease.objects.create(asset=asset, reason=words[:1000], by=by, at=now)
    asset.move(AssetState.READY, now=now, ready_at=now, refusal=[])
    publish(EvidenceReady(asset.uuid))
    audit.record(
        subject_kind="submission",
        subject=asset.uuid,
        action="duplicate_released",
        actor=by,
        fields={"release": row.uuid, "state": AssetState.READY},
        now=now,
    )
    return row


def is_held(asset: MediaAsset) -> bool:
    """Whether nothing but the same file of somebody else keeps it from being scored."""
    return asset.state == AssetState.REJECTED and {reason["code"] for reason in asset.refusal} == {"same_file"}
