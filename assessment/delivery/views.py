"""The candidate's pages, and the save's answer behind Django for servers that do not call `ExamDoor`.

Her browser keeps a random name (a cookie below /exam/): it is the device that an attempt is open on.
"""

from functools import cache
from pathlib import Path
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.staticfiles import finders
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from assessment.bank.selectors import file_of
from assessment.delivery.door import HEADER, answer
from assessment.delivery.forms import ApplicationForm, ArrangementForm
from assessment.delivery.logic import browser_key_fits
from assessment.delivery.models import Attempt, RosterEntry, Sitting
from assessment.delivery.pages import exam as pages
from assessment.delivery.pages.applications import apply_page, open_accreditations
from assessment.delivery.rules import ATTEMPT
from assessment.delivery.selectors import attempt_for, entry_for, shows_file
from assessment.delivery.services import (
    apply_for_sitting,
    ask_arrangement,
    change_device,
    enter,
    hand_in,
    start_attempt,
)
from assessment.delivery.types import OVER, AttemptState, DeliveryRefused
from lms.accounts.api import ActingRequest, can
from lms.core import clock
from lms.core.ids import new_uuid
from media_pipeline.api import StoredFile, serve

_DEVICE = "kb_device"
_YEAR_S = 365 * 24 * 3600
_WORKER = "js/sw-exam.js"


@csrf_exempt
def save(request: HttpRequest) -> HttpResponse:
    """The token in a header no form can send stands for the form token."""
    status, said = answer(
        request.method or "", request.META.get(HEADER, ""), request.META.get("CONTENT_LENGTH") or "", request.read
    )
    response = JsonResponse(said, status=status)
    response["Cache-Control"] = "no-store"
    return response


# ---- the device ----


def _device(request: HttpRequest) -> UUID | None:
    try:
        return UUID(request.COOKIES.get(_DEVICE, ""))
    except ValueError:
        return None


def _named(request: HttpRequest, response: HttpResponse, device: UUID) -> HttpResponse:
    response.set_cookie(
        _DEVICE, str(device), max_age=_YEAR_S, path="/exam/", httponly=True, samesite="Lax", secure=request.is_secure()
    )
    return response


_KEY_HEADERS = ("X-SafeExamBrowser-ConfigKeyHash", "X-SafeExamBrowser-RequestHash")


def _fits(request: HttpRequest, sitting: Sitting) -> bool:
    """Whether this browser is one that the sitting lets in."""
    said = [request.headers.get(name, "") for name in _KEY_HEADERS]
    return browser_key_fits(request.build_absolute_uri(), said, sitting.browser_keys)


def _other_browser(request: HttpRequest, row: RosterEntry) -> HttpResponse:
    """What to do where the sitting asks for Safe Exam Browser and this is another one."""
    page = {"title": row.sitting.title, "entry": row.uuid, "opens_at": row.sitting.opens_at, "hall": row.sitting.hall}
    return render(request, "assessment/exam/browser.html", {"page": page}, status=403)


# ---- before ----


@login_required
@never_cache
@require_GET
def sittings(request: ActingRequest) -> HttpResponse:
    """Her sittings."""
    shown = {"rows": pages.sitting_rows(request.acting), "offered": open_accreditations(now=clock.now())}
    return render(request, "assessment/exam/sittings.html", shown)


@never_cache
@require_GET
def accreditations(request: ActingRequest) -> HttpResponse:
    """What somebody of no class may apply for; anybody may look."""
    return render(request, "assessment/exam/accreditations.html", {"rows": open_accreditations(now=clock.now())})


