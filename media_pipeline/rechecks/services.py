"""Reading finished works again under a rule pack, in the background, a work a transaction."""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from lms.accounts.api import Acting
from lms.core import audit, clock
from lms.core.jobs import RunningJob, enqueue
from lms.core.types import ProductKind
from media_pipeline.assets.models import Finding, MediaAsset, StageRun, TranscriptSegment
from media_pipeline.assets.types import AssetState
from media_pipeline.packs.rules import require_writer
from media_pipeline.packs.selectors import newest_text, pack
from media_pipeline.rechecks.logic import compared
from media_pipeline.rechecks.models import Recheck, RecheckedWork
from media_pipeline.rechecks.types import RECHECK_JOB, Point, RecheckRefusal
from media_pipeline.rulepacks.api import Matcher, matcher_of
from media_pipeline.rulepacks.document import read_document
from media_pipeline.stages.types import Cue
from media_pipeline.stages.types import Finding as FoundFinding


@transaction.atomic
def start_recheck(*, by: Acting, pack_uuid: UUID, now: datetime) -> Recheck:
    """Have all finished works read under the pack's newest text. Raises NotAllowed, NoPack, RecheckRefusal ("running":
    this text is being read under already; "none": no work is finished)."""
    require_writer(by)
    row = pack(pack_uuid)
    text = newest_text(row)
    if Recheck.objects.filter(text=text, finished_at=None).exists():
        raise RecheckRefusal(_("The videos are being read under this pack already."), code="running")
    total = _finished(now).count()
    if not total:
        raise RecheckRefusal(_("No video is finished yet."), code="none")
    recheck = Recheck.objects.create(text=text, total=total, by=by.user, created_at=now)
    audit.record(
        subject_kind="rule_pack",
        subject=row.uuid,
        action="rule_pack_rechecked",
        actor=by.user,
        fields={"revision": text.revision, "content_hash": text.content_hash, "works": total},
        now=now,
    )
    enqueue(RECHECK_JOB, recheck.uuid, key=str(recheck.uuid))
    return recheck


def run_recheck(job: RunningJob) -> None:
    """Read what is left of a re-check: a killed worker's successor goes on where it stood."""
    recheck = Recheck.objects.select_related("text__pack").get(uuid=job.subject)
    if recheck.finished_at is not None:
        return
    matcher = _matcher(recheck)
    done = RecheckedWork.objects.filter(recheck=recheck).count()
    left = _finished(recheck.created_at).exclude(rechecks__recheck=recheck).order_by("id")
    for asset in left.iterator(chunk_size=200):
        with transaction.atomic():
            job.hold()
            _read(recheck, asset, matcher)
        done += 1
        job.progress(done / max(recheck.total, done), f"{done}/{recheck.total}")
    with transaction.atomic():
        job.hold()
        Recheck.objects.filter(pk=recheck.pk, finished_at=None).update(finished_at=clock.now())


def _finished(before: datetime) -> QuerySet[MediaAsset]:
    return MediaAsset.submissions.filter(state=AssetState.READY, ready_at__lte=before)


def _matcher(recheck: Recheck) -> Matcher:
    """The text as it reads on the day it comes into force, or today."""
    day: date = recheck.text.pack.effective_from or clock.today()
    return matcher_of(read_document(recheck.text.content, max(day, clock.today())))


def _read(recheck: Recheck, asset: MediaAsset, matcher: Matcher) -> None:
    runs = {run.stage: run for run in StageRun.objects.filter(asset=asset).order_by("id")}
    cues = [_cue(row) for row in TranscriptSegment.objects.filter(transcript__run=runs["transcribe"]).order_by("index")]
    product = ProductKind(asset.product) if asset.product else None
    told = Finding.objects.filter(run=runs["compliance"]).order_by("position")
    found = compared([_told(row) for row in told], [_found(item) for item in matcher.find(cues, product)])
    RecheckedWork.objects.create(
        recheck=recheck,
        asset=asset,
        before=str(runs["compliance"].engines.get("rules", ""))[:40],
        new=[point.to_json() for point in found.new],
        gone=[point.to_json() for point in found.gone],
        kept=found.kept,
        differs=bool(found.new or found.gone),
    )


def _cue(row: TranscriptSegment) -> Cue:
    return Cue.from_json(
        {
            "index": row.index, "start": row.start_s, "end": row.end_s, "text": row.text, "raw": row.raw,
            "offsets": row.offsets, "words": row.words, "avg_logprob": row.avg_logprob,
            "no_speech_prob": row.no_speech_prob, "compression_ratio": row.compression_ratio,
            "low_trust": row.low_trust,
        }
    )  # fmt: skip


def _told(row: Finding) -> Point:
    spans = tuple((span["cue_index"], span["start"], span["end"]) for span in row.spans)
    return Point(row.category, row.severity, row.rule, row.text, row.start_s, row.end_s, row.suspected, spans)


def _found(item: FoundFinding) -> Point:
    return Point(
        category=item.category,
        severity=item.severity.value,
        rule=item.rule,
        text=item.text,
        start_s=item.start_s,
        end_s=item.end_s,
        suspected=item.suspected,
        spans=tuple((span.cue_index, span.start, span.end) for span in item.spans),
    )
