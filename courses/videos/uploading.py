"""Lesson videos as a target of uploads in pieces."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils.translation import gettext as _

from courses.videos.forms import NewVideoForm
from courses.videos.rules import may_make
from courses.videos.services import make_lesson_video
from courses.videos.types import VideoRefused
from lms.accounts.api import Acting
from lms.core.ids import new_uuid
from media_pipeline.api import (
    Accepted,
    InPlace,
    Purpose,
    TransferStopped,
    UploadRefused,
    UploadTarget,
    upload_limit,
)


def _told(said: Mapping[str, str]) -> NewVideoForm:
    """Raises TransferStopped (422) with what is wrong in each field."""
    form = NewVideoForm({**said, "token": said.get("token") or str(new_uuid())})
    if not form.is_valid():
        errors = {name: " ".join(str(one) for one in found) for name, found in form.errors.items()}
        raise TransferStopped(422, _("Something is missing or wrong in the form."), errors=errors)
    return form


def check(acting: Acting, said: Mapping[str, str]) -> Accepted:
    """Raises PermissionDenied, TransferStopped."""
    if not may_make(acting):
        raise PermissionDenied
    _told(said)
    return Accepted()


def take_in(acting: Acting, said: Mapping[str, str], file: InPlace, now: datetime, begun_at: datetime) -> str:
    """The page of the video. Raises PermissionDenied, UploadRefused."""
    told = _told(said).cleaned_data
    try:
        made = make_lesson_video(by=acting, title=told["title"], file=file, form_token=told["token"], now=now)
    except VideoRefused as refusal:
        raise UploadRefused("lesson", str(refusal.message)) from refusal
    return reverse("lesson_videos:video", args=[made.uuid])


TARGET = UploadTarget(
    "lesson", check, take_in, partial(upload_limit, Purpose.LESSON), lambda: settings.UPLOAD_STAFF_BYTES
)