@never_cache
@require_http_methods(["GET", "POST"])
def apply(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """One accreditation: who has no login registers by the trainees' form, who has one applies."""
    page = apply_page(request.acting, uuid, now=clock.now())
    form = ApplicationForm(request.POST or None)
    if request.method == "POST":
        if not request.user.is_authenticated:
            return redirect(page.sign_in_url)
        if form.is_valid():
            try:
                apply_for_sitting(
                    by=request.acting, sitting=uuid, practice=form.cleaned_data["practice"], now=clock.now()
                )
            except DeliveryRefused as refusal:
                form.refuse(refusal)
            else:
                messages.success(request, _("Applied. The evaluation body decides; you read it here."))
                return redirect("assessment:delivery:apply", uuid)
    shown = {"page": page, "form": form, "applies": can(request.acting, ATTEMPT, "execute") is not None}
    return render(request, "assessment/exam/apply.html", shown, status=422 if form.errors else 200)


@login_required
@never_cache
@require_GET
def seat(request: ActingRequest, entry: UUID) -> HttpResponse:
    """One sitting: where and when, who she is, the rules."""
    return _seat(request, entry)


def _seat(
    request: ActingRequest, entry: UUID, refused: str = "", arrange: ArrangementForm | None = None
) -> HttpResponse:
    row = entry_for(request.acting, entry)
    page = pages.seat_page(row, device=_device(request), now=clock.now())
    shown = {
        "page": page,
        "refused": refused,
        "fits": _fits(request, row.sitting),
        "arrange": arrange or ArrangementForm(scribe=False),
    }
    status = 422 if refused or (arrange and arrange.errors) else 200
    return render(request, "assessment/exam/seat.html", shown, status=status)


@login_required
@never_cache
@require_POST
def arrange(request: ActingRequest, entry: UUID) -> HttpResponse:
    """Ask for what she needs; the chief examiner decides."""
    row = entry_for(request.acting, entry)
    form = ArrangementForm(request.POST, scribe=False)
    if form.is_valid():
        try:
            ask_arrangement(by=request.acting, entry=row.uuid, now=clock.now(), **form.cleaned_data)
        except DeliveryRefused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Asked for. The chief examiner decides next."))
            return redirect("assessment:delivery:seat", entry)
    return _seat(request, entry, arrange=form)


@login_required
@never_cache
@require_POST
def come_in(request: ActingRequest, entry: UUID) -> HttpResponse:
    """Into the waiting room, or back to where she was."""
    row = entry_for(request.acting, entry)
    if not _fits(request, row.sitting):
        return _other_browser(request, row)
    device = _device(request) or new_uuid()
    try:
        attempt = enter(by=request.acting, entry=row.uuid, device=device, now=clock.now())
    except DeliveryRefused as refusal:
        return _seat(request, entry, refusal.message)
    return _named(request, redirect("assessment:delivery:attempt", attempt.uuid), device)


@login_required
@never_cache
@require_POST
def take_over(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """Go on from this device."""
    row = attempt_for(request.acting, uuid)
    if not _fits(request, row.entry.sitting):
        return _other_browser(request, row.entry)
    device = _device(request) or new_uuid()
    try:
        change_device(by=request.acting, attempt=row.uuid, device=device, now=clock.now())
    except DeliveryRefused as refusal:
        return _seat(request, row.entry.uuid, refusal.message)
    return _named(request, redirect("assessment:delivery:attempt", uuid), device)


# ---- the attempt ----


@login_required
@never_cache
@require_GET
def attempt(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """Waiting room, paper or end, by where the attempt stands; on another device than hers, the question which it shall be."""
    row = attempt_for(request.acting, uuid)
    if row.state in OVER:
        return render(request, "assessment/exam/over.html", {"page": pages.over_page(row, device=_device(request))})
    if row.device != _device(request):
        return redirect("assessment:delivery:seat", row.entry.uuid)
    if not _fits(request, row.entry.sitting):
        return _other_browser(request, row.entry)
    if row.state == AttemptState.WAITING:
        return _waiting(request, row)
    response = render(request, "assessment/exam/player.html", {"page": pages.player_page(row, now=clock.now())})
    # Says to the device's own store that this page may be kept until the attempt is over.
    response["Kaibo-Keep"] = str(row.uuid)
    return response


def _waiting(request: ActingRequest, row: Attempt, refused: str = "") -> HttpResponse:
    shown = {"page": pages.waiting_page(row, now=clock.now()), "refused": refused}
    return render(request, "assessment/exam/waiting.html", shown, status=422 if refused else 200)


@login_required
@never_cache
@require_POST
def start(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """Open the paper; the waiting room asks for it by itself."""
    row = attempt_for(request.acting, uuid)
    if not _fits(request, row.entry.sitting):
        return _other_browser(request, row.entry)
    try:
        start_attempt(by=request.acting, attempt=uuid, device=_device(request) or new_uuid(), now=clock.now())
    except DeliveryRefused as refusal:
        if refusal.code in {"device", "over"}:
            return redirect("assessment:delivery:attempt", uuid)
        return _waiting(request, row, refusal.message)
    return redirect("assessment:delivery:attempt", uuid)


@login_required
@never_cache
@require_POST
def finish(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """Hand in. A refusal leads back to the paper, which knows everything the server has."""
    row = attempt_for(request.acting, uuid)
    if not _fits(request, row.entry.sitting):
        return _other_browser(request, row.entry)
    said = request.POST.get("sequence", "")
    sequence = int(said) if said.isdecimal() and len(said) < 10 else -1
    try:
        hand_in(
            by=request.acting,
            attempt=uuid,
            device=_device(request) or new_uuid(),
            sequence=sequence,
            head=request.POST.get("head", ""),
            now=clock.now(),
        )
    except DeliveryRefused as refusal:
        if refusal.code != "over":
            messages.error(request, refusal.message)
    return redirect("assessment:delivery:attempt", uuid)


@login_required
@cache_control(private=True, max_age=86400)
@require_GET
def file(request: ActingRequest, version: UUID, sha256: str) -> HttpResponseBase:
    """A picture, sound or film of a question on a paper that she has opened."""
    held = file_of(version, sha256) if shows_file(request.acting, version) else None
    if held is None:
        raise Http404
    suffix = held.storage_key.rpartition(".")[2]
    return serve(request, StoredFile(held.storage_key, held.size, held.sha256, held.mime), name=f"question.{suffix}")


# ---- without a network ----


@cache
def _worker() -> str:
    found = finders.find(_WORKER)
    if not isinstance(found, str):
        raise Http404
    return Path(found).read_text(encoding="utf-8")


@require_GET
@cache_control(no_cache=True)
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker of everything below /exam/; it holds nothing of anybody."""
    return HttpResponse(_worker(), content_type="text/javascript; charset=utf-8")
