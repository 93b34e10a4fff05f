"""Homework: hers on the phone; the desk's list, one hand-in with its marking, the homework of a class."""

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest
from django.http import Http404, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from courses.catalogue.types import Accepts
from courses.homework.forms import MarkForm, ReturnForm, TaskForm, VideoForm
from courses.homework.models import HomeworkItem
from courses.homework.pictures import PictureRefused, clean_picture
from courses.homework.selectors.attempts import task_head
from courses.homework.selectors.desk import class_homework_page, homework_list, marking_page, next_item
from courses.homework.selectors.marking import rubric_grid
from courses.homework.selectors.places import (
    Place,
    homework_class_for,
    homework_rule,
    item_for,
    may_write,
    own_item,
    picture_for,
    place_for,
    taken_back,
)
from courses.homework.selectors.rubrics import rubric_for
from courses.homework.selectors.trainee import my_tasks, task_page
from courses.homework.services import drafts, marking
from courses.homework.types import HomeworkRefused
from lms.accounts.api import ActingRequest, Role
from lms.core import clock
from lms.core.reading import json_of
from media_pipeline.api import (
    Purpose,
    RenditionKind,
    StoredFile,
    captions_vtt,
    is_signed,
    material_file,
    page_asked,
    serve,
)

_VIDEO_FILES = {"video": RenditionKind.PROXY, "poster": RenditionKind.POSTER}
_VIDEO_NAMES = {"video": "homework.mp4", "poster": "homework.jpg"}


@login_required
@never_cache
@require_GET
def homework(request: ActingRequest) -> HttpResponse:
    """Her tasks, class by class; for everybody else what was handed in (`?show=`, `?class=`)."""
    if request.acting.role is Role.TRAINEE:
        return render(request, "courses/homework/mine.html", {"classes": my_tasks(request.acting)})
    page = homework_list(
        request.acting,
        shelf=request.GET.get("show", ""),
        training_class=_class_asked(request),
        page=page_asked(request),
    )
    return render(request, "courses/homework/list.html", {"page": page})


def _class_asked(request: ActingRequest) -> UUID | None:
    asked = request.GET.get("class", "")
    try:
        return UUID(asked) if asked else None
    except ValueError:
        raise Http404 from None


# ---- hers ----


@csrf_exempt
@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def homework_task(request: ActingRequest, training_class: UUID, task: UUID) -> HttpResponse:
    """One task of hers. Whatever button she presses, what she wrote and the picture she chose are kept first.

    The token is checked inside: to find it the whole body must be read, and that only after the gate.
    """
    return _write(request, place_for(request.acting, training_class, task))


@csrf_protect
def _write(request: ActingRequest, place: Place) -> HttpResponse:
    if request.method != "POST":
        return _task(request, place)
    form = TaskForm(request.POST, request.FILES)
    if not form.is_valid():
        return _task(request, place, form)
    try:
        return _act(request, place, form, clock.now())
    except drafts.HomeworkStale as stale:
        form.refuse(stale)
        return _task(request, place, form, stale)
    except HomeworkRefused as refusal:
        form.refuse(refusal)
    return _task(request, place, form)


def _act(request: ActingRequest, place: Place, form: TaskForm, now: datetime) -> HttpResponse:
    where: dict[str, Any] = {
        "by": request.acting,
        "training_class": place.enrolment.training_class.uuid,
        "task": place.task.block.uid,
        "now": now,
    }
    act, _colon, what = request.POST.get("act", "save").partition(":")
    row = drafts.save_draft(**where, **form.said)
    if form.chosen:
        try:
            picture = clean_picture(form.chosen, form.chosen.size)
        except PictureRefused as refusal:
            raise drafts.refused_picture(refusal) from refusal
        drafts.add_picture(**where, picture=picture)
    if act == "hand_in":
        drafts.hand_in(**where, text=form.said["text"], revision=row.revision)
        messages.success(request, _("Handed in. You will be told when it is marked."))
    elif act == "remove":
        drafts.remove_picture(**where, picture=_uuid(what))
    elif act == "remove_video":
        drafts.remove_video(**where)
    elif act == "video":
        return redirect("courses:homework_video", where["training_class"], where["task"])
    elif not form.chosen:
        messages.success(request, _("The draft is saved. It is not handed in yet."))
    return redirect("courses:homework_task", where["training_class"], where["task"])


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Http404 from None


