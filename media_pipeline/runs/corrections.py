"""A person's transcript of a work: a new version beside the machine's, and the findings read in it again (ADR 0029).

It is recorded as one more run of the two stages that deal with words, so whatever reads the newest run of a stage (evidence,
captions, checks, findings, a later reading under another pack) reads what was said, and every earlier result stays.
"""

import hashlib
import json
import tempfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from lms.core import audit, clock
from lms.core.types import Level
from media_pipeline import toolbox
from media_pipeline.assets.evidence import CORRECTED, transcript_versions
from media_pipeline.assets.logic import corrected, faults
from media_pipeline.assets.models import MediaAsset, StageRun, TranscriptEdit
from media_pipeline.assets.services import subject_kind
from media_pipeline.assets.types import AssetState, CaptionLine, Purpose, TranscriptLine, TranscriptVersion
from media_pipeline.packs.selectors import pack_in_force
from media_pipeline.runs.recording import record_run
from media_pipeline.runs.services import request_of
from media_pipeline.stages.api import Cue, StageContext, StageOutput, Tools, stage_named
from media_pipeline.stages.corrections import Listened, reheard, relistened

__all__ = ["TranscriptRefused", "correct_transcript"]

LONGEST_REASON = 300


class TranscriptRefused(Exception):
    """A foreseen refusal. `message` says why in plain words; `line` is the id of the line, `field` the form's field."""

    def __init__(self, message: str, *, line: int | None = None, field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.field = field


def correct_transcript(
    *,
    by: UUID,
    work: UUID,
    base: int,
    texts: Mapping[int, str],
    heard: Collection[int],
    added: Sequence[tuple[float, float, str]] = (),
    reason: str,
    now: datetime,
) -> TranscriptVersion:
    """A new version of a finished work's transcript: `texts` rewrites lines by id (empty: nothing was said there), `heard` are
    lines listened to that are right as they stand, `added` (start, end, text) what the machine missed.

    `base` is the version that was on the screen: a line somebody else rewrote since is not overwritten. The findings are read
    again with the pack that read them first. Nothing to change gives the newest version back.
    Raises TranscriptRefused; MediaAsset.DoesNotExist unless it is a finished work.
    """
    try:
        with transaction.atomic():
            return _correct(by, work, base, texts, heard, added, reason.strip(), now)
    except IntegrityError as race:
        raise TranscriptRefused(_("Somebody saved this transcript at the same moment. Please save again.")) from race


def _correct(
    by: UUID,
    work: UUID,
    base: int,
    texts: Mapping[int, str],
    heard: Collection[int],
    added: Sequence[tuple[float, float, str]],
    reason: str,
    now: datetime,
) -> TranscriptVersion:
    asset = MediaAsset.submissions.select_for_update().get(uuid=work, state=AssetState.READY)
    versions = transcript_versions(work)
    newest = versions[-1]
    seen = next((version for version in versions if version.number == base), None)
    if seen is None:
        raise TranscriptRefused(_("This version of the transcript is not there. Please reload the page."))
    lines = _merged(seen, newest, texts, heard, added, asset.duration_s)
    if lines == newest.lines:
        return newest
    if not reason:
        raise TranscriptRefused(_("Say why the transcript is corrected; it goes on file."), field="reason")
    if len(reason) > LONGEST_REASON:
        raise TranscriptRefused(_("At most %(count)d characters.") % {"count": LONGEST_REASON}, field="reason")
    runs = {run.stage: run for run in asset.stage_runs.filter(state="done").order_by("id")}
    cues = {
        line.id: Cue.from_json(cue) for line, cue in zip(newest.lines, runs["transcribe"].data["cues"], strict=True)
    }
    made = relistened(Listened(cues.get(line.id), line.start_s, line.end_s, line.text, line.sure) for line in lines)
    # What has no letter left is no line; the others keep their order.
    kept = [line for line in lines if any(char.isalnum() for char in line.text)]
    final = tuple(replace(line, text=cue.text, low_trust=cue.low_trust) for line, cue in zip(kept, made, strict=True))
    body = [asdict(line) for line in final]
    sha256 = hashlib.sha256(json.dumps(body, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
    number = newest.number + 1
    run, findings = _record(asset, runs, made, number, sha256, now)
    TranscriptEdit.objects.create(
        asset=asset,
        run=run,
        number=number,
        base=newest.number,
        lines=body,
        sha256=sha256,
        reason=reason,
        by=by,
        created_at=now,
    )
    audit.record(
        subject_kind=subject_kind(asset),
        subject=asset.uuid,
        action="transcript_corrected",
        actor=by,
        fields={"number": number, "lines": len(final), "findings": findings, "sha256": sha256},
        now=now,
    )
    return TranscriptVersion(work, number, final, by, reason, now)


def _merged(
    seen: TranscriptVersion,
    newest: TranscriptVersion,
    texts: Mapping[int, str],
    heard: Collection[int],
    added: Sequence[tuple[float, float, str]],
    duration_s: float | None,
) -> tuple[TranscriptLine, ...]:
    """The newest lines with what she changed. Raises TranscriptRefused on what somebody else rewrote meanwhile."""
    shown = {line.id: line for line in seen.lines}
    unknown = [number for number in (*texts, *heard) if number not in shown]
    if unknown:
        raise TranscriptRefused(_("This line is not there. Please reload the page."))
    changed: dict[int, CaptionLine | None] = {}
    for number, text in texts.items():
        words = " ".join(text.split())
        changed[number] = replace(_caption(shown[number]), text=words) if words else None
    extra = [CaptionLine(-1, start, end, " ".join(text.split())) for start, end, text in added if text.strip()]
    merged, lost = corrected(list(map(_caption, seen.lines)), list(map(_caption, newest.lines)), changed, extra)
    if lost is not None:
        words = _("Another examiner has rewritten this line since. Listen once more, compare and save again.")
        raise TranscriptRefused(words, line=lost)
    for number, fault in faults(merged, duration_s):
        raise TranscriptRefused(_FAULTS[fault](), line=number)
    before = {line.id: line for line in newest.lines}
    return tuple(_line(line, before.get(line.id), line.id in heard) for line in merged)


def _caption(line: TranscriptLine) -> CaptionLine:
    return CaptionLine(line.id, line.start_s, line.end_s, line.text)


def _line(line: CaptionLine, before: TranscriptLine | None, heard: bool) -> TranscriptLine:
    """Who rewrites a line has listened to it."""
    if before is None:
        return TranscriptLine(line.id, line.start_s, line.end_s, line.text, sure=True)
    sure = heard or before.sure or line.text != before.text
    return replace(before, text=line.text, sure=sure, low_trust=before.low_trust and not sure)


def _record(
    asset: MediaAsset, runs: Mapping[str, StageRun], cues: Sequence[Cue], number: int, sha256: str, now: datetime
) -> tuple[StageRun, int]:
    """The two runs of this version, and how many findings there are now."""
    edits = TranscriptEdit.objects.filter(asset=asset).values("run__input_hash")
    first = asset.stage_runs.filter(stage="compliance", state="done").exclude(input_hash__in=edits).latest("id")
    book = pack_in_force(clock.day_of(first.finished_at))
    tools = toolbox.tools(Purpose(asset.purpose), book, Level(asset.level) if asset.level else None)
    transcribe, compliance = stage_named("transcribe"), stage_named("compliance")
    heard = StageOutput(reheard(runs["transcribe"].data, cues, tools.thresholds))
    engines = {**runs["transcribe"].engines, CORRECTED: str(number)}
    key = hashlib.sha256(f"{runs['transcribe'].input_hash}{sha256}".encode()).hexdigest()
    made = record_run(
        asset=asset,
        stage=transcribe,
        tools=tools,
        input_hash=key,
        output=heard,
        stored={},
        job=None,
        now=now,
        engines=engines,
    )
    read = _read(asset, runs, heard, tools)
    record_run(asset=asset, stage=compliance, tools=tools, input_hash=key, output=read, stored={}, job=None, now=now)
    return made, len(read.data["findings"])


def _read(asset: MediaAsset, runs: Mapping[str, StageRun], heard: StageOutput, tools: Tools) -> StageOutput:
    """The compliance stage on these words."""
    facts = {name: run.data for name, run in runs.items()} | {"transcribe": heard.data}
    with tempfile.TemporaryDirectory(prefix="kaibo-") as folder:
        place = Path(folder)
        context = StageContext(place, place, facts, {}, request_of(asset), tools, lambda share: None)
        return stage_named("compliance").execute(context)


_FAULTS = {
    "order": lambda: _("A line must end after it begins."),
    "outside": lambda: _("This line lies outside the video."),
    "long": lambda: _("A line may have at most 120 characters. Please make two of it."),
}
