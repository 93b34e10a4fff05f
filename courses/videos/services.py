"""Lesson videos: handed in, named."""

from datetime import datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from courses.videos.models import LessonVideo
from courses.videos.rules import may_correct, may_make
from courses.videos.types import VideoRefused
from lms.accounts.api import Acting
from lms.core import audit
from lms.core.ids import new_uuid
from media_pipeline.api import HandedIn, Purpose, UploadRefused, receive_material, too_big

TITLE_CHARS = 60


def make_lesson_video(
    *,
    by: Acting,
    title: str,
    file: HandedIn,
    now: datetime,
    form_token: UUID | None = None,
    is_demo: bool = False,
) -> LessonVideo:
    """Take in a lesson video; its captions come by themselves, then `correct_captions` mends them.

    The same `form_token` by the same login again gives the video it made the first time. Raises PermissionDenied,
    VideoRefused.
    """
    if not may_make(by) or by.user is None:
        raise PermissionDenied
    title = title.strip()
    if not title:
        raise VideoRefused(_("Give the video a title."), field="title")
    try:
        asset = receive_material(
            by=by,
            purpose=Purpose.LESSON,
            file=file,
            title=title[:TITLE_CHARS],
            form_token=form_token or new_uuid(),
            is_demo=is_demo,
            now=now,
        )
    except UploadRefused as refusal:
        raise VideoRefused(_words(refusal), field="" if refusal.code == "not_stored" else "video") from refusal
    with transaction.atomic():
        video, made = LessonVideo.objects.get_or_create(
            asset=asset,
            defaults={
                "title": title[:TITLE_CHARS],
                "author": by.user,
                "is_demo": is_demo,
                "created_at": now,
            },
        )
        if made:
            audit.record(
                subject_kind="lesson_video",
                subject=video.uuid,
                action="made",
                actor=by.user,
                fields={"asset": asset, "title": video.title},
                now=now,
            )
    return video


@transaction.atomic
def rename_video(*, by: Acting, video: LessonVideo, title: str, now: datetime) -> LessonVideo:
    """Another title; lessons show it at once, for they name the video by its uuid. Raises PermissionDenied, VideoRefused."""
    row = LessonVideo.objects.select_for_update().get(pk=video.pk)
    if not may_correct(by, row.author):
        raise PermissionDenied
    title = title.strip()[:TITLE_CHARS]
    if not title:
        raise VideoRefused(_("Give the video a title."), field="title")
    if title == row.title:
        return row
    before, row.title = row.title, title
    row.save(update_fields=["title"])
    audit.record(
        subject_kind="lesson_video",
        subject=row.uuid,
        action="renamed",
        actor=by.user,
        fields={"before": before, "title": title},
        now=now,
    )
    return row


def _words(refusal: UploadRefused) -> str:
    if refusal.message:
        return refusal.message
    return {
        "empty": _("The file is empty. Please choose the video again."),
        "too_big": too_big(Purpose.LESSON),
    }.get(refusal.code, _("The video could not be stored. Please try again in a few minutes."))
