"""Recordings of classes as a target of uploads in pieces."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from uuid import UUID

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _

from courses.classes.models import TrainingClass
from courses.recordings.forms import SessionForm
from courses.recordings.selectors import may_record, recorded_class
from courses.recordings.services import add_recording, check_session
from courses.recordings.types import RecordingRefused
from lms.accounts.api import Acting
from lms.core import clock
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


def _class(acting: Acting, said: Mapping[str, str]) -> TrainingClass:
    """Raises PermissionDenied, Http404."""
    try:
        row = recorded_class(acting, UUID(said.get("class", "")))
    except ValueError:
        raise Http404 from None
    if not may_record(acting, row):
        raise PermissionDenied
    return row


def _told(said: Mapping[str, str]) -> SessionForm:
    """Raises TransferStopped (422) with what is wrong in each field."""
    form = SessionForm({**said, "token": said.get("token") or str(new_uuid())})
    if not form.is_valid():
        errors = {name: " ".join(str(one) for one in found) for name, found in form.errors.items()}
        raise TransferStopped(422, _("Something is missing or wrong in the form."), errors=errors)
    return form


def check(acting: Acting, said: Mapping[str, str]) -> Accepted:
    """Raises PermissionDenied, Http404, TransferStopped."""
    row = _class(acting, said)
    new = _told(said).new()
    try:
        check_session(row, new, now=clock.now())
    except RecordingRefused as refusal:
        raise TransferStopped(422, refusal.message, errors=refusal.errors) from refusal
    return Accepted(context=f"{row.uuid}/{new.held_on}/{new.starts_at:%H:%M}")


def take_in(acting: Acting, said: Mapping[str, str], file: InPlace, now: datetime, begun_at: datetime) -> str:
    """The page of the recording. Raises PermissionDenied, Http404, UploadRefused."""
    row, told = _class(acting, said), _told(said)
    try:
        made = add_recording(
            by=acting,
            training_class=row,
            new=told.new(),
            file=file,
            form_token=told.cleaned_data["token"],
            now=now,
        )
    except RecordingRefused as refusal:
        raise UploadRefused("recording", refusal.message) from refusal
    return reverse("courses:recording", args=[row.uuid, made.uuid])


TARGET = UploadTarget(
    "recording", check, take_in, partial(upload_limit, Purpose.RECORDING), lambda: settings.UPLOAD_STAFF_BYTES
)
