"""Her notices, and the list of people whom none has reached."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from lms.accounts.api import ActingRequest
from lms.core import clock
from lms.notices.selectors import notice_page, notices_for, unreached_for
from lms.notices.services import open_notice, record_told


@login_required
@require_GET
def notices(request: ActingRequest) -> HttpResponse:
    """Her notices, newest first."""
    asked = request.GET.get("page", "")
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 7 else 1
    page = notices_for(request.acting, page=number, now=clock.now())
    return render(request, "notices/list.html", {"page": page})


@login_required
@require_GET
def notice(request: ActingRequest, notice: UUID) -> HttpResponse:
    """One notice; opening it is its receipt."""
    now = clock.now()
    row = open_notice(by=request.acting, notice=notice, now=now)
    return render(request, "notices/notice.html", {"page": notice_page(row, now=now)})


@login_required
@require_GET
def unreached(request: ActingRequest) -> HttpResponse:
    """People whom nothing has reached, to tell them in person; made to be printed."""
    page = unreached_for(
        request.acting, kind=request.GET.get("kind", ""), group=request.GET.get("about", ""), now=clock.now()
    )
    return render(request, "notices/unreached.html", {"page": page, "here": request.get_full_path()})


@login_required
@require_POST
def told(request: ActingRequest, notice: UUID) -> HttpResponse:
    """Somebody told her in person."""
    record_told(by=request.acting, notice=notice, now=clock.now())
    messages.success(request, _("Noted."))
    here = request.POST.get("next", "")
    list_url = reverse("notices:unreached")
    safe = here.startswith(list_url) and url_has_allowed_host_and_scheme(here, allowed_hosts=None)
    return redirect(here if safe else list_url)
