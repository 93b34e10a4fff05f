"""The law book, open to everybody for what its issuers published, and the working-day calendar."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from lms.accounts.api import ActingRequest
from lms.core import clock
from lms.core.workdays.api import write_year, year_table
from lms.policies import pages
from lms.policies.forms import YearForm
from lms.policies.rules import require_keeper


def _frame(request: ActingRequest) -> str:
    """Strangers read published policies on the public shell; "" lets the page take the reader's own."""
    return "" if request.user.is_authenticated else "shells/public.html"


@require_GET
def law_book(request: ActingRequest) -> HttpResponse:
    """Every policy the reader may read."""
    page = pages.law_book(request.acting, today=clock.today())
    return render(request, "policies/list.html", {"page": page, "frame": _frame(request)})


@require_GET
def profile(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """One version with its clauses."""
    page = pages.profile_page(request.acting, uuid, today=clock.today())
    return render(request, "policies/profile.html", {"page": page, "frame": _frame(request)})


@login_required
@require_GET
def calendar(request: ActingRequest, year: int | None = None) -> HttpResponse:
    """The working days of a year."""
    today = clock.today()
    page = pages.calendar_page(request.acting, year or today.year, today=today)
    return render(request, "policies/calendar.html", {"page": page})


@login_required
@require_http_methods(["GET", "POST"])
def calendar_edit(request: ActingRequest, year: int) -> HttpResponse:
    """The keeper writes a year's table."""
    require_keeper(request.acting)
    table = year_table(year)
    form = YearForm(request.POST or None, table=table)
    if request.method == "POST" and form.is_valid() and request.acting.user:
        write_year(
            by=request.acting.user,
            year=year,
            source=form.cleaned_data["source"],
            days=form.cleaned_data["days"],
            now=clock.now(),
        )
        messages.success(request, _("The table is saved."))
        return redirect("policies:calendar_year", year=year)
    return render(
        request, "policies/calendar_edit.html", {"form": form, "year": year}, status=422 if form.errors else 200
    )
