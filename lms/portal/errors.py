"""Pages for what went wrong: plain words, a number to quote, no stack trace.

They are rendered without a database query where that may be what failed (500).
"""

import logging
import secrets

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import get_template

log = logging.getLogger("kaibo.errors")


def _page(request: HttpRequest, template: str, status: int) -> HttpResponse:
    return render(request, template, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: the request could not be read."""
    return _page(request, "portal/errors/400.html", 400)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: signed in, but not for this page."""
    return _page(request, "portal/errors/403.html", 403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: no such page, or none this person may know of."""
    return _page(request, "portal/errors/404.html", 404)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: the form's token is missing or old; what was typed is still in the browser."""
    return _page(request, "portal/errors/csrf.html", 403)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: our fault, with a number that is also in the log."""
    number = secrets.token_hex(3).upper()
    log.error("error %s at %s", number, request.path)
    # No context processors: the database may be what failed.
    return HttpResponse(get_template("portal/errors/500.html").render({"number": number}), status=500)
