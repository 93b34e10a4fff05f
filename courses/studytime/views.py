"""The clock's three small answers, and the pages of study time."""

import json
from collections.abc import Callable
from uuid import UUID

from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from courses.studytime.selectors import counted_seconds, to_ms
from courses.studytime.services import open_stream, receive_beats, refresh_days
from courses.studytime.tickets import Pass, Ticket, opened
from courses.studytime.types import StudyRefused
from lms.core import clock

# The header carries the leave; no form and no other site can send it, so there is no form token and no session here.
HEADER = "HTTP_X_KAIBO_STUDY"
_BODY_MAX = 16 * 1024


def _no(status: int, code: str, message: str = "") -> JsonResponse:
    return JsonResponse({"refused": code, "message": message}, status=status)


@csrf_exempt
@require_POST
def opening(request: HttpRequest) -> JsonResponse:
    """A lesson page starts its clock: {nonce, device} → {pass}."""
    now = clock.now()
    ticket = opened(Ticket, request.META.get(HEADER, ""), now_ms=to_ms(now))
    if ticket is None:
        return _no(403, "ticket")
    try:
        said = json.loads(_body(request))
        nonce, device = UUID(said["nonce"]), UUID(said["device"])
    except (ValueError, TypeError, KeyError, AttributeError):
        return _no(400, "malformed")
    try:
        leave, row = open_stream(ticket=ticket, nonce=nonce, device=device, now=now)
    except StudyRefused as refused:
        return _no(409, refused.code, refused.message)
    # A page that asks again after a lost answer learns how much of its stream has already passed.
    return JsonResponse({"pass": leave, "age_ms": to_ms(now) - to_ms(row.opened_at)})


@csrf_exempt
@require_POST
def beat(request: HttpRequest) -> JsonResponse:
    """Beats of one stream: [[seq, at_ms, span_ms, idle_ms, flags, position_ms, rate], …] → {taken}."""
    now = clock.now()
    leave = opened(Pass, request.META.get(HEADER, ""), now_ms=to_ms(now))
    if leave is None:
        return _no(403, "pass")
    try:
        said = json.loads(_body(request))
    except ValueError:
        return _no(400, "malformed")
    try:
        taken = receive_beats(leave=leave, beats=said, now=now)
    except StudyRefused as refused:
        return _no(400, refused.code)
    return JsonResponse({"taken": taken, "age_ms": to_ms(now) - leave.opened_ms})


@csrf_exempt
@require_POST
def count(request: HttpRequest) -> JsonResponse:
    """What the lesson of a stream has earned by now → {counted_s}."""
    leave = opened(Pass, request.META.get(HEADER, ""), now_ms=to_ms(clock.now()))
    if leave is None:
        return _no(403, "pass")
    refresh_days(persons=[leave.person])
    return JsonResponse({"counted_s": counted_seconds(leave.enrolment, UUID(leave.lesson))})


def _body(request: HttpRequest) -> bytes:
    """At most 16 kB. Raises ValueError."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length[:9]) > _BODY_MAX:
        raise ValueError("too long")
    return request.body


# Answered before sessions, users and everything else a page needs (courses.studytime.middleware).
EARLY: dict[str, Callable[[HttpRequest], JsonResponse]] = {
    "/study-time/open": opening,
    "/study-time/beat": beat,
    "/study-time/count": count,
}
