"""The review and the committee's acts in Wagtail's frame; decisions about levels; files of lessons."""

from typing import cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from wagtail.models import Page

from courses.catalogue.forms import OpeningForm, ReviewForm, ShareForm
from courses.catalogue.logic import DECIDED_LEVELS
from courses.catalogue.models import CoursePage, LessonPage, LevelPage, VersionFile
from courses.catalogue.presentation import draft_view, level_rows
from courses.catalogue.reviewing import may_review
from courses.catalogue.rules import (
    arranges_curriculum,
    reads_lessons,
    reads_openings,
    require_opening_right,
    writes_lessons,
)
from courses.catalogue.services import CurriculumRefused, copy_edition, decide_level, share_module
from lms.accounts.api import Acting, ActingRequest, User
from lms.core import clock
from lms.core.types import Level


def _acting(request: HttpRequest) -> Acting:
    return cast("ActingRequest", request).acting


def _user(request: HttpRequest) -> User:
    return cast("User", request.user)


# In Wagtail's frame, which has asked already whether she may enter the admin -----------------------------------------
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def review(request: HttpRequest, page: int) -> HttpResponse:
    """The text under review as its readers will see it; approve it or return it with remarks."""
    held = get_object_or_404(Page, pk=page).specific
    state = held.current_workflow_task_state
    if not writes_lessons(request):
        raise PermissionDenied
    if state is None:
        messages.info(request, _("This is not under review any more."))
        return redirect("wagtailadmin_pages:edit", page)
    may_decide = may_review(held, request.user)
    form = ReviewForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        action, comment = request.POST.get("action", ""), form.cleaned_data["comment"].strip()
        if action == "reject" and not comment:
            form.add_error("comment", _("Say what is to be changed."))
        elif action in {"approve", "reject"}:
            state.task.specific.on_action(state, request.user, action, comment=comment)
            held.refresh_from_db()
            messages.success(request, _outcome(action, held))
            return redirect("wagtailadmin_home")
    revision = state.revision.as_object()
    context = {
        "header_title": state.revision.object_str,
        "header_icon": "clipboard-list",
        "up_url": reverse("wagtailadmin_home"),
        "up_text": pgettext("review", "Home"),
        "form": form,
        "may_decide": may_decide,
        "state": state,
        "page": held,
        "draft": revision,
        "lesson": draft_view(revision, user=_acting(request).user, now=clock.now())
        if isinstance(revision, LessonPage)
        else None,
        "compare_url": reverse("wagtailadmin_pages:revisions_compare", args=[held.pk, "live", state.revision_id])
        if held.live
        else "",
        "preview_url": reverse("wagtailadmin_pages:workflow_preview", args=[held.pk, state.task_id]),
    }
    return render(request, "courses/admin/review.html", context, status=422 if form.errors else 200)