def _task(
    request: ActingRequest, place: Place, form: TaskForm | None = None, stale: drafts.HomeworkStale | None = None
) -> HttpResponse:
    page = task_page(request.acting, place, now=clock.now())
    form = form or TaskForm(initial={"text": page.now.text if page.now else "", "revision": page.revision})
    # The newest revision stands in the form again: saved once more, what stands in the field is what counts.
    revision = stale.revision if stale else page.revision
    shown = {"page": page, "form": form, "revision": revision, "theirs": stale.text if stale else ""}
    return render(request, "courses/homework/task.html", shown, status=422 if form.errors else 200)


@login_required
@require_POST
def homework_draft(request: ActingRequest, training_class: UUID, task: UUID) -> JsonResponse:
    """A save by itself: `{text, revision}` in, `{revision, saved_at}` out; 409 with the other text, 422 with a reason."""
    place_for(request.acting, training_class, task)
    try:
        said = json_of(request.body)
        text, revision = str(said["text"]), int(said["revision"])
    except (ValueError, KeyError, TypeError):
        raise BadRequest from None
    now = clock.now()
    try:
        row = drafts.save_draft(
            by=request.acting, training_class=training_class, task=task, text=text, revision=revision, now=now
        )
    except drafts.HomeworkStale as stale:
        theirs = {"text": stale.text, "revision": stale.revision, "message": stale.message}
        return JsonResponse(theirs, status=409)
    except HomeworkRefused as refusal:
        return JsonResponse({"message": refusal.message}, status=422)
    saved_at = row.saved_at.astimezone(clock.SHANGHAI).strftime("%H:%M:%S")
    return JsonResponse({"revision": row.revision, "saved_at": saved_at})


@csrf_exempt
@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def homework_video(request: ActingRequest, training_class: UUID, task: UUID) -> HttpResponse:
    """Adding a video. The token is checked inside: to find it the whole body must be read, and that only after the gate."""
    place = place_for(request.acting, training_class, task)
    if Accepts.VIDEO not in place.task.block.accepts:
        raise Http404
    if not may_write(place):  # its page says why
        return redirect("courses:homework_task", training_class, task)
    return _video(request, place)


@csrf_protect
def _video(request: ActingRequest, place: Place) -> HttpResponse:
    row, uid = place.enrolment.training_class, place.task.block.uid
    form = VideoForm(request.POST, request.FILES) if request.method == "POST" else VideoForm()
    if request.method == "POST" and form.is_valid():
        try:
            drafts.add_video(
                by=request.acting,
                training_class=row.uuid,
                task=uid,
                file=form.cleaned_data["video"],
                form_token=form.cleaned_data["token"],
                now=clock.now(),
            )
        except HomeworkRefused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("The video is stored. Hand in when everything is there."))
            return redirect("courses:homework_task", row.uuid, uid)
    shown = {
        "form": form,
        "head": task_head(row, place.task),
        "max_bytes": settings.UPLOAD_MAX_BYTES,
        "said": json.dumps({"target": "homework", "class": str(row.uuid), "task": str(uid)}),
        "back_url": reverse("courses:homework_task", args=[row.uuid, uid]),
    }
    return render(request, "courses/homework/video.html", shown, status=422 if form.errors else 200)


