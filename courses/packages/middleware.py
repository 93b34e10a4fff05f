"""The door of the other origin, in front of everything of ours."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from courses.packages.addresses import content_host
from courses.packages.serving import answer


class ContentOrigin:
    """Requests to CONTENT_ORIGIN's host are answered here and go no further: no session, no cookie, no address of ours.

    The first of MIDDLEWARE. By the raw header: the host is none of ALLOWED_HOSTS, so nothing else ever answers it. Our
    own host has no address below /p/: there packages are 404.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        host = content_host()
        if host and request.META.get("HTTP_HOST", "").lower() == host:
            return answer(request)
        return self.get_response(request)
