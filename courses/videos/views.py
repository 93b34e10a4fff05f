"""The files of a lesson video by signed address; in Wagtail's frame the pages that make one and correct its captions."""

import json
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from courses.videos.forms import CaptionsForm, LessonVideoForm, TitleForm
from courses.videos.models import LessonVideo
from courses.videos.rules import may_make
from courses.videos.selectors import correctable_video, video_for, video_list, waiting_video, workbench
from courses.videos.services import make_lesson_video, rename_video
from courses.videos.types import VideoRefused, Workbench
from lms.accounts.api import Acting, ActingRequest, require
from lms.core import clock
from lms.core.reading import words_asked
from media_pipeline.api import (
    CaptionsRefused,
    Purpose,
    RenditionKind,
    captions_at,
    captions_of,
    captions_vtt,
    correct_captions,
    is_signed,
    material_file,
    page_asked,
    serve,
    upload_limit,
)

_KINDS = {"video": RenditionKind.PROXY, "poster": RenditionKind.POSTER}
_SAID = json.dumps({"target": "lesson"})
_NAMES = {"video": "lesson.mp4", "poster": "lesson.jpg"}


@login_required
@require_safe
def lesson_video_file(request: ActingRequest, uuid: UUID, what: str) -> HttpResponseBase:
    """`video`, `poster` or `captions`. Another's address, or one run out, is 404: the page gives a new one."""
    require(request.acting, "lesson", "read")
    if not is_signed(request.GET, uuid, what, user=request.acting.user, now=clock.now()):
        raise Http404
    video = LessonVideo.objects.filter(uuid=uuid).first()
    if video is None:
        raise Http404
    if what == "captions":
        return _captions(captions_vtt(video.asset))
    file = material_file(video.asset, Purpose.LESSON, _KINDS[what])
    if file is None:
        raise Http404
    return serve(request, file, name=_NAMES[what])


def _captions(text: str) -> HttpResponse:
    answer = HttpResponse(text, content_type="text/vtt; charset=utf-8")
    answer["Cache-Control"] = "private, no-cache"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


# In Wagtail's frame, which has asked already whether she may enter the admin -----------------------------------------


def _acting(request: HttpRequest) -> Acting:
    return cast("ActingRequest", request).acting


def _head(title: str, **words: Any) -> dict[str, Any]:
    return {"header_title": title, "header_icon": "media", **words}


def _up() -> dict[str, str]:
    return {"up_url": reverse("lesson_videos:list"), "up_text": _("Lesson videos")}


@never_cache
@require_GET
def videos(request: HttpRequest) -> HttpResponse:
    """All lesson videos; `?q=` finds by title."""
    listing = video_list(_acting(request), query=words_asked(request.GET), page=page_asked(request))
    action = {"action_url": reverse("lesson_videos:upload"), "action_text": _("New lesson video")}
    return render(request, "courses/videos/list.html", _head(_("Lesson videos"), listing=listing, **action))


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    """A new video. The token is checked inside: to find it, the whole body must be read, and that only after the gate."""
    if not may_make(_acting(request)):
        raise PermissionDenied
    return _upload(request)


