"""The evidence pages. Every address is gated anew, the video at every range of bytes; addresses carry the code only."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_safe

from assessment.marking import selectors
from lms.accounts.api import ActingRequest
from media_pipeline.api import RenditionKind, page_asked, serve


@login_required
@never_cache
@require_GET
def evidence_list(request: ActingRequest) -> HttpResponse:
    """Works assigned to the examiner, or covered by the acting organisation."""
    page = selectors.evidence_list(request.acting, page=page_asked(request))
    return render(request, "assessment/evidence_list.html", {"page": page})


@login_required
@never_cache
@require_GET
def evidence(request: ActingRequest, code: str) -> HttpResponse:
    """Video, transcript, checks and findings of one work; `?t=41` opens at a second."""
    page = selectors.evidence_page(request.acting, code, start_s=_second(request.GET.get("t", "")))
    return render(request, "assessment/evidence.html", {"page": page})


def _second(text: str) -> float:
    """0 for what is no second; the page cuts it to the video's length."""
    try:
        second = float(text)
    except ValueError:
        return 0.0
    return second if second >= 0 else 0.0


@login_required
@require_safe
def evidence_media(request: ActingRequest, code: str) -> HttpResponseBase:
    """The video in byte ranges."""
    return _file(request, code, RenditionKind.PROXY, f"{code}.mp4")


@login_required
@require_safe
def evidence_poster(request: ActingRequest, code: str) -> HttpResponseBase:
    """The still picture shown before it plays."""
    return _file(request, code, RenditionKind.POSTER, f"{code}.jpg")


def _file(request: ActingRequest, code: str, kind: RenditionKind, name: str) -> HttpResponseBase:
    file = selectors.evidence_stored_file(request.acting, code, kind)
    try:
        return serve(request, file, name=name)
    except FileNotFoundError:
        raise Http404 from None


@login_required
@never_cache
@require_GET
def evidence_captions(request: ActingRequest, code: str) -> HttpResponse:
    """WebVTT, names masked."""
    words = selectors.evidence_captions(request.acting, code)
    answer = HttpResponse(words, content_type="text/vtt; charset=utf-8")
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