@login_required
@require_POST
def homework_take_back(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """Make a draft of it again."""
    row = own_item(request.acting, uuid)
    try:
        drafts.take_back(by=request.acting, item=uuid, now=clock.now())
    except HomeworkRefused as refusal:
        messages.warning(request, refusal.message)
    else:
        messages.success(request, _("Taken back. Change it and hand it in again."))
    return redirect("courses:homework_task", row.enrolment.training_class.uuid, row.task)


# ---- files ----


@login_required
@require_safe
def homework_picture(request: ActingRequest, uuid: UUID) -> HttpResponseBase:
    """A picture, to its maker and to readers of what it was handed in with."""
    row = picture_for(request.acting, uuid)
    file = StoredFile(row.key, row.size, row.sha256, "image/jpeg")
    try:
        return serve(request, file, name="homework.jpg")
    except FileNotFoundError:
        raise Http404 from None


@login_required
@require_safe
def homework_video_file(request: ActingRequest, uuid: UUID, what: str) -> HttpResponseBase:
    """`video`, `poster` or `captions` of a hand-in, by an address signed for this reader. Anything else is 404."""
    row = HomeworkItem.objects.filter(uuid=uuid, video__isnull=False).only("video").first()
    if row is None or row.video is None:
        raise Http404
    if not is_signed(request.GET, row.video, what, user=request.acting.user, now=clock.now()):
        raise Http404
    if what == "captions":
        answer = HttpResponse(captions_vtt(row.video), content_type="text/vtt; charset=utf-8")
        answer["Cache-Control"] = "private, no-cache"
        answer["X-Content-Type-Options"] = "nosniff"
        return answer
    file = material_file(row.video, Purpose.HOMEWORK, _VIDEO_FILES[what]) if what in _VIDEO_FILES else None
    if file is None:
        raise Http404
    return serve(request, file, name=_VIDEO_NAMES[what])


# ---- the desk ----


@login_required
@never_cache
@require_GET
def homework_item(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """One hand-in; its class's instructors mark it here."""
    return _item(request, item_for(request.acting, uuid))


def _item(
    request: ActingRequest, row: HomeworkItem, mark: MarkForm | None = None, back: ReturnForm | None = None
) -> HttpResponse:
    page = marking_page(request.acting, row, now=clock.now())
    chosen = mark.chosen if mark else page.chosen
    words = page.attempt.mark.words if page.attempt.mark else ""
    mark = mark or MarkForm(rubric=page.rubric, initial={"words": words})
    back = back or ReturnForm()
    refused = next((form for form in (mark, back) if form.errors), None)
    shown = {
        "page": page,
        "grid": rubric_grid(page.rubric, chosen),
        "mark": mark,
        "back": back,
        "form": refused or mark,
    }
    return render(request, "courses/homework/item.html", shown, status=422 if refused else 200)


def _taken_back(request: ActingRequest) -> HttpResponse:
    messages.warning(request, _("She has taken this back meanwhile. It comes again when she hands it in."))
    return redirect("courses:homework")


@login_required
@require_POST
def homework_mark(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """Give the mark, then go on to the next that waits."""
    if taken_back(request.acting, uuid):
        return _taken_back(request)
    row = item_for(request.acting, uuid)
    form = MarkForm(request.POST, rubric=rubric_for(homework_rule(row.enrolment.training_class)))
    if form.is_valid():
        try:
            made = marking.mark_homework(
                by=request.acting, item=uuid, levels=form.levels, words=form.cleaned_data["words"], now=clock.now()
            )
        except HomeworkRefused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Marked: %(mark)s. She is told.") % {"mark": made.mark})
            return redirect(next_item(request.acting, row) or "courses:homework")
    return _item(request, row, mark=form)


@login_required
@require_POST
def homework_return(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """Give it back, then go on to the next that waits."""
    if taken_back(request.acting, uuid):
        return _taken_back(request)
    row = item_for(request.acting, uuid)
    form = ReturnForm(request.POST)
    if form.is_valid():
        try:
            marking.return_homework(by=request.acting, item=uuid, reason=form.cleaned_data["reason"], now=clock.now())
        except HomeworkRefused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Returned. She is told and may hand in again."))
            return redirect(next_item(request.acting, row) or "courses:homework")
    return _item(request, row, back=form)


@login_required
@never_cache
@require_GET
def homework_class(request: ActingRequest, training_class: UUID) -> HttpResponse:
    """The homework of one class; hers are on her list."""
    if request.acting.role is Role.TRAINEE:
        return redirect("courses:homework")
    row = homework_class_for(request.acting, training_class)
    return render(request, "courses/homework/class.html", {"page": class_homework_page(request.acting, row)})


@login_required
@require_POST
def homework_settle(request: ActingRequest, training_class: UUID) -> HttpResponse:
    """Count what is missing and tell the assessment."""
    row = homework_class_for(request.acting, training_class)
    try:
        done = marking.settle_homework(by=request.acting, training_class=row, now=clock.now())
    except HomeworkRefused as refusal:
        messages.warning(request, refusal.message)
    else:
        messages.success(request, _("Told to the assessment: %(number)d.") % {"number": done.told})
        for name, why in done.refused:
            messages.warning(request, f"{name}: {why}")
    return redirect("courses:homework_class", training_class)