@csrf_protect
def _upload(request: HttpRequest) -> HttpResponse:
    form = LessonVideoForm(request.POST, request.FILES) if request.method == "POST" else LessonVideoForm()
    if form.is_bound and form.is_valid():
        try:
            made = make_lesson_video(
                by=_acting(request),
                title=form.cleaned_data["title"],
                file=form.cleaned_data["video"],
                form_token=form.cleaned_data["token"],
                now=clock.now(),
            )
        except VideoRefused as refusal:
            form.add_error(refusal.field or None, refusal.message)
        else:
            return redirect("lesson_videos:video", made.uuid)
    words = _head(_("New lesson video"), form=form, max_bytes=upload_limit(Purpose.LESSON), said=_SAID, **_up())
    return render(request, "courses/videos/upload.html", words, status=422 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def video(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """How it stands; once it is ready the player with the captions, a page of fifty lines, and their correction."""
    row = video_for(_acting(request), uuid)
    waiting = waiting_video(row)
    if waiting is not None:
        return render(request, "courses/videos/waiting.html", _head(row.title, page=waiting, **_up()))
    if request.method == "POST":
        return _correct(request, uuid)
    page = workbench(_acting(request), row, now=clock.now(), page=page_asked(request))
    return _workbench(request, page, CaptionsForm(None, lines=page.lines, base=page.number))


def _correct(request: HttpRequest, uuid: UUID) -> HttpResponse:
    acting, now = _acting(request), clock.now()
    row = correctable_video(acting, uuid)
    base = request.POST.get("base", "")
    number = int(base) if base.isascii() and base.isdigit() and len(base) < 7 else 0
    page = workbench(acting, row, now=now, page=page_asked(request), number=number)
    form = CaptionsForm(request.POST, lines=page.lines, base=page.number)
    if form.is_valid():
        try:
            saved = correct_captions(
                by=cast("UUID", acting.user),
                asset=row.asset,
                base=page.number,
                changed=form.cleaned_data["changed"],
                added=form.cleaned_data["added"],
                now=now,
            )
        except CaptionsRefused as refusal:
            form = _refused(form, row.asset, page.number, refusal)
        else:
            done = _("Saved as version %(number)d.") if saved.number != page.number else _("Nothing was changed.")
            messages.success(request, done % {"number": saved.number} if saved.number != page.number else done)
            return redirect(f"{reverse('lesson_videos:video', args=[uuid])}?page={page.pages.number}")
    return _workbench(request, page, form, status=422)


def _refused(form: CaptionsForm, asset: UUID, number: int, refusal: CaptionsRefused) -> CaptionsForm:
    """The form with what she typed; where somebody was faster, on top of that version, which a second save replaces."""
    newest = captions_of(asset)
    if newest is not None and newest.number != number and refusal.line is not None:
        seen = captions_at(asset, number)
        theirs = {line.id: line for line in newest.lines}.get(refusal.line)
        if seen is not None and theirs != {line.id: line for line in seen.lines}.get(refusal.line):
            form = form.rebased(newest.lines, newest.number)
            form.is_valid()
            words = _("Somebody else has made it “%(text)s”. Save again to put yours in its place.")
            form.refuse(words % {"text": theirs.text if theirs else "—"}, refusal.line)
            return form
    form.refuse(refusal.message, refusal.line)
    return form


def _workbench(request: HttpRequest, page: Workbench, form: CaptionsForm, status: int = 200) -> HttpResponse:
    rows = [
        {**row, "machine": page.machine.get(row["line"].id, ""), "doubtful": row["line"].id in page.doubtful}
        for row in form.rows()
    ]
    words = _head(page.title, page=page, form=form, rows=rows, new=form.new_row(), **_up())
    words["title_form"] = TitleForm(initial={"title": page.title})
    return render(request, "courses/videos/video.html", words, status=status)


@never_cache
@require_GET
def progress(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The moving part of the page of a video that is being prepared, for htmx; once it is ready the page is asked anew."""
    waiting = waiting_video(video_for(_acting(request), uuid))
    if waiting is None or not waiting.live:
        answer = HttpResponse()
        answer["HX-Refresh"] = "true"
        return answer
    return render(request, "courses/videos/_waiting.html", {"page": waiting})


@never_cache
@require_POST
def title(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Another title."""
    row = correctable_video(_acting(request), uuid)
    form = TitleForm(request.POST)
    if form.is_valid():
        rename_video(by=_acting(request), video=row, title=form.cleaned_data["title"], now=clock.now())
        messages.success(request, _("Saved."))
    else:
        messages.error(request, _("Give the video a title."))
    return redirect("lesson_videos:video", uuid)
