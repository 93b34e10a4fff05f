"""The account's own pages beside allauth's."""

from typing import cast
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lms.accounts.memberships.models import Membership
from lms.accounts.memberships.selectors import valid_memberships
from lms.accounts.middleware import MEMBERSHIP_KEY
from lms.accounts.people.models import User
from lms.accounts.people.services import set_preferences as store_preferences
from lms.accounts.signin.forms import AliasCodeForm, AliasForm, PreferencesForm
from lms.accounts.signin.limits import within
from lms.accounts.signin.selectors import account_page, alias_rows
from lms.accounts.signin.services import confirm_alias, end_alias, request_alias
from lms.accounts.signin.types import AliasKind, AliasState
from lms.accounts.types import AccountsRefusal
from lms.core import audit, clock

_ALIAS_RATES = "3/h/user,6/h/key,30/h/ip"
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
    answer = HttpResponseRedirect(_onward(request, request.POST.get("next"), "portal:home"))
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


def _onward(request: HttpRequest, target: str | None, otherwise: str) -> str:
    """Where to go next: a path on this site, else the named page."""
    safe = (target or "").startswith("/") and url_has_allowed_host_and_scheme(
        target or "", allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return target if target and safe else reverse(otherwise)


@require_POST
@login_required
def switch_membership(request: HttpRequest) -> HttpResponse:
    """Act for another of one's organisations or in another role; 404 when that membership does not hold today."""
    try:
        asked = UUID(request.POST.get("membership", ""))
    except ValueError:
        raise Http404 from None
    chosen = get_object_or_404(valid_memberships(_user(request), today=clock.today()), uuid=asked)
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
    user = _user(request)
    return render(request, "account/overview.html", {"page": account_page(user), "aliases": alias_rows(user)})


@login_required
@require_http_methods(["GET", "POST"])
@never_cache
def aliases(request: HttpRequest, kind: str) -> HttpResponse:
    """Add a phone number or mail address (a code is sent), confirm it by the code, or take it away (`act`)."""
    try:
        wanted = AliasKind(kind)
    except ValueError:
        raise Http404 from None
    user, act = _user(request), request.POST.get("act", "")
    row = next((one for one in alias_rows(user) if one.kind is wanted), None)
    if row is None:
        raise Http404
    if act == "end":
        end_alias(user=user, kind=wanted, now=clock.now())
        messages.success(request, _("It no longer signs you in."))
        return redirect("accounts:account")
    waits = row.state is AliasState.PENDING and act != "send"
    form = AliasCodeForm(request.POST or None) if waits else AliasForm(request.POST or None, kind=wanted)
    if request.method == "POST" and form.is_valid():
        try:
            if isinstance(form, AliasCodeForm):
                confirm_alias(user=user, kind=wanted, code=form.cleaned_data["code"], now=clock.now())
                messages.success(request, _("Confirmed. You can sign in with it from now on."))
                return redirect("accounts:account")
            if within(request, "alias", _ALIAS_RATES, key=form.cleaned_data["value"].strip()):
                request_alias(user=user, kind=wanted, value=form.cleaned_data["value"], now=clock.now())
                return redirect("accounts:alias", kind=kind)
            form.add_error(None, _("Several codes were sent already. Please wait an hour."))
        except AccountsRefusal as refusal:
            form.refuse(refusal)
    words = {"form": form, "row": row, "waits": waits}
    return render(request, "account/alias.html", words, status=422 if form.errors else 200)


@require_GET
def forgotten(request: HttpRequest) -> HttpResponse:
    """What to do about a forgotten password or a lost phone: ask the next level up; nothing is mailed."""
    return render(request, "account/forgotten.html")


@require_GET
@never_cache
def admin_door(request: HttpRequest) -> HttpResponse:
    """Where Wagtail sends whoever it does not let in: to sign in, or, signed in with another role, to a plain no.

    Raises PermissionDenied.
    """
    if request.user.is_authenticated:
        raise PermissionDenied(_("The content admin is for the curriculum committee and administrators."))
    return redirect_to_login(
        _onward(request, request.GET.get("next"), "wagtailadmin_home"), login_url=reverse("account_login")
    )


def closed(request: HttpRequest, rest: str = "") -> HttpResponse:
    """allauth's pages for mail addresses and codes by mail: there are none here. Raises Http404."""
    raise Http404
