"""Works as their owner, and those who cover her institution, may see them. The blind side is `evidence.py`."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext

from lms.accounts.api import Acting, can, may
from lms.core.jobs import JobState, JobView, latest_job
from media_pipeline.assets.labels import (
    headline,
    level_label,
    product_label,
    reason_text,
    spent,
    stage_title,
    state_label,
)
from media_pipeline.assets.logic import poll_pause_s, stage_names
from media_pipeline.assets.models import MediaAsset
from media_pipeline.assets.types import (
    ROWS_A_PAGE,
    SETTLED,
    STAGE_JOB,
    AssetState,
    CoveredWork,
    Purpose,
    StageState,
    StageView,
    WorkPage,
    WorkRow,
    WorksPage,
    pages,
)


def require_uploader(acting: Acting) -> None:
    """Gate of the upload form. Raises PermissionDenied."""
    if not may(acting, "own_submission", "create", own=True):
        raise PermissionDenied


def readable_works(acting: Acting) -> QuerySet[MediaAsset]:
    """The works whose state this person may see: her own, or all below her organisation. Raises PermissionDenied by role."""
    cell = can(acting, "own_submission", "read")
    if cell is None:
        raise PermissionDenied
    if cell.own:
        return _own(acting)
    return MediaAsset.submissions.filter(organisation_path__startswith=acting.organisation_path)


def _own(acting: Acting) -> QuerySet[MediaAsset]:
    if acting.user is None:
        return MediaAsset.submissions.none()
    return MediaAsset.submissions.filter(owner_user=acting.user)


def work_for(acting: Acting, uuid: UUID) -> MediaAsset:
    """One of them. Raises PermissionDenied by role, Http404 when it is unknown or not hers."""
    asset = readable_works(acting).filter(uuid=uuid).first()
    if asset is None:
        raise Http404
    return asset


def replaceable(works: QuerySet[MediaAsset]) -> QuerySet[MediaAsset]:
    """Those of them that another may take the place of: not replaced yet, and their scoring has not begun."""
    return works.filter(sealed_at=None).exclude(state=AssetState.REPLACED)


def replaceable_work(acting: Acting, uuid: UUID) -> MediaAsset:
    """Her own work that a new upload may replace. Raises PermissionDenied by role, else Http404."""
    require_uploader(acting)
    asset = replaceable(_own(acting)).filter(uuid=uuid).first()
    if asset is None:
        raise Http404
    return asset


def works_page(acting: Acting, *, page: int = 1) -> WorksPage:
    """Newest first. Raises PermissionDenied."""
    works = readable_works(acting)
    shown = pages(works.count(), page)
    rows = works.order_by("-created_at", "-id")[shown.start : shown.start + ROWS_A_PAGE]
    may_upload = may(acting, "own_submission", "create", own=True)
    return WorksPage([_row(asset) for asset in rows], shown, reverse("media:upload") if may_upload else "")


def _row(asset: MediaAsset) -> WorkRow:
    label, tone = state_label(AssetState(asset.state))
    return WorkRow(
        uuid=asset.uuid,
        title=asset.title,
        product_label=product_label(asset.product),
        level_label=level_label(asset.level),
        uploaded_at=asset.created_at,
        duration_s=asset.duration_s,
        size=asset.size,
        state=AssetState(asset.state),
        state_label=label,
        tone=tone,
        url=reverse("media:work", args=[asset.uuid]),
    )


def work_page(acting: Acting, uuid: UUID, *, now: datetime) -> WorkPage:
    """The progress page. Raises PermissionDenied by role, Http404 when the work is unknown or not hers."""
    asset = work_for(acting, uuid)
    state = AssetState(asset.state)
    job = latest_job(subject=asset.uuid, kind=STAGE_JOB)
    label, tone = state_label(state)
    own = asset.owner_user == acting.user and may(acting, "own_submission", "create", own=True)
    open_to_another = own and asset.sealed_at is None and state is not AssetState.REPLACED
    return WorkPage(
        uuid=asset.uuid,
        title=asset.title,
        product_label=product_label(asset.product),
        level_label=level_label(asset.level),
        uploaded_at=asset.created_at,
        duration_s=asset.duration_s,
        size=asset.size,
        state=state,
        state_label=label,
        tone=tone,
        headline=headline(state),
        stages=stage_views(asset, job),
        reasons=reasons_of(asset),
        waiting_ahead=job.ahead if job and job.state is JobState.WAITING and state not in SETTLED else None,
        can_replace=open_to_another,
        replace_url=f"{reverse('media:upload')}?replaces={asset.uuid}" if open_to_another else "",
        live=state not in SETTLED,
        poll_s=poll_pause_s(now - asset.moved_at),
        progress_url=reverse("media:work_progress", args=[asset.uuid]),
    )


def reasons_of(asset: MediaAsset) -> list[str]:
    """Why it was not accepted, or why processing stopped, in plain words."""
    if asset.state == AssetState.FAILED:
        return [gettext(asset.failure)] if asset.failure else []
    return [reason_text(reason) for reason in asset.refusal]


def stage_views(asset: MediaAsset, job: JobView | None) -> list[StageView]:
    """The steps in order, and last the handing over to the examiners."""
    done = StageState.DONE if asset.state == AssetState.READY else StageState.TODO
    return [*stage_steps(asset, job), StageView("handover", gettext("Handed to the examiners"), done, "", None)]


def stage_steps(asset: MediaAsset, job: JobView | None) -> list[StageView]:
    """The steps in order."""
    finished = {run["stage"]: run for run in asset.stage_runs.order_by("id").values("stage", "state", "wall_s")}
    state = AssetState(asset.state)
    views: list[StageView] = []
    reached = False  # the first step without a result is where the work is
    for name in stage_names(Purpose(asset.purpose)):
        run = finished.get(name)
        title = stage_title(name)
        # Ready all the same: what refused it was released.
        if run and (run["state"] == "done" or state is AssetState.READY) and not reached:
            views.append(StageView(name, title, StageState.DONE, spent(run["wall_s"]), None))
        elif run and not reached:
            reached = True
            views.append(StageView(name, title, StageState.REFUSED, gettext("Not passed"), None))
        elif reached or state in {AssetState.REJECTED, AssetState.REPLACED}:
            views.append(StageView(name, title, StageState.TODO, "", None))
        else:
            reached = True
            views.append(_current(name, title, state, job))
    return views


def _current(name: str, title: str, state: AssetState, job: JobView | None) -> StageView:
    if state is AssetState.FAILED:
        return StageView(name, title, StageState.FAILED, gettext("Stopped"), None)
    mine = job if job and job.key.endswith(f":{name}") else None
    if mine and mine.state is JobState.RUNNING and mine.progress:
        return StageView(name, title, StageState.NOW, f"{round(mine.progress * 100)}%", mine.progress)
    if mine and mine.state is JobState.RUNNING:
        return StageView(name, title, StageState.NOW, gettext("Running"), None)
    if mine and mine.attempt > 0:
        again = gettext("Busy: will be tried again by itself (%(attempt)d of %(most)d)")
        return StageView(
            name, title, StageState.NOW, again % {"attempt": mine.attempt + 1, "most": mine.max_attempts}, None
        )
    return StageView(name, title, StageState.NOW, _queue(mine), None)


def _queue(job: JobView | None) -> str:
    """The page says itself how many are ahead."""
    return gettext("Waiting its turn") if job and job.ahead else gettext("About to start")


def works_covered(*, organisation_path: str, offset: int = 0, limit: int = 200) -> list[CoveredWork]:
    """Works handed in at or below a place of the tree, newest first: for pages of those who cover it (gate above)."""
    assets = MediaAsset.submissions.filter(organisation_path__startswith=organisation_path)
    return [_covered(asset) for asset in assets.order_by("-created_at", "-id")[offset : offset + limit]]


def count_works_covered(*, organisation_path: str) -> int:
    """How many there are in all."""
    return MediaAsset.submissions.filter(organisation_path__startswith=organisation_path).count()


def _covered(asset: MediaAsset) -> CoveredWork:
    label, tone = state_label(AssetState(asset.state))
    return CoveredWork(
        uuid=asset.uuid,
        owner_person=asset.owner_person,
        organisation_name=asset.organisation_name,
        title=asset.title,
        uploaded_at=asset.created_at,
        state=AssetState(asset.state),
        state_label=label,
        tone=tone,
        reasons=reasons_of(asset),
    )


def asset_titles(uuids: Iterable[UUID]) -> dict[UUID, str]:
    """What to call works in lists for administrators: their blind codes, never a title or a name."""
    rows = MediaAsset.objects.filter(uuid__in=list(uuids))
    return dict(rows.values_list("uuid", "blind_code"))


def work_states(uuids: Iterable[UUID]) -> dict[UUID, AssetState]:
    """Where works stand, in one query; unknown ones are left out."""
    rows = MediaAsset.submissions.filter(uuid__in=list(uuids)).values_list("uuid", "state")
    return {uuid: AssetState(state) for uuid, state in rows}
