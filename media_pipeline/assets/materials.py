"""Videos that nobody judges: of lessons and of homework. Who may see one is decided by the room that owns it."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Max

from lms.core.jobs import latest_job
from media_pipeline.assets.labels import language, material_label
from media_pipeline.assets.models import CaptionVersion, CheckResult, MediaAsset, Rendition, StageRun, Transcript
from media_pipeline.assets.selectors import reasons_of, stage_steps
from media_pipeline.assets.types import (
    SETTLED,
    STAGE_JOB,
    AssetState,
    Material,
    Purpose,
    RenditionKind,
    StageView,
    StoredFile,
)
from media_pipeline.stages.api import Reason, Verdict
from media_pipeline.stages.messages import say

__all__ = ["material_file", "material_of", "material_steps", "materials_of"]

# Checks whose hints help whoever made a lesson or homework; the others ask for a selling video.
_HINTS = ("resolution", "audio_present", "loudness", "clipping", "silence", "black", "frozen", "language")


def material_of(uuid: UUID, purpose: Purpose) -> Material | None:
    """One of them, None when there is none of that purpose. Four queries."""
    return materials_of([uuid], purpose).get(uuid)


def materials_of(uuids: Iterable[UUID], purpose: Purpose) -> dict[UUID, Material]:
    """Those named, by uuid, oldest first, in four queries; unknown ones and those of another purpose are left out."""
    if purpose is Purpose.SUBMISSION:
        raise ValueError("works for the assessment have their own gates")
    rows = list(MediaAsset.objects.filter(uuid__in=list(uuids), purpose=purpose).order_by("id"))
    numbers = dict(CaptionVersion.objects.filter(asset__in=rows).values_list("asset").annotate(newest=Max("number")))
    heard = set(Transcript.objects.filter(run__asset__in=rows).values_list("run__asset", flat=True))
    hints = _hints([row.pk for row in rows])
    return {
        row.uuid: _material(row, purpose, numbers.get(row.pk, 0 if row.pk in heard else None), hints.get(row.pk, []))
        for row in rows
    }


def material_steps(uuid: UUID, purpose: Purpose) -> list[StageView]:
    """What is being done with it, step by step; empty when there is none of that purpose."""
    row = MediaAsset.objects.exclude(purpose=Purpose.SUBMISSION).filter(uuid=uuid, purpose=purpose).first()
    return stage_steps(row, latest_job(subject=uuid, kind=STAGE_JOB)) if row else []


def _material(row: MediaAsset, purpose: Purpose, captions: int | None, hints: list[str]) -> Material:
    state = AssetState(row.state)
    label, tone = material_label(state)
    return Material(
        uuid=row.uuid,
        purpose=purpose,
        owner_user=row.owner_user,
        title=row.title,
        state=state,
        state_label=label,
        tone=tone,
        live=state not in SETTLED,
        reasons=tuple(reasons_of(row)),
        hints=tuple(hints),
        duration_s=row.duration_s,
        captions=captions,
    )


def _hints(assets: list[int]) -> dict[int, list[str]]:
    """Asset → what its newest runs warn of, in words."""
    newest = StageRun.objects.filter(asset__in=assets).values("asset", "stage").annotate(run=Max("pk")).values("run")
    rows = CheckResult.objects.filter(run__in=newest, verdict=Verdict.WARN, name__in=_HINTS).exclude(note=None)
    found: dict[int, list[str]] = {}
    for asset, note in rows.order_by("run", "position").values_list("run__asset", "note"):
        found.setdefault(asset, []).append(say(Reason.from_json(note), language()))
    return found


def material_file(uuid: UUID, purpose: Purpose, kind: RenditionKind) -> StoredFile | None:
    """The newest file of a kind once its making is finished, None before and for another purpose. One query."""
    row = (
        Rendition.objects.filter(asset__uuid=uuid, asset__purpose=purpose, asset__state=AssetState.READY, kind=kind)
        .exclude(asset__purpose=Purpose.SUBMISSION)
        .order_by("-id")
        .first()
    )
    return StoredFile(row.key, row.size, row.sha256, row.mime) if row else None
