"""The recordings of a class: the list, a new one, one to watch."""

import json
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from courses.recordings.forms import RecordingForm, WithdrawForm
from courses.recordings.selectors import is_taught, may_record, recorded_class, recording_for, recording_page
from courses.recordings.selectors import recordings_page as page_of
from courses.recordings.services import withdraw_recording
from courses.recordings.types import RecordingRefused
from lms.accounts.api import ActingRequest
from lms.core import clock
from media_pipeline.api import Purpose, RenditionKind, material_file, serve, upload_limit

_KINDS = {"video": RenditionKind.PROXY, "poster": RenditionKind.POSTER}
_NAMES = {"video": "recording.mp4", "poster": "recording.jpg"}


@login_required
@never_cache
@require_safe
def recordings(request: ActingRequest, training_class: UUID) -> HttpResponse:
    """All of a class, by session."""
    row = recorded_class(request.acting, training_class)
    return render(request, "courses/recordings/list.html", {"page": page_of(request.acting, row)})


@login_required
@never_cache
@require_safe
def recording_new(request: ActingRequest, training_class: UUID) -> HttpResponse:
    """Choose the files and say which session they show; they are sent to `/uploads/`."""
    row = recorded_class(request.acting, training_class)
    if not may_record(request.acting, row) or not is_taught(row):
        raise PermissionDenied
    words = {
        "form": RecordingForm(initial={"minutes": row.hour_minutes}),
        "name": row.name,
        "list_url": reverse("courses:recordings", args=[row.uuid]),
        "max_bytes": upload_limit(Purpose.RECORDING),
        "said": json.dumps({"target": "recording", "class": str(row.uuid)}),
    }
    return render(request, "courses/recordings/new.html", words)


@login_required
@never_cache
@require_safe
def recording(request: ActingRequest, training_class: UUID, uuid: UUID) -> HttpResponse:
    """One recording: how it stands, then to watch."""
    return _recording(request, training_class, uuid, WithdrawForm())


def _recording(request: ActingRequest, training_class: UUID, uuid: UUID, form: WithdrawForm) -> HttpResponse:
    page = recording_page(request.acting, recording_for(request.acting, training_class, uuid))
    words = {"page": page, "form": form}
    return render(request, "courses/recordings/recording.html", words, status=422 if form.errors else 200)


@login_required
@never_cache
@require_safe
def recording_progress(request: ActingRequest, training_class: UUID, uuid: UUID) -> HttpResponse:
    """The moving part of that page, for htmx; once it is settled the page is asked anew."""
    page = recording_page(request.acting, recording_for(request.acting, training_class, uuid))
    answer = render(request, "components/job.html", {"job": page})
    if not page.live:
        answer["HX-Refresh"] = "true"
    return answer


@login_required
@require_POST
def recording_withdraw(request: ActingRequest, training_class: UUID, uuid: UUID) -> HttpResponse:
    """Off the list, with a reason."""
    row, form = recording_for(request.acting, training_class, uuid), WithdrawForm(request.POST)
    try:
        reason = form.cleaned_data["reason"] if form.is_valid() else ""
        withdraw_recording(by=request.acting, recording=row, reason=reason, now=clock.now())
    except RecordingRefused as refusal:
        if form.errors:
            return _recording(request, training_class, uuid, form)
        messages.warning(request, refusal.message)
    else:
        messages.success(request, _("Withdrawn. The file is kept all the same."))
    return redirect("courses:recordings", training_class)


@login_required
@require_safe
def recording_file(request: ActingRequest, training_class: UUID, uuid: UUID, what: str) -> HttpResponseBase:
    """`video` or `poster`: every request is asked at the gate anew."""
    held = recording_for(request.acting, training_class, uuid)
    file = material_file(held.asset, Purpose.RECORDING, _KINDS[what]) if what in _KINDS else None
    if file is None:
        raise Http404
    try:
        return serve(request, file, name=_NAMES[what])
    except FileNotFoundError:
        raise Http404 from None
