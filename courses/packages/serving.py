"""The other origin: packages in their frame, by signed address, and nothing else. No session, no cookie, no page of ours.

What runs here is strangers' script. It may speak to its own origin, and be framed by ours; the frame around it speaks to
our page by postMessage alone.
"""

import re
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.utils.translation import override

from courses.packages.addresses import home_origin, is_signed
from courses.packages.models import ContentPackage, PackageFile
from courses.packages.rules import MIMES
from lms.core import clock
from media_pipeline.api import StoredFile, serve

SANDBOX = "allow-scripts allow-same-origin allow-forms"
_ADDRESS = re.compile(r"/p/([0-9a-f-]{36})/(\d{1,11})/([0-9a-f]{20})/([\w-]{20,100})/(.*)", re.ASCII | re.DOTALL)
# Our own two files are no static files of the site: they are for that origin alone.
_OURS = {"-/frame.js": "text/javascript; charset=utf-8", "-/frame.css": "text/css; charset=utf-8"}
_FOLDER = Path(__file__).with_name("frame")


def answer(request: HttpRequest) -> HttpResponseBase:
    """What the other origin says to any request: a package's frame, one of its files, or 404."""
    made = _found(request)
    if made is None:
        made = HttpResponse("404", status=404, content_type="text/plain")
    _close(made)
    return made


def _found(request: HttpRequest) -> HttpResponseBase | None:
    match = _ADDRESS.fullmatch(request.path_info)
    unsafe = settings.SECURE_SSL_REDIRECT and not request.is_secure()
    if match is None or unsafe or request.method not in {"GET", "HEAD"}:
        return None
    try:
        package = UUID(match[1])
    except ValueError:
        return None
    if not is_signed(package, match[2], match[3], match[4], now=clock.now()):
        return None
    rest = match[5]
    if rest == "":
        return _frame(package, match[3])
    if rest in _OURS:
        return HttpResponse(_own(rest.removeprefix("-/")), content_type=_OURS[rest])
    return _file(request, package, rest.removeprefix("f/")) if rest.startswith("f/") else None


def _frame(package: UUID, reader: str) -> HttpResponse | None:
    row = ContentPackage.objects.filter(uuid=package).first()
    if row is None:
        return None
    words = {"package": row, "reader": reader, "home": home_origin()}
    with override("zh-hans"):  # no session says which language she reads
        page = HttpResponse(render_to_string("courses/packages/frame.html", words))
    page["Content-Security-Policy"] = _policy("'self'", "'self'")
    page["Cache-Control"] = "private, no-store"
    return page


def _file(request: HttpRequest, package: UUID, path: str) -> HttpResponseBase | None:
    if len(path) > 200 or "\0" in path:
        return None
    row = PackageFile.objects.select_related("package").filter(package__uuid=package, path=path).first()
    if row is None:
        return None
    suffix = path.rpartition(".")[2].lower()
    try:
        stored = StoredFile(row.key, row.size, row.sha256, MIMES[suffix])
        return serve(request, stored, name=f"file.{suffix}")
    except FileNotFoundError:
        return None


@cache
def _own(name: str) -> bytes:
    return (_FOLDER / name).read_bytes()


def _policy(script: str, style: str) -> str:
    policy = {
        "default-src": "'none'",
        "script-src": script,
        "style-src": style,
        "img-src": "'self' data: blob:",
        "media-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "connect-src": "'self'",
        "frame-src": "'self'",
        "form-action": "'self'",
        "base-uri": "'self'",
        "object-src": "'none'",
        "frame-ancestors": f"'self' {home_origin()}",
        "sandbox": SANDBOX,
    }
    return "; ".join(f"{name} {value}" for name, value in policy.items())


def _close(made: HttpResponseBase) -> None:
    """The headers of every answer here. Our own frame has no inline script; a package may."""
    if "Content-Security-Policy" not in made:
        made["Content-Security-Policy"] = _policy("'self' 'unsafe-inline' 'unsafe-eval'", "'self' 'unsafe-inline'")
    made["X-Content-Type-Options"] = "nosniff"
    made["Cross-Origin-Resource-Policy"] = "same-origin"
    made["Cross-Origin-Opener-Policy"] = "same-origin"
    made["Referrer-Policy"] = "no-referrer"
    made["Permissions-Policy"] = "camera=(), microphone=(), geolocation=(), display-capture=(), payment=(), usb=()"
    if "Cache-Control" not in made:
        made["Cache-Control"] = "private, no-cache" if made.status_code < 400 else "no-store"
    if settings.SECURE_HSTS_SECONDS and urlsplit(settings.CONTENT_ORIGIN).scheme == "https":
        made["Strict-Transport-Security"] = f"max-age={settings.SECURE_HSTS_SECONDS}"