def _outcome(action: str, page: Page) -> str:
    if action == "reject":
        return _("Returned to the author with your remarks.")
    if page.live and not page.has_unpublished_changes:
        return _("Approved. It is live now.")
    return _("Approved. It goes live on its date.")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new_edition(request: HttpRequest, page: int) -> HttpResponse:
    """Copy a level as a new edition."""
    if not arranges_curriculum(request):
        raise PermissionDenied
    level = get_object_or_404(LevelPage, pk=page)
    if request.method == "POST":
        try:
            made = copy_edition(by=_acting(request), user=_user(request), page=level, now=clock.now())
        except CurriculumRefused as refusal:
            messages.error(request, refusal.message)
        else:
            messages.success(request, _("The new edition is a draft. Set its first day and submit it for review."))
            return redirect("wagtailadmin_pages:edit", made.pk)
    context = {
        "header_title": _("Copy as a new edition"),
        "header_icon": "copy",
        "up_url": reverse("wagtailadmin_explore", args=[level.pk]),
        "up_text": level.title,
        "level": level,
        "lessons": LessonPage.objects.descendant_of(level).count(),
    }
    return render(request, "courses/admin/edition.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def share(request: HttpRequest, page: int) -> HttpResponse:
    """Use a module in another level."""
    if not arranges_curriculum(request):
        raise PermissionDenied
    course = get_object_or_404(CoursePage, pk=page)
    others = LevelPage.objects.exclude(pk=course.get_parent().pk).order_by("-level", "-edition")
    choices = [(one.pk, _edition_title(one)) for one in others]
    form = ShareForm(request.POST if request.method == "POST" else None, levels=choices)
    if request.method == "POST" and form.is_valid():
        level = get_object_or_404(LevelPage, pk=form.cleaned_data["level"])
        try:
            made = share_module(by=_acting(request), user=_user(request), course=course, level=level, now=clock.now())
        except CurriculumRefused as refusal:
            form.add_error("level", refusal.message)
        else:
            messages.success(request, _("The level uses this module once the review has approved it."))
            return redirect("wagtailadmin_pages:edit", made.pk)
    context = {
        "header_title": _("Use in another level"),
        "header_icon": "link",
        "up_url": reverse("wagtailadmin_explore", args=[course.pk]),
        "up_text": course.title,
        "form": form,
        "button": pgettext("module", "Use it there"),
    }
    return render(request, "accounts/admin/form.html", context, status=422 if form.errors else 200)


def _edition_title(page: LevelPage) -> str:
    if page.edition == 1:
        return page.title
    return _("%(title)s, edition %(number)d") % {"title": page.title, "number": page.edition}


# At the desk ----------------------------------------------------------------------------------------------------------
@login_required
@never_cache
@require_safe
def levels(request: ActingRequest) -> HttpResponse:
    """Every level, whether it is open, and what was decided."""
    if not reads_openings(request):
        raise PermissionDenied
    return render(request, "courses/levels.html", {"rows": level_rows(request.acting)})


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def decide_level_view(request: ActingRequest, level: int) -> HttpResponse:
    """Open or close one of the levels that wait for a decision (S1-10)."""
    require_opening_right(request.acting)
    if level not in {int(one) for one in DECIDED_LEVELS}:
        raise Http404
    row = next(row for row in level_rows(request.acting) if row.number == level)
    form = OpeningForm(request.POST if request.method == "POST" else None, initial={"decided_on": clock.today()})
    if request.method == "POST" and form.is_valid():
        try:
            decide_level(
                by=request.acting, level=Level(level), opens=not row.is_open, now=clock.now(), **form.cleaned_data
            )
        except CurriculumRefused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        else:
            messages.success(request, _("The decision is recorded."))
            return redirect("courses:levels")
    return render(request, "courses/level_decide.html", {"form": form, "row": row}, status=422 if form.errors else 200)


# Files ----------------------------------------------------------------------------------------------------------------
@login_required
@require_safe
def version_file(request: ActingRequest, version: UUID, sha256: str) -> HttpResponseBase:
    """A picture or file of a kept lesson, for whoever reads lessons. It never changes, so it may be kept by the browser."""
    if not reads_lessons(request):
        raise PermissionDenied
    held = VersionFile.objects.filter(version__uuid=version, sha256=sha256).select_related("image", "document").first()
    if held is None:
        raise Http404
    file = held.image.file if held.image else held.document.file
    answer = _file(file.name, attachment=held.image is None)
    answer["Cache-Control"] = "private, max-age=31536000, immutable"
    return answer


@login_required
@require_safe
def draft_file(request: ActingRequest, name: str) -> HttpResponseBase:
    """Pictures and documents as Wagtail's admin shows them, for those who write lessons."""
    if not writes_lessons(request):
        raise PermissionDenied
    if not name.startswith(_WAGTAILS_FOLDERS) or ".." in name:
        raise Http404
    return _file(name, attachment=name.startswith("documents/"))


_WAGTAILS_FOLDERS = ("images/", "original_images/", "documents/")


def _file(name: str, *, attachment: bool) -> FileResponse:
    try:
        answer = FileResponse(default_storage.open(name, "rb"), as_attachment=attachment)
    except (FileNotFoundError, IsADirectoryError, OSError):
        raise Http404 from None
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer
