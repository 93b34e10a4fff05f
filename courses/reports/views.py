"""The list of classes, a class's report, one person's, and the Excel file."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from courses.reports.selectors import class_list, person_page, report_page, reported_class, reported_enrolment
from courses.reports.services import export_report
from lms.accounts.api import ActingRequest
from lms.core import clock
from lms.core.tables import XLSX_TYPE


def _page_asked(request: ActingRequest) -> int:
    asked = request.GET.get("page", "")
    return int(asked) if asked.isdecimal() and len(asked) < 7 else 1


@login_required
@never_cache
@require_GET
def progress(request: ActingRequest) -> HttpResponse:
    """The classes one may report on."""
    page = class_list(request.acting, page=_page_asked(request))
    return render(request, "courses/reports/list.html", {"page": page})


@login_required
@never_cache
@require_GET
def progress_class(request: ActingRequest, training_class: UUID) -> HttpResponse:
    """One class; `?show=` is the list of trainees."""
    row = reported_class(request.acting, training_class)
    page = report_page(
        request.acting, row, show=request.GET.get("show", ""), page=_page_asked(request), now=clock.now()
    )
    return render(request, "courses/reports/class.html", {"page": page})


@login_required
@never_cache
@require_GET
def progress_export(request: ActingRequest, training_class: UUID) -> HttpResponse:
    """The same as a file, with the same list of trainees; who took it is recorded."""
    row = reported_class(request.acting, training_class)
    now = clock.now()
    made = export_report(by=request.acting, training_class=row, show=request.GET.get("show", ""), now=now)
    answer = HttpResponse(made, content_type=XLSX_TYPE)
    name = f"{row.name}-{_('progress')}-{clock.day_of(now).isoformat()}.xlsx"
    answer["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    return answer


@login_required
@never_cache
@require_GET
def progress_person(request: ActingRequest, training_class: UUID, enrolment: UUID) -> HttpResponse:
    """One trainee of a class."""
    row = reported_enrolment(request.acting, training_class, enrolment)
    return render(request, "courses/reports/person.html", {"page": person_page(request.acting, row, now=clock.now())})
