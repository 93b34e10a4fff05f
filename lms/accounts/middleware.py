"""Sets `request.acting`."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from lms.accounts.memberships.selectors import acting_for


class ActingMiddleware:
    """`request.acting` says on whose behalf the request is made; worked out at its first use."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = request.session.get("membership")
        request.acting = SimpleLazyObject(lambda: acting_for(request.user, chosen))  # type: ignore[attr-defined]
        return self.get_response(request)
