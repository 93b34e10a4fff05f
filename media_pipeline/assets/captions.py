"""Captions: what the machine heard, and what people made of it. A correction is a new version; nothing is overwritten."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from lms.core import audit
from media_pipeline.assets.logic import corrected, faults
from media_pipeline.assets.models import CaptionVersion, MediaAsset, StageRun, TranscriptSegment
from media_pipeline.assets.services import subject_kind
from media_pipeline.assets.types import CaptionLine, Captions, Purpose
from media_pipeline.stages.captions import caption_text

__all__ = ["CaptionsRefused", "captions_at", "captions_of", "captions_vtt", "correct_captions", "machine_captions"]


class CaptionsRefused(Exception):
    """A foreseen refusal. `message` says why in plain words; `line` is the id of the line, None for all of them."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


def captions_of(asset: UUID) -> Captions | None:
    """The newest version; the machine's own where nobody corrected; None before anything was transcribed."""
    newest = CaptionVersion.objects.filter(asset__uuid=asset).order_by("-number").first()
    return _read(asset, newest) if newest else machine_captions(asset)


def machine_captions(asset: UUID) -> Captions | None:
    """What the machine heard, for good."""
    run = StageRun.objects.filter(asset__uuid=asset, stage="transcribe", state="done").order_by("-id").first()
    if run is None:
        return None
    rows = TranscriptSegment.objects.filter(transcript__run=run).order_by("index")
    heard = list(rows.values_list("index", "start_s", "end_s", "text", "low_trust"))
    doubtful = frozenset(index for index, _start, _end, _text, low_trust in heard if low_trust)
    return Captions(asset, 0, tuple(CaptionLine(*row[:4]) for row in heard), doubtful)


def _read(asset: UUID, row: CaptionVersion) -> Captions:
    return Captions(asset, row.number, tuple(CaptionLine(**line) for line in row.lines))


def captions_at(asset: UUID, number: int) -> Captions | None:
    """One version, None when there is no such."""
    if number == 0:
        return machine_captions(asset)
    row = CaptionVersion.objects.filter(asset__uuid=asset, number=number).first()
    return _read(asset, row) if row else None


def captions_vtt(asset: UUID) -> str:
    """The newest version as WebVTT; without a line where nothing was said."""
    captions = captions_of(asset)
    return caption_text((line.start_s, line.end_s, line.text) for line in (captions.lines if captions else ()))


def correct_captions(
    *,
    by: UUID,
    asset: UUID,
    base: int,
    changed: Mapping[int, CaptionLine | None],
    added: Sequence[CaptionLine] = (),
    now: datetime,
) -> Captions:
    """A new version: `changed` replaces lines by id (None takes one out), `added` puts new ones in (their ids are given
    here). `base` is the version that was on the screen: lines that somebody else changed since are not overwritten.

    Nothing to change gives the newest version back. Raises CaptionsRefused; MediaAsset.DoesNotExist for a submission.
    """
    try:
        with transaction.atomic():
            return _correct(by, asset, base, changed, added, now)
    except IntegrityError as race:
        raise CaptionsRefused(_("Somebody saved these captions at the same moment. Please save again.")) from race


def _correct(
    by: UUID,
    asset: UUID,
    base: int,
    changed: Mapping[int, CaptionLine | None],
    added: Iterable[CaptionLine],
    now: datetime,
) -> Captions:
    row = MediaAsset.objects.exclude(purpose=Purpose.SUBMISSION).select_for_update().get(uuid=asset)
    seen, newest = captions_at(asset, base), captions_of(asset)
    if seen is None or newest is None:
        raise CaptionsRefused(_("These captions are not there yet. Please reload the page."))
    lines, lost = corrected(seen.lines, newest.lines, changed, tuple(added))
    if lost is not None:
        raise CaptionsRefused(_("Somebody else has changed this line since. Compare and save again."), lost)
    for line, fault in faults(lines, row.duration_s):
        raise CaptionsRefused(_FAULTS[fault](), line)
    if lines == newest.lines:
        return newest
    body = [asdict(line) for line in lines]
    sha256 = hashlib.sha256(json.dumps(body, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
    CaptionVersion.objects.create(
        asset=row, number=newest.number + 1, base=newest.number, lines=body, sha256=sha256, by=by, created_at=now
    )
    audit.record(
        subject_kind=subject_kind(row),
        subject=asset,
        action="captions_corrected",
        actor=by,
        fields={"number": newest.number + 1, "lines": len(lines), "sha256": sha256},
        now=now,
    )
    return Captions(asset, newest.number + 1, lines)


_FAULTS = {
    "order": lambda: _("A line must end after it begins."),
    "outside": lambda: _("This line lies outside the video."),
    "long": lambda: _("A line may have at most 120 characters. Please make two of it."),
}
