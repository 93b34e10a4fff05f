"""Homes of the roles and the pages that join domains: gate → selector → template."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from lms.accounts.api import ActingRequest, Role, can
from lms.core import clock
from lms.core.jobs import NotDead, retry_dead
from lms.core.packages import key_id, own_keys
from lms.portal import desk_home, homes, selectors
from media_pipeline.api import page_asked


@login_required
@require_GET
def home(request: ActingRequest) -> HttpResponse:
    """The first page after signing in: what to do now."""
    if request.acting.role is Role.TRAINEE:
        return render(request, "portal/home_trainee.html", {"page": homes.trainee_home(request.acting)})
    return render(request, "portal/home_desk.html", {"page": desk_home.desk_home(request.acting)})


@login_required
@require_GET
def works_overview(request: ActingRequest) -> HttpResponse:
    """Works of the trainees an institution, bureau, chief or inspector covers."""
    return render(
        request, "portal/works_overview.html", {"page": selectors.works_for(request.acting, page=page_asked(request))}
    )


@login_required
@require_GET
def dead_letters(request: ActingRequest) -> HttpResponse:
    """Jobs that gave up, for administrators."""
    return render(request, "portal/dead_letters.html", {"rows": selectors.dead_letters_for(request.acting)})


@login_required
@require_POST
def retry_dead_letter(request: ActingRequest, job: UUID) -> HttpResponse:
    """Send a failed job back to work."""
    if can(request.acting, "dead_letter", "execute") is None or request.acting.user is None:
        raise PermissionDenied
    try:
        retry_dead(job=job, by=request.acting.user, now=clock.now())
    except NotDead:
        messages.warning(request, gettext("This job is no longer in the list."))
    else:
        messages.success(request, gettext("The job is waiting for the worker again."))
    return redirect("portal:dead_letters")


@require_GET
def package_keys(request: HttpRequest) -> HttpResponse:
    """The public keys that packages sealed here are checked with, a line each: the key's id and its 64 hex digits.

    For anybody: who holds a package must not need a login to check it.
    """
    lines = "".join(f"{key_id(public)} {public.hex()}\n" for public in own_keys())
    return HttpResponse(lines, content_type="text/plain; charset=utf-8")


@never_cache
@require_GET
def healthz(request: HttpRequest) -> HttpResponse:
    """For load balancers: 200 when the database answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"ok": True})
