"""Middleware: bounds on bodies, the Content-Security-Policy, and what a shared computer may keep."""

import re
import threading
from collections.abc import Callable
from typing import Any

from csp.constants import SELF, UNSAFE_INLINE
from csp.middleware import CSPMiddleware, PolicyParts
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext, gettext_noop

_BODY_METHODS = frozenset({"POST", "PUT", "PATCH"})
# A multipart body is larger than its file by the other fields and the boundaries.
_FORM_BYTES = 256 * 1024
_RETRY_AFTER_S = 15

_NO_LENGTH = gettext_noop("The size of the file was not announced. Please choose it again.")
_TOO_LARGE = gettext_noop("The file is too large. Make it smaller or shorter and choose it again.")
_BUSY = gettext_noop("Many people are uploading right now. Please try again in a moment.")


class UploadGate:
    """Uploads hold at most half of this process's web threads; the body is not read before that is decided.

    A slow body holds a thread for as long as it lasts: as many stalled uploads as threads would stop every other
    request (measured). Over the limit: 429 with Retry-After. Announced larger than UPLOAD_MAX_BYTES: 413. Without a
    length: 411. Guards POST, PUT and PATCH under `settings.UPLOAD_PATHS`; first in MIDDLEWARE. Under UPLOAD_LONG_PATHS the
    bound is UPLOAD_LONG_MAX_BYTES. A request that announces no bytes takes no place.

    Everywhere else a body is a form: announced larger than `settings.BODY_MAX_BYTES` (at an address that matches one of
    `settings.BODY_MAX_BYTES_AT`, that many), it is answered 413 unread, or anybody could fill the disk without a login.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.paths = tuple(settings.UPLOAD_PATHS)
        self.places = threading.BoundedSemaphore(max(1, settings.WEB_THREADS // 2))

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in _BODY_METHODS:
            return self.get_response(request)
        length = request.META.get("CONTENT_LENGTH") or ""
        if not request.path_info.startswith(self.paths):
            # Without a length WSGI reads no body at all.
            if length.isdecimal() and int(length[:19]) > _form_limit(request.path_info):
                return _refusal(request, 413, _TOO_LARGE)
            return self.get_response(request)
        if not length and request.path_info.startswith(tuple(settings.UPLOAD_PIECES_PATHS)):
            # Beginning an upload has no body; one that comes without a length all the same is not read.
            return self.get_response(request)
        if not length.isdecimal():
            return _refusal(request, 411, _NO_LENGTH)
        if int(length[:19]) > _upload_limit(request.path_info) + _FORM_BYTES:
            return _refusal(request, 413, _TOO_LARGE)
        if not length.strip("0"):
            return self.get_response(request)
        if not self.places.acquire(blocking=False):
            busy = _refusal(request, 429, _BUSY)
            busy["Retry-After"] = str(_RETRY_AFTER_S)
            return busy
        try:
            return self.get_response(request)
        finally:
            self.places.release()


def _upload_limit(path: str) -> int:
    is_long = path.startswith(tuple(settings.UPLOAD_LONG_PATHS))
    return int(settings.UPLOAD_LONG_MAX_BYTES if is_long else settings.UPLOAD_MAX_BYTES)


def _form_limit(path: str) -> int:
    for pattern, limit in settings.BODY_MAX_BYTES_AT.items():
        if re.fullmatch(pattern, path):
            return int(limit)
    return int(settings.BODY_MAX_BYTES)


def _refusal(request: HttpRequest, status: int, message: str) -> HttpResponse:
    # No session and no page shell this far out: the browser's own language decides, the answer is one line.
    with translation.override(translation.get_language_from_request(request)):
        answer = HttpResponse(gettext(message), status=status, content_type="text/plain; charset=utf-8")
    answer["Cache-Control"] = "no-store"
    return answer


class ContentSecurityPolicy(CSPMiddleware):
    """The policy of `settings.CONTENT_SECURITY_POLICY`, relaxed under /admin/ only.

    Wagtail's page editor, user list and history have inline scripts without a nonce, and its preview is a frame.
    """

    _ADMIN = "/admin/"
    _RELAXED = {
        "script-src": [SELF, UNSAFE_INLINE],
        "style-src": [SELF, UNSAFE_INLINE],
        "frame-src": [SELF],
        "frame-ancestors": [SELF],
    }

    def get_policy_parts(self, request: HttpRequest, response: Any, report_only: bool = False) -> PolicyParts:
        parts = super().get_policy_parts(request=request, response=response, report_only=report_only)
        if not report_only and request.path_info.startswith(self._ADMIN):
            parts.replace = {**self._RELAXED, **(parts.replace or {})}
        return parts


class PrivatePages:
    """Pages of a signed-in person leave nothing in the browser: institutions' computers are shared (design, principle 6).

    A view that sets Cache-Control itself (media with validators) keeps its own. Below AuthenticationMiddleware.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if "Cache-Control" not in response and request.user.is_authenticated:
            response["Cache-Control"] = "private, no-store"
        return response
