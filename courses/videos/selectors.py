"""Lesson videos for those who read lessons, and for those who make them."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.urls import reverse
from django.utils.translation import pgettext

from courses.videos.models import LessonVideo
from courses.videos.rules import may_correct, may_make
from courses.videos.types import VideoList, VideoRow, VideoView, Waiting, Workbench
from lms.accounts.api import Acting, User
from media_pipeline.api import (
    ROWS_A_PAGE,
    Captions,
    Material,
    Purpose,
    captions_at,
    captions_of,
    machine_captions,
    material_of,
    material_steps,
    materials_of,
    pages,
    signed_query,
)

_STATES = {"ready_for_scoring": "ready", "rejected_intake": "failed", "media_failed": "failed"}


def video_view(uuid: UUID, *, user: UUID, now: datetime) -> VideoView | None:
    """One video for one reader; None when there is none. Who may read the lesson is decided above."""
    return video_views([uuid], user=user, now=now).get(uuid)


def video_views(uuids: Iterable[UUID], *, user: UUID, now: datetime) -> dict[UUID, VideoView]:
    """Those named, by uuid, in five queries however many; unknown ones are left out."""
    rows = list(LessonVideo.objects.filter(uuid__in=list(uuids)))
    if not rows:
        return {}
    materials = materials_of([row.asset for row in rows], Purpose.LESSON)
    return {row.uuid: _view(row, materials[row.asset], user, now) for row in rows if row.asset in materials}


def _view(row: LessonVideo, material: Material, user: UUID, now: datetime) -> VideoView:
    state = _STATES.get(material.state, "processing")

    def address(what: str) -> str:
        path = reverse("courses:lesson_video_file", args=[row.uuid, what])
        return f"{path}?{signed_query(row.uuid, what, user=user, now=now)}" if state == "ready" else ""

    return VideoView(
        uuid=row.uuid,
        title=row.title,
        src=address("video"),
        poster=address("poster"),
        captions=address("captions") if material.captions is not None else "",
        duration_s=material.duration_s,
        state=state,
        state_label=material.state_label,
    )


def video_for(acting: Acting, uuid: UUID) -> LessonVideo:
    """Gate of the pages that make lesson videos. Raises PermissionDenied by role, Http404 for an unknown one."""
    if not may_make(acting):
        raise PermissionDenied
    row = LessonVideo.objects.filter(uuid=uuid).first()
    if row is None:
        raise Http404
    return row


def correctable_video(acting: Acting, uuid: UUID) -> LessonVideo:
    """One whose title and captions this person may change. Raises PermissionDenied, Http404."""
    row = video_for(acting, uuid)
    if not may_correct(acting, row.author):
        raise PermissionDenied
    return row


def video_list(acting: Acting, *, query: str = "", page: int = 1) -> VideoList:
    """Newest first. Raises PermissionDenied. Seven queries."""
    if not may_make(acting):
        raise PermissionDenied
    words = " ".join(query.split())[:60]
    rows = LessonVideo.objects.filter(title__icontains=words) if words else LessonVideo.objects.all()
    shown = pages(rows.count(), page)
    videos = list(rows.order_by("-created_at", "-id")[shown.start : shown.start + ROWS_A_PAGE])
    materials = materials_of([video.asset for video in videos], Purpose.LESSON)
    names = _names({video.author for video in videos})
    return VideoList([_row(video, materials[video.asset], names) for video in videos], shown, words)


def _names(users: set[UUID]) -> dict[UUID, str]:
    return {user.uuid: user.display_name or user.username for user in User.objects.filter(uuid__in=users)}


def _row(video: LessonVideo, material: Material, names: dict[UUID, str]) -> VideoRow:
    return VideoRow(
        uuid=video.uuid,
        title=video.title,
        author=names.get(video.author, ""),
        created_at=video.created_at,
        duration_s=material.duration_s,
        state_label=material.state_label,
        ready=material.state == "ready_for_scoring",
        captions=_captions_label(material.captions),
        is_demo=video.is_demo,
    )


def _captions_label(number: int | None) -> str:
    if number is None:
        return ""
    if number == 0:
        return pgettext("captions", "by machine")
    return pgettext("captions", "corrected, version %(number)d") % {"number": number}


def waiting_video(row: LessonVideo) -> Waiting | None:
    """How a video stands that is not ready yet; None once it is."""
    material = material_of(row.asset, Purpose.LESSON)
    if material is None or material.state == "ready_for_scoring":
        return None
    return Waiting(
        uuid=row.uuid,
        title=row.title,
        state_label=material.state_label,
        steps=material_steps(row.asset, Purpose.LESSON),
        reasons=material.reasons,
        live=material.live,
    )


def workbench(
    acting: Acting, row: LessonVideo, *, now: datetime, page: int = 1, number: int | None = None
) -> Workbench:
    """A ready video with one page of its captions; `number` asks for an older version, the one a form was made from."""
    material = material_of(row.asset, Purpose.LESSON)
    if material is None or acting.user is None:
        raise Http404
    machine = machine_captions(row.asset) or Captions(row.asset, 0, ())
    captions = captions_of(row.asset) if number is None else captions_at(row.asset, number)
    if captions is None:
        raise Http404
    shown = pages(len(captions.lines), page)
    lines = captions.lines[shown.start : shown.start + ROWS_A_PAGE]
    heard = {line.id: line.text for line in machine.lines}
    return Workbench(
        uuid=row.uuid,
        title=row.title,
        author=_names({row.author}).get(row.author, ""),
        created_at=row.created_at,
        player=_view(row, material, acting.user, now),
        hints=material.hints,
        may_correct=may_correct(acting, row.author),
        number=captions.number,
        lines=lines,
        machine={line.id: heard[line.id] for line in lines if heard.get(line.id, line.text) != line.text},
        doubtful=frozenset(
            line.id for line in lines if line.id in machine.doubtful and heard.get(line.id) == line.text
        ),
        pages=shown,
    )
