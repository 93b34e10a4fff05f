"""The coverage report on a published edition, on screen and as Excel; that of a class is the room of classes'."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from courses.catalogue.coverage import (
    Asked,
    coverage_page,
    coverage_tables,
    edition_asked,
    live_facts,
    published_editions,
)
from courses.catalogue.rules import reads_lessons
from lms.accounts.api import ActingRequest
from lms.core import clock
from lms.core.tables import XLSX_TYPE, Table, written_by, xlsx_bytes
from lms.policies.api import profiles


def asked_in(request: HttpRequest) -> Asked:
    """What the address asks for. Raises Http404 for what is no number."""
    said = request.GET

    def number(name: str) -> int | None:
        text = said.get(name, "")
        if text and not (text.isascii() and text.isdigit() and len(text) < 6):
            raise Http404
        return int(text) if text else None

    return Asked(
        level=number("level"),
        edition=number("edition"),
        policy=said.get("policy", ""),
        category=said.get("category", ""),
        audience=said.get("audience", ""),
        special=said.get("special", "") == "1",
    )


@login_required
@never_cache
@require_safe
def coverage(request: ActingRequest) -> HttpResponse:
    """All policies against one edition, or one policy in detail."""
    if not reads_lessons(request):
        raise PermissionDenied
    page = coverage_page(request, asked_in(request), today=clock.today())
    return render(request, "courses/coverage.html", {"page": page})


@login_required
@never_cache
@require_safe
def coverage_file(request: ActingRequest) -> HttpResponse:
    """The same as Excel."""
    if not reads_lessons(request):
        raise PermissionDenied
    asked, today = asked_in(request), clock.today()
    page = edition_asked(published_editions(), asked, today)
    chosen = [rules for rules in profiles(on=today) if asked.policy in {"", rules.key}]
    if page is None or not chosen:
        raise Http404
    name = f"coverage-{page.level}-{page.edition}.xlsx"
    return workbook(request, coverage_tables(asked.on(live_facts(page)), chosen), name)


def workbook(request: ActingRequest, tables: list[Table], name: str) -> HttpResponse:
    """Sheets to take away, signed by who took them."""
    mark = written_by(str(request.user), request.acting.organisation_name, clock.now())
    content = xlsx_bytes(tables, mark=mark)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=XLSX_TYPE, headers=headers)
