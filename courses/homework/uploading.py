"""Homework videos as a target of uploads in pieces."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from uuid import UUID

from django.conf import settings
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _

from courses.catalogue.types import Accepts
from courses.homework.selectors.places import Place, may_write, place_for
from courses.homework.services import drafts
from courses.homework.types import HomeworkRefused
from lms.accounts.api import Acting
from media_pipeline.api import (
    Accepted,
    InPlace,
    Purpose,
    TransferStopped,
    UploadRefused,
    UploadTarget,
    upload_limit,
)


def _place(acting: Acting, said: Mapping[str, str]) -> Place:
    """Raises Http404."""
    try:
        place = place_for(acting, UUID(said.get("class", "")), UUID(said.get("task", "")))
    except ValueError:
        raise Http404 from None
    if Accepts.VIDEO not in place.task.block.accepts:
        raise Http404
    return place


def check(acting: Acting, said: Mapping[str, str]) -> Accepted:
    """Raises PermissionDenied, Http404, TransferStopped."""
    place = _place(acting, said)
    if not may_write(place):
        raise TransferStopped(422, _("This task cannot be changed now. Its page says why."))
    return Accepted(context=f"{place.enrolment.training_class.uuid}/{place.task.block.uid}")


def take_in(acting: Acting, said: Mapping[str, str], file: InPlace, now: datetime, begun_at: datetime) -> str:
    """The page of the task. Raises PermissionDenied, Http404, UploadRefused."""
    place = _place(acting, said)
    where = place.enrolment.training_class.uuid, place.task.block.uid
    try:
        drafts.add_video(
            by=acting, training_class=where[0], task=where[1], file=file, form_token=UUID(said["token"]), now=now
        )
    except HomeworkRefused as refusal:
        raise UploadRefused("homework", str(refusal.message)) from refusal
    return reverse("courses:homework_task", args=where)


TARGET = UploadTarget(
    "homework", check, take_in, partial(upload_limit, Purpose.HOMEWORK), lambda: settings.UPLOAD_OWNER_BYTES
)
