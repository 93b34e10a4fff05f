"""The clock's three small answers, and the pages of study time."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.files.storage import storages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from courses.studytime import pages, platforms
from courses.studytime.exports import KINDS, export_time
from courses.studytime.forms import EndForm, HourForm, LogForm, PlatformForm
from courses.studytime.selectors import counted_seconds, to_ms
from courses.studytime.services import open_stream, receive_beats, refresh_days
from courses.studytime.tickets import Pass, Ticket, opened
from courses.studytime.types import StudyRefused
from lms.accounts.api import ActingRequest, Role, can
from lms.core import clock
from lms.core.reading import json_of
from lms.core.tables import CSV_TYPE, XLSX_TYPE

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
        said = json_of(_body(request))
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
        said = json_of(_body(request))
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


# Pages ---------------------------------------------------------------------------------------------------------------


@login_required
@never_cache
@require_GET
def study_time(request: ActingRequest) -> HttpResponse:
    """A trainee's own counted time; for those who oversee, the classes that have been taught."""
    if request.acting.role is Role.TRAINEE:
        return render(request, "courses/studytime/mine.html", {"classes": pages.my_time(request.acting)})
    context = {
        "rows": pages.overseen_classes(request.acting),
        "platforms": can(request.acting, "online_platform", "read") is not None,
    }
    return render(request, "courses/studytime/classes.html", context)


@login_required
@never_cache
@require_GET
def class_time(request: ActingRequest, training_class: UUID) -> HttpResponse:
    """Everybody of a class."""
    row = pages.overseen_class(request.acting, training_class)
    return render(request, "courses/studytime/class.html", {"page": pages.class_page(request.acting, row)})


@login_required
@never_cache
@require_GET
def person_time(request: ActingRequest, training_class: UUID, enrolment: UUID) -> HttpResponse:
    """How one trainee's time was earned: ?day= shows its hours, &hour= every stretch and beat of one."""
    row = pages.overseen_enrolment(request.acting, training_class, enrolment)
    asked = HourForm(request.GET)
    said = asked.cleaned_data if asked.is_valid() else {}
    page = pages.audit_page(request.acting, row, day=said.get("day"), hour=said.get("hour"))
    return render(request, "courses/studytime/person.html", {"page": page})


@login_required
@never_cache
@require_GET
def class_export(request: ActingRequest, training_class: UUID, kind: str) -> HttpResponse:
    """The class's time as Excel or CSV; taking it is recorded and stands in the file."""
    row = pages.overseen_class(request.acting, training_class)
    if kind not in KINDS:
        raise Http404
    made = export_time(by=request.acting, training_class=row, kind=kind, now=clock.now())
    answer = HttpResponse(made, content_type=XLSX_TYPE if kind == "xlsx" else CSV_TYPE)
    file_name = f"{row.name}-{_('counted study time')}-{clock.today().isoformat()}.{kind}"
    answer["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=file_name)
    return answer


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def listed_platforms(request: ActingRequest) -> HttpResponse:
    """Which online platforms count here; the bureau adds one."""
    page = platforms.platforms_page(request.acting)
    form = PlatformForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            platforms.list_platform(by=request.acting, now=clock.now(), **form.cleaned_data)
        except StudyRefused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Listed. Logs of this platform count from its first day on."))
            return redirect("courses:listed_platforms")
    context = {"page": page, "form": form, "today": clock.today()}
    return render(request, "courses/studytime/platforms.html", context, status=422 if form.errors else 200)


@login_required
@never_cache
@require_POST
def listed_platform_end(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """The last day of a listing."""
    form = EndForm(request.POST)
    if not form.is_valid():
        messages.warning(request, _("Please give the last day."))
        return redirect("courses:listed_platforms")
    try:
        platforms.end_listing(by=request.acting, platform=uuid, last_day=form.cleaned_data["last_day"], now=clock.now())
    except StudyRefused as refusal:
        messages.warning(request, refusal.message)
    else:
        messages.success(request, _("The listing ends that day."))
    return redirect("courses:listed_platforms")


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def platform_logs(request: ActingRequest, training_class: UUID) -> HttpResponse:
    """The logs of a class. A file is first shown as read; what was shown is then handed in."""
    row = pages.overseen_class(request.acting, training_class)
    page = platforms.logs_page(request.acting, row)
    sent = request.method == "POST"
    if sent and "seal" in request.POST:
        try:
            platforms.hand_in_log(by=request.acting, training_class=row, seal=request.POST["seal"], now=clock.now())
        except StudyRefused as refusal:
            messages.warning(request, refusal.message)
        else:
            messages.success(request, _("The log is handed in. Its time is being added up."))
        return redirect("courses:platform_logs", training_class)
    form = LogForm(request.POST if sent else None, request.FILES if sent else None, platforms=page.platforms)
    context = {"page": page, "form": form, "reading": None, "seal": ""}
    if sent and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            context["reading"], context["seal"] = platforms.read_log(
                by=request.acting,
                training_class=row,
                platform=form.cleaned_data["platform"],
                file=file,
                file_name=file.name,
                now=clock.now(),
            )
        except StudyRefused as refusal:
            form.refuse(refusal)
    return render(request, "courses/studytime/logs.html", context, status=422 if form.errors else 200)


@login_required
@never_cache
@require_GET
def platform_log_file(request: ActingRequest, training_class: UUID, uuid: UUID) -> HttpResponseBase:
    """The very file of a log, as it was handed in; taking it is recorded."""
    row = pages.overseen_class(request.acting, training_class)
    held = platforms.log_file_for(request.acting, row, uuid, now=clock.now())
    return FileResponse(
        storages["private"].open(held.file),
        as_attachment=True,
        filename=held.file_name,
        content_type="application/octet-stream",
    )
