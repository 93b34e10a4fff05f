"""On whose behalf a request is made, and what must be done before anything else."""

from collections.abc import Callable
from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth import logout
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, resolve_url
from django.utils import translation
from django.utils.functional import SimpleLazyObject

from lms.accounts.memberships.selectors import acting_for
from lms.accounts.people.models import User
from lms.accounts.rules import acting_of
from lms.accounts.signin.signals import SECOND_FACTOR_KEY
from lms.accounts.types import STAFF_ROLES

MEMBERSHIP_KEY = "membership"  # in the session: the uuid of the membership chosen
# Open to a user who still has to choose a password or set up the second factor.
_ALWAYS_OPEN = frozenset(
    {
        "account_logout",
        "account_login",
        "account_reauthenticate",
        "mfa_reauthenticate",
        "accounts:set_preferences",
        "accounts:switch_membership",
    }
)
_OPEN_WITH_INITIAL_PASSWORD = _ALWAYS_OPEN | {"account_change_password"}
_OPEN_WITHOUT_SECOND_FACTOR = _ALWAYS_OPEN | {"account_change_password", "mfa_activate_totp"}


class ActingMiddleware:
    """`request.acting` and `request.user.acting` say on whose behalf the request is made; worked out at first use.

    A signed-in user's own language goes before the browser's.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        attach_acting(request)
        language = getattr(request.user, "language", "")
        if language:
            translation.activate(language)
        return self.get_response(request)


def attach_acting(request: HttpRequest) -> None:
    """Set `request.acting` anew (after the choice in the session has changed)."""
    user = request.user
    acting = SimpleLazyObject(lambda: acting_for(user, request.session.get(MEMBERSHIP_KEY)))
    request.acting = acting  # type: ignore[attr-defined]
    # Permission predicates see only the user.
    user.acting = acting  # type: ignore[union-attr]


class AdminBodies:
    """A body larger than a form is read for the admin from those alone who may enter it.

    The check of the form's token reads the whole body, and comes before Wagtail's own gate. Raises PermissionDenied.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or ""
        if (
            request.path_info.startswith("/admin/")
            and length.isdecimal()
            and int(length[:19]) > settings.BODY_MAX_BYTES
            and not request.user.has_perm("wagtailadmin.access_admin")
        ):
            raise PermissionDenied
        return self.get_response(request)


class FirstThingsMiddleware:
    """A first password is changed and, by staff, a second factor set up before any other page is shown."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        """Redirects, or lets the view answer."""
        if not request.user.is_authenticated or request.resolver_match is None:
            return None
        page = request.resolver_match.view_name
        if request.user.password_is_initial:
            return None if page in _OPEN_WITH_INITIAL_PASSWORD else _go("account_change_password", request)
        if page in _OPEN_WITHOUT_SECOND_FACTOR or acting_of(request.user).role not in STAFF_ROLES:
            return None
        if not has_second_factor(request.user):
            return _go("mfa_activate_totp", request)
        if not request.session.get(SECOND_FACTOR_KEY):  # signed in before it was set up, or past allauth's stages
            logout(request)
            return _go("account_login", request)
        return None


def has_second_factor(user: User) -> bool:
    """Whether an authenticator app is set up."""
    return Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists()


def _go(page: str, request: HttpRequest) -> HttpResponse:
    if request.headers.get("HX-Request"):  # a fragment's answer would be swapped into the page
        return HttpResponse(status=204, headers={"HX-Redirect": resolve_url(page)})
    return redirect(page)
