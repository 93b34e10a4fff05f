"""Statistics at the desk of those who do not enter Wagtail's admin: chief examiners, HR bureau, inspectors."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from assessment.statistics.pages import Frame, list_page, question_page, run_page
from assessment.statistics.views import asked_of, excel_of
from lms.accounts.api import ActingRequest

_FRAME = Frame(desk=True)


@login_required
@require_safe
def analyses(request: ActingRequest) -> HttpResponse:
    """Sittings analysed."""
    page = list_page(request.acting, _FRAME, **asked_of(request.GET))
    return render(request, "assessment/statistics/desk_list.html", {"page": page, "desk": True})


@login_required
@require_safe
def analysis(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """One run."""
    page = run_page(request.acting, uuid, _FRAME, form=request.GET.get("form", ""))
    context = {"page": page, "desk": True, "list_url": _FRAME.list()}
    return render(request, "assessment/statistics/desk_run.html", context)


@login_required
@require_safe
def excel(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """The same as a file."""
    return excel_of(request, uuid)


@login_required
@require_safe
def question(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """One question by version, without options: they tell the key."""
    version, run = request.GET.get("version", ""), request.GET.get("run", "")
    page = question_page(request.acting, uuid, _FRAME, version=version, run=run)
    context = {"page": page, "desk": True, "list_url": _FRAME.list()}
    return render(request, "assessment/statistics/desk_question.html", context)
