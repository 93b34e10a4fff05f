"""The wire of resumable uploads: tus 1.0 with creation, creation-with-upload, checksum, expiration and termination.

Every address answers to its owner only. A page of another site can not send `Tus-Resumable` (the browser asks first, and is
not answered), so that header stands in for the form's token.
"""

import json
from collections.abc import Callable
from email.utils import format_datetime
from functools import wraps
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from lms.accounts.api import ActingRequest
from lms.core import clock
from media_pipeline.uploads.logic import (
    ALGORITHMS,
    EXTENSIONS,
    PIECE_TYPE,
    VERSION,
    parse_checksum,
    parse_fingerprint,
    parse_metadata,
    parse_size,
)
from media_pipeline.uploads.models import Upload
from media_pipeline.uploads.selectors import upload_for, upload_progress
from media_pipeline.uploads.targets import largest, target_named
from media_pipeline.uploads.transfers import CHECKED_BYTES, append, begin_upload, cancel_upload, check_piece, gone
from media_pipeline.uploads.types import OVER, BadHeader, TransferStopped, UploadState

View = Callable[..., HttpResponse]
_OVERRIDE = "X-HTTP-Method-Override"


def _speaks_tus(view: View) -> View:
    """Version, sign-in and refusals, the same for both addresses. Nothing of the body is read here."""

    @csrf_exempt
    @wraps(view)
    def answer(request: ActingRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        method = request.headers.get(_OVERRIDE, request.method or "").upper()
        response = _capabilities() if method == "OPTIONS" else heard(request, method, *args, **kwargs)
        response["Tus-Resumable"] = VERSION
        response["Cache-Control"] = "no-store"
        return response

    def heard(request: ActingRequest, method: str, *args: Any, **kwargs: Any) -> HttpResponse:
        if method != "GET" and request.headers.get("Tus-Resumable") != VERSION:
            refused = _refused(412, _("This version of uploading is not spoken here."))
            refused["Tus-Version"] = VERSION
            return refused
        if not request.user.is_authenticated:
            return _refused(401, _("Please sign in again. What was sent is kept."))
        try:
            response = view(request, method, *args, **kwargs)
        except TransferStopped as stop:
            response = _refused(stop.status, stop.message, errors=stop.errors)
            if stop.retry_after_s is not None:
                response["Retry-After"] = str(stop.retry_after_s)
        except BadHeader as fault:
            response = _refused(400, _("The header %(name)s is not as agreed.") % {"name": str(fault)})
        except PermissionDenied:
            response = _refused(403, _("You may not upload here."))
        except Http404:
            response = _refused(404, _("There is no such upload."))
        return response

    return answer


def _capabilities() -> HttpResponse:
    answer = HttpResponse(status=204)
    answer["Tus-Version"] = VERSION
    answer["Tus-Extension"] = ",".join(EXTENSIONS)
    answer["Tus-Max-Size"] = str(largest())
    answer["Tus-Checksum-Algorithm"] = ",".join(ALGORITHMS)
    return answer


def _refused(status: int, message: str, *, errors: dict[str, str] | None = None) -> HttpResponse:
    said = json.dumps({"message": message, "errors": errors or {}}, ensure_ascii=False)
    return HttpResponse(said, status=status, content_type="application/json")


def _not_allowed(*methods: str) -> HttpResponse:
    answer = _refused(405, _("This cannot be asked here."))
    answer["Allow"] = ", ".join(methods)
    return answer


@_speaks_tus
def uploads(request: ActingRequest, method: str) -> HttpResponse:
    """POST begins an upload. `Upload-Metadata`: target, filename, fingerprint (of both ends), token and what is declared."""
    if method != "POST":
        return _not_allowed("POST", "OPTIONS")
    if "Upload-Defer-Length" in request.headers:
        raise BadHeader("Upload-Defer-Length")
    length = parse_size(request.headers.get("Upload-Length"), "Upload-Length")
    header = request.headers.get("Upload-Metadata", "")
    said = parse_metadata(header)
    parse_fingerprint(said.get("fingerprint", ""))
    target = target_named(said.get("target", "submission"))
    if target is None:
        raise BadHeader("Upload-Metadata")
    announced = _announced(request)
    if announced and request.content_type != PIECE_TYPE:
        return _refused(415, _("A piece must come as %(type)s.") % {"type": PIECE_TYPE})
    if announced > length:
        return _refused(413, _("More bytes were sent than the upload was begun with."))
    now = clock.now()
    upload, before = begin_upload(
        acting=request.acting, target=target, length=length, metadata=header, said=said, now=now
    )
    if announced and not before:  # of one begun before, the sender must ask first how far it is
        try:
            upload = _append(request, upload, 0, announced)
        except TransferStopped:
            upload.refresh_from_db()  # it is begun all the same; what came of the body is told below
    answer = HttpResponse(status=201)
    answer["Location"] = request.build_absolute_uri(reverse("uploads:upload", args=[upload.uuid]))
    answer["Upload-Offset"] = str(upload.offset)
    return _expires(answer, upload)


@_speaks_tus
def upload(request: ActingRequest, method: str, uuid: UUID) -> HttpResponse:
    """HEAD: how far it is; PATCH: the next piece; DELETE: forget it; GET: what became of it, as JSON."""
    row = upload_for(request.acting, uuid)
    if method == "HEAD":
        return _head(row)
    if method == "PATCH":
        return _patch(request, row)
    if method == "DELETE":
        cancel_upload(upload=row)
        return HttpResponse(status=204)
    if method == "GET":
        return _progress(row)
    return _not_allowed("HEAD", "PATCH", "DELETE", "GET", "OPTIONS")


def _head(row: Upload) -> HttpResponse:
    if row.state in OVER and row.state != UploadState.REFUSED:
        raise gone()
    answer = HttpResponse()
    answer["Upload-Offset"] = str(row.offset)
    answer["Upload-Length"] = str(row.length)
    if row.metadata:
        answer["Upload-Metadata"] = row.metadata
    return _expires(answer, row)


def _patch(request: ActingRequest, row: Upload) -> HttpResponse:
    if request.content_type != PIECE_TYPE:
        return _refused(415, _("A piece must come as %(type)s.") % {"type": PIECE_TYPE})
    offset = parse_size(request.headers.get("Upload-Offset"), "Upload-Offset")
    row = _append(request, row, offset, _announced(request))
    answer = HttpResponse(status=204)
    answer["Upload-Offset"] = str(row.offset)
    return _expires(answer, row)


def _append(request: HttpRequest, row: Upload, offset: int, announced: int) -> Upload:
    check_piece(upload=row, offset=offset, announced=announced)
    stated = request.headers.get("Upload-Checksum")
    checksum = parse_checksum(stated) if stated is not None else None
    if checksum and announced > CHECKED_BYTES:
        most = CHECKED_BYTES >> 20
        raise TransferStopped(413, _("A piece with a checksum may have %(size)d MB.") % {"size": most})
    return append(upload=row, offset=offset, body=request, announced=announced, checksum=checksum, now=clock.now())


def _announced(request: HttpRequest) -> int:
    text = request.META.get("CONTENT_LENGTH") or "0"
    return parse_size(text, "Content-Length")


def _progress(row: Upload) -> HttpResponse:
    page = upload_progress(row)
    said = {
        "state": page.state,
        "offset": page.offset,
        "length": page.length,
        "url": page.url,
        "message": page.message,
    }
    return HttpResponse(json.dumps(said, ensure_ascii=False), content_type="application/json")


def _expires(answer: HttpResponse, row: Upload) -> HttpResponse:
    if row.state == UploadState.OPEN:
        answer["Upload-Expires"] = format_datetime(row.expires_at, usegmt=True)
    return answer
