"""Lesson videos for those who read lessons, and for those who make them."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.urls import reverse

from courses.videos.models import LessonVideo
from courses.videos.types import VideoView
from media_pipeline.api import Material, Purpose, materials_of, signed_query

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
