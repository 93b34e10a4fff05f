"""The statements resource of xAPI 1.0.3, read only; the institution's desk for systems that fetch from it."""

import base64
import binascii
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from courses.statements.forms import ClientForm, FileForm
from courses.statements.logic import VERSION, pack, stamp, unpack
from courses.statements.models import StatementClient
from courses.statements.selectors import (
    all_statements,
    client_for,
    client_of,
    clients_page,
    happened,
    institution_for,
    statement_of,
)
from courses.statements.services import add_client, note_use, record_file, revoke_client
from courses.statements.types import Asked, Cursor, StatementsRefused
from lms.accounts.api import ActingRequest
from lms.core import clock

_MOST = 200
_KNOWN = frozenset({"since", "until", "limit", "ascending", "format", "attachments", "cursor"})
# A row carries the moment its transaction began: so long after it, every row of an earlier moment can be seen.
_COMMITTED = timedelta(seconds=60)
_VERSION_HEADER = "X-Experience-API-Version"


class _BadRequest(ValueError):
    """The query is not what the specification has; the text goes to the system that asked, in English."""


# For other systems ---------------------------------------------------------------------------------------------------
@csrf_exempt
@never_cache
def about(request: HttpRequest) -> HttpResponse:
    """Which versions are spoken (xAPI 2.7); open to anybody."""
    return _answer({"version": [VERSION]})


@csrf_exempt
@never_cache
@require_safe
def statements(request: HttpRequest) -> HttpResponse:
    """A page of statements. 401 without a key, 400 with a reason for anything the specification has not."""
    client = _client(request)
    if client is None:
        refused = _answer({"error": "Give the key and secret of a client by HTTP Basic."}, 401)
        refused["WWW-Authenticate"] = 'Basic realm="xAPI", charset="UTF-8"'
        return refused
    try:
        if not request.headers.get(_VERSION_HEADER, "").startswith("1.0"):
            raise _BadRequest(f"The header {_VERSION_HEADER}: {VERSION} is missing.")
        asked, after = _asked(request)
    except _BadRequest as bad:
        return _answer({"error": str(bad)}, 400)
    now = clock.now()
    page, more = happened(client.institution_id, asked, after)
    note_use(client=client, now=now)
    following = ""
    if more:
        kept = {"since": _text(asked.since), "until": _text(asked.until)}
        cursor = pack(page[-1].place, {**kept, "ascending": asked.ascending, "limit": asked.limit})
        following = f"{reverse('courses:xapi_statements')}?cursor={cursor}"
    found = [statement_of(one, client.institution.uuid) for one in page]
    answer = _answer({"statements": found, "more": following})
    answer["X-Experience-API-Consistent-Through"] = stamp(now - _COMMITTED)
    return answer


def _client(request: HttpRequest) -> StatementClient | None:
    scheme, _space, text = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic" or len(text) > 400:
        return None
    try:
        key, _colon, secret = base64.b64decode(text, validate=True).decode("utf-8").partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return client_of(key, secret)


def _asked(request: HttpRequest) -> tuple[Asked, Cursor | None]:
    given = request.GET
    unknown = sorted(set(given) - _KNOWN)
    if unknown:
        raise _BadRequest(f"Not supported here: {', '.join(unknown)}.")
    if "cursor" in given:
        try:
            after, plain = unpack(given["cursor"])
            return _of(plain), after
        except (ValueError, KeyError, TypeError) as broken:
            raise _BadRequest("The cursor is not one of ours.") from broken
    if given.get("format", "exact") not in ("exact", "canonical") or given.get("attachments", "false") != "false":
        raise _BadRequest("Statements are given exact and without attachments.")
    limit = given.get("limit", "0")
    if not limit.isascii() or not limit.isdigit() or given.get("ascending", "false") not in ("true", "false"):
        raise _BadRequest("limit is a whole number, ascending is true or false.")
    plain = {"since": given.get("since", ""), "until": given.get("until", ""), "limit": int(limit[:6])}
    return _of({**plain, "ascending": given.get("ascending") == "true"}), None


def _of(plain: dict[str, Any]) -> Asked:
    asked = Asked(_moment(plain["since"]), _moment(plain["until"]), bool(plain["ascending"]))
    limit = int(plain["limit"])
    return replace(asked, limit=min(limit, _MOST) if limit > 0 else _MOST)


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    # A plus sign that was not escaped arrives as a blank.
    try:
        moment = parse_datetime(text.replace(" ", "+") if "T" in text else text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise _BadRequest("since and until are ISO 8601 with a zone, such as 2026-09-01T00:00:00Z.")
    return moment


def _text(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""


def _answer(content: dict[str, Any], status: int = 200) -> JsonResponse:
    answer = JsonResponse(content, status=status, json_dumps_params={"ensure_ascii": False})
    answer[_VERSION_HEADER] = VERSION
    return answer


# For the institution -------------------------------------------------------------------------------------------------
@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def clients(request: ActingRequest) -> HttpResponse:
    """Which systems fetch; a new one's secret is shown once."""
    page = clients_page(request.acting)
    form = ClientForm(request.POST if request.method == "POST" else None)
    secret, made = "", None
    if request.method == "POST" and form.is_valid():
        try:
            made, secret = add_client(by=request.acting, name=form.cleaned_data["name"].strip(), now=clock.now())
        except StatementsRefused as refusal:
            form.add_error(refusal.field or None, refusal.message)
        else:
            page, form = clients_page(request.acting), ClientForm()
    context = {"page": page, "form": form, "made": made, "secret": secret, "file_form": FileForm()}
    return render(request, "courses/statements/clients.html", context, status=422 if form.errors else 200)


@login_required
@never_cache
@require_POST
def revoke(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """A system fetches no more."""
    revoke_client(by=request.acting, client=client_for(request.acting, uuid), now=clock.now())
    messages.success(request, _("This system cannot fetch any more."))
    return redirect("courses:statement_clients")


@login_required
@never_cache
@require_safe
def file(request: ActingRequest) -> HttpResponseBase:
    """The statements of the institution as one JSON file, oldest first."""
    institution = institution_for(request.acting)
    form = FileForm(request.GET)
    if not form.is_valid():
        raise Http404
    record_file(by=request.acting, now=clock.now())
    lines = _lines(all_statements(institution, form.asked()))
    answer = StreamingHttpResponse(lines, content_type="application/json; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="kaibo-statements-{clock.today():%Y%m%d}.json"'
    return answer


def _lines(rows: Iterator[dict[str, Any]]) -> Iterator[str]:
    before = "[\n"
    for row in rows:
        yield before + json.dumps(row, ensure_ascii=False)
        before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"
