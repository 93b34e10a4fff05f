"""The account's own pages beside allauth's."""

from typing import cast

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from lms.accounts.memberships.models import Membership
from lms.accounts.memberships.selectors import valid_memberships
from lms.accounts.middleware import MEMBERSHIP_KEY
from lms.accounts.people.models import User
from lms.accounts.people.services import set_preferences as store_preferences
from lms.accounts.signin.forms import PreferencesForm
from lms.accounts.signin.selectors import account_page
from lms.core import audit, clock

_YEAR_S = 365 * 24 * 3600
_COOKIES = {"language": settings.LANGUAGE_COOKIE_NAME, "text_size": "kb_text_size", "theme": "kb_theme"}


@require_POST
def set_preferences(request: HttpRequest) -> HttpResponse:
    """Language, text size, theme: kept on the account and, for the pages before signing in, in a cookie."""
    form = PreferencesForm(request.POST)
    if not form.is_valid():
        return HttpResponse(status=400)
    changes = form.changes()
    if request.user.is_authenticated and changes:
        store_preferences(user=_user(request), changes=changes)
    answer = redirect(_way_back(request))
    for name, value in changes.items():
        answer.set_cookie(
            _COOKIES[name],
            value,
            max_age=_YEAR_S,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
    return answer


def _user(request: HttpRequest) -> User:
    return cast("User", request.user)


def _way_back(request: HttpRequest) -> str:
    target = request.POST.get("next") or ""
    safe = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return target if safe else reverse("portal:home")


@require_POST
@login_required
def switch_membership(request: HttpRequest) -> HttpResponse:
    """Act for another of one's organisations or in another role; 404 when that membership does not hold today."""
    held = valid_memberships(_user(request), today=clock.today())
    try:
        chosen = get_object_or_404(held, uuid=request.POST.get("membership") or None)
    except (ValueError, TypeError):
        raise Http404 from None
    _act_as(request, chosen)
    return redirect("portal:home")


def _act_as(request: HttpRequest, chosen: Membership) -> None:
    request.session[MEMBERSHIP_KEY] = str(chosen.uuid)
    audit.record(
        subject_kind="user",
        subject=chosen.user.uuid,
        action="acts_as",
        actor=chosen.user.uuid,
        fields={"membership": chosen.uuid},
        now=clock.now(),
    )


@require_GET
@login_required
@never_cache
def account(request: HttpRequest) -> HttpResponse:
    """The account: login name, password, second step, signed-in devices, roles."""
    return render(request, "account/overview.html", {"page": account_page(_user(request))})


@require_GET
def forgotten(request: HttpRequest) -> HttpResponse:
    """What to do about a forgotten password or a lost phone: ask the next level up; nothing is mailed."""
    return render(request, "account/forgotten.html")


def closed(request: HttpRequest, rest: str = "") -> HttpResponse:
    """allauth's pages for mail addresses and codes by mail: there are none here. Raises Http404."""
    raise Http404
