"""In Wagtail's frame, which has asked already whether she may enter the admin: the packages, and handing one in."""

from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from courses.packages.forms import PackageForm
from courses.packages.rules import may_make
from courses.packages.selectors import package_list
from courses.packages.services import make_package, no_origin
from courses.packages.types import PackageRefused
from lms.accounts.api import Acting, ActingRequest
from lms.core import clock
from lms.core.reading import words_asked
from media_pipeline.api import page_asked


def _acting(request: HttpRequest) -> Acting:
    return cast("ActingRequest", request).acting


def _head(title: str, **words: Any) -> dict[str, Any]:
    return {"header_title": title, "header_icon": "code", **words}


@never_cache
@require_GET
def packages(request: HttpRequest) -> HttpResponse:
    """All packages; `?q=` finds by title."""
    query, page = words_asked(request.GET), page_asked(request)
    listing = package_list(_acting(request), now=clock.now(), query=query, page=page)
    action = {"action_url": reverse("packages:upload"), "action_text": _("New package")}
    return render(request, "courses/packages/list.html", _head(_("Packages"), listing=listing, **action))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    """A new package."""
    if not may_make(_acting(request)):
        raise PermissionDenied
    form = PackageForm(request.POST, request.FILES) if request.method == "POST" else PackageForm()
    if form.is_bound and form.is_valid():
        sent = form.cleaned_data
        try:
            made = make_package(by=_acting(request), title=sent["title"], file=sent["package"].file, now=clock.now())
        except PackageRefused as refusal:
            form.add_error(refusal.field or None, refusal.message)
        else:
            messages.success(request, _("“%(title)s” is here. Choose it in a lesson.") % {"title": made.title})
            return redirect("packages:list")
    up = {"up_url": reverse("packages:list"), "up_text": _("Packages")}
    words = _head(_("New package"), form=form, closed=no_origin(), **up)
    return render(request, "courses/packages/upload.html", words, status=422 if form.errors else 200)
