"""The trainee's pages: hand in a video, see how it stands. Nothing here shows what the machine heard or found."""

import json
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_http_methods

from lms.accounts.api import ActingRequest
from lms.core import clock
from media_pipeline.assets.paging import page_asked
from media_pipeline.assets.selectors import replaceable_work, require_uploader, work_page, works_page
from media_pipeline.assets.types import UploadPage
from media_pipeline.stages.thresholds import Thresholds
from media_pipeline.uploads.forms import UploadForm
from media_pipeline.uploads.services import UploadRefused, receive_upload, refusal_words


@csrf_exempt
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def upload(request: ActingRequest) -> HttpResponse:
    """The upload form. The token is checked inside: to find it, the whole body must be read, and that only after the gate."""
    require_uploader(request.acting)
    return _upload(request)


@csrf_protect
def _upload(request: ActingRequest) -> HttpResponse:
    replaces = _asked(request)
    old = replaceable_work(request.acting, replaces) if replaces and request.method != "POST" else None
    if request.method == "POST":
        form = UploadForm(request.POST, request.FILES)
        if form.is_valid():
            try:
                asset = receive_upload(
                    acting=request.acting,
                    file=form.cleaned_data["video"],
                    title=form.cleaned_data["title"],
                    product=form.cleaned_data["product"],
                    product_name=form.cleaned_data["product_name"],
                    brand=form.cleaned_data["brand"],
                    level=form.cleaned_data["level"],
                    declared_ai=form.cleaned_data["declared_ai"],
                    form_token=form.cleaned_data["token"],
                    replaces=replaces,
                    now=clock.now(),
                )
            except UploadRefused as refusal:
                field, words = (None, refusal.message) if refusal.message else _words(refusal.code)
                form.add_error(field, words)
            else:
                return redirect("media:work", asset.uuid)
    else:
        initial = {"product": old.product, "product_name": old.product_name, "brand": old.brand, "title": old.title,
                   "level": str(old.level)} if old else {"level": request.GET.get("level", "")}  # fmt: skip
        form = UploadForm(initial=initial)
    page = UploadPage(
        max_bytes=settings.UPLOAD_MAX_BYTES,
        min_duration_s=int(Thresholds().min_duration_s),
        replaces_title=old.title if old else "",
        works_url=reverse("media:works"),
        said=json.dumps({"target": "submission", **({"replaces": str(replaces)} if replaces else {})}),
    )
    status = 422 if form.errors else 200
    return render(request, "media_pipeline/upload.html", {"form": form, "page": page}, status=status)


def _asked(request: ActingRequest) -> UUID | None:
    """The work that the new one is to replace. Raises Http404 on what is no uuid."""
    asked = request.GET.get("replaces", "")
    try:
        return UUID(asked) if asked else None
    except ValueError:
        raise Http404 from None


def _words(code: str) -> tuple[str | None, str]:
    """The field a refusal belongs to (None: the whole form), and what it says."""
    return ("video" if code in {"empty", "too_big"} else None), refusal_words(code)


@login_required
@require_GET
def works(request: ActingRequest) -> HttpResponse:
    """Her own works, newest first."""
    return render(request, "media_pipeline/works.html", {"page": works_page(request.acting, page=page_asked(request))})


@login_required
@never_cache
@require_GET
def work(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """How one work stands."""
    return render(request, "media_pipeline/work.html", {"page": work_page(request.acting, uuid, now=clock.now())})


@login_required
@never_cache
@require_GET
def work_progress(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """The moving part of that page, asked for by htmx; the last answer carries no further trigger."""
    page = work_page(request.acting, uuid, now=clock.now())
    return render(request, "media_pipeline/_progress.html", {"page": page})
