"""Her own data: read, printed, downloaded; and the same at an office's counter."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from lms.accounts.held.forms import PurposeForm
from lms.accounts.held.selectors import file_name, held_by, person_held_for, subject
from lms.accounts.held.services import download_held, read_held_of
from lms.accounts.requests import ActingRequest
from lms.accounts.types import AccountsRefusal
from lms.core import clock

# Of each section on the page; paper and download hold all of them.
ROWS_SHOWN = 200


@login_required
@never_cache
@require_GET
def held(request: ActingRequest) -> HttpResponse:
    """Everything held about whoever is signed in."""
    page = held_by(request.acting, now=clock.now(), limit=ROWS_SHOWN)
    return render(request, "accounts/held/held.html", {"page": page})


@login_required
@never_cache
@require_GET
def printed(request: ActingRequest) -> HttpResponse:
    """The same on paper."""
    return render(request, "accounts/held/print.html", {"page": held_by(request.acting, now=clock.now())})


@login_required
@never_cache
@require_GET
def download(request: ActingRequest) -> HttpResponse:
    """The same for a machine."""
    made = download_held(by=request.acting, now=clock.now())
    answer = JsonResponse(
        {"made_at": made.made_at.isoformat(), "sections": made.sections},
        json_dumps_params={"ensure_ascii": False, "indent": 2},
    )
    answer["Content-Disposition"] = f'attachment; filename="{file_name(made.made_at)}"'
    return answer


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def of_person(request: ActingRequest, person: UUID) -> HttpResponse:
    """An office prints what is held about somebody who cannot do so herself, for a stated purpose."""
    row = person_held_for(request.acting, person)
    form = PurposeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            page = read_held_of(
                by=request.acting, person=row.uuid, purpose=form.cleaned_data["purpose"], now=clock.now()
            )
        except AccountsRefusal as refusal:
            form.add_error(refusal.field or None, refusal.message)
        else:
            return render(request, "accounts/held/print.html", {"page": page})
    return render(
        request,
        "accounts/held/purpose.html",
        {"form": form, "card": subject(row)},
        status=422 if form.errors else 200,
    )
