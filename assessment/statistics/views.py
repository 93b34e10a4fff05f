"""Statistics in Wagtail's frame: read, asked for anew, looked into, decided on."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from wagtail.admin import messages

from assessment.bank.refusals import BankRefusal
from assessment.bank.views.frame import acting_of, faults_of, up
from assessment.statistics.forms import DecisionForm, ReasonForm
from assessment.statistics.pages import (
    Frame,
    Options,
    concerns_page,
    list_page,
    options_shown,
    question_page,
    run_page,
)
from assessment.statistics.rules import require_asker
from assessment.statistics.selectors import concern_for, item_for, run_for
from assessment.statistics.services import ask_for_run, decide_concern, export_run, reveal_options
from assessment.statistics.services.exports import export_name
from assessment.statistics.types import ConcernState, RunKind, StatisticsRefusal
from lms.core import clock
from lms.core.tables import XLSX_TYPE
from lms.core.types import Level

_FRAME = Frame(desk=False)
_ICON = "table"


def _head(title: str, **words: Any) -> dict[str, Any]:
    return {"header_title": title, "header_icon": _ICON, "desk": False, **words}


def _up() -> dict[str, str]:
    return up(reverse("statistics:list"), _("Question statistics"))


def asked_of(query: Mapping[str, str]) -> dict[str, Any]:
    """Level and offset of a list as its address says them; what makes no sense is left out."""
    level, offset = query.get("level", ""), query.get("offset", "")
    known = {str(int(one)): one for one in Level}
    return {"level": known.get(level), "offset": int(offset) if offset.isdecimal() and len(offset) < 7 else 0}


@never_cache
@require_safe
def analyses(request: HttpRequest) -> HttpResponse:
    """Sittings analysed."""
    page = list_page(acting_of(request), _FRAME, **asked_of(request.GET))
    return render(request, "assessment/statistics/list.html", _head(_("Question statistics"), page=page))


@never_cache
@require_safe
def analysis(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One run."""
    page = run_page(acting_of(request), uuid, _FRAME, form=request.GET.get("form", ""))
    return render(request, "assessment/statistics/run.html", _head(page.title, page=page, **_up()))


@never_cache
@require_safe
def excel(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The same as a file."""
    return excel_of(request, uuid)


def excel_of(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The file of a run, for either frame."""
    acting = acting_of(request)
    run = run_for(acting, uuid)
    answer = HttpResponse(export_run(by=acting, run=uuid, now=clock.now()), content_type=XLSX_TYPE)
    answer["Content-Disposition"] = f'attachment; filename="{export_name(run)}"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


@never_cache
@require_POST
def again(request: HttpRequest, kind: str, subject: UUID) -> HttpResponse:
    """Let the worker analyse it again."""
    if kind not in {one.value for one in RunKind}:
        raise Http404
    try:
        ask_for_run(by=acting_of(request), kind=RunKind(kind), subject=subject, now=clock.now())
    except StatisticsRefusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(
            request, _("The analysis is being made. It is here in a moment; nothing new is kept if nothing changed.")
        )
    return redirect("statistics:list")


@never_cache
@require_safe
def question(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One question by version."""
    return _question(request, uuid, version=request.GET.get("version", ""), run=request.GET.get("run", ""))


@never_cache
@require_POST
def options(request: HttpRequest, uuid: UUID, item: int) -> HttpResponse:
    """The page with the options once, to who may see the key and says why."""
    acting = acting_of(request)
    row = item_for(acting, uuid, item)
    form = ReasonForm(request.POST, auto_id="id_key_%s")
    if not form.is_valid():
        return _question(request, uuid, item=item, key=form, faults=faults_of(form), status=422)
    try:
        found = reveal_options(by=acting, item=row, reason=form.cleaned_data["reason"], now=clock.now())
    except BankRefusal as refusal:
        return _question(request, uuid, item=item, key=form, faults=[("", "", refusal.message)], status=422)
    return _question(request, uuid, item=item, options=options_shown(row, found), seen=True)


def _question(
    request: HttpRequest,
    uuid: UUID,
    *,
    version: str = "",
    run: str = "",
    item: int | None = None,
    key: ReasonForm | None = None,
    decision: DecisionForm | None = None,
    options: Options | None = None,
    seen: bool = False,
    faults: list[tuple[str, str, str]] | None = None,
    status: int = 200,
) -> HttpResponse:
    page = question_page(acting_of(request), uuid, _FRAME, version=version, run=run, item=item)
    context = {
        "page": page,
        "options": options,
        "seen": seen,
        "key_form": key or ReasonForm(auto_id="id_key_%s", initial={"reason": _("Item analysis")}),
        "decision_form": decision or DecisionForm(auto_id="id_decide_%s"),
        "faults": faults or [],
        **_up(),
    }
    return render(request, "assessment/statistics/question.html", _head(page.title, **context), status=status)


# Questions with bad statistics -----------------------------------------------------------------------------------------


@never_cache
@require_safe
def concerns(request: HttpRequest) -> HttpResponse:
    """The committee's desk list."""
    page = concerns_page(acting_of(request), _FRAME)
    title = _("Questions with bad statistics")
    return render(request, "assessment/statistics/concerns.html", _head(title, page=page, **_up()))


@never_cache
@require_POST
def decide(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Keep or suspend."""
    acting = acting_of(request)
    row = concern_for(acting, uuid)
    require_asker(acting)
    form = DecisionForm(request.POST, auto_id="id_decide_%s")
    number = str(row.version_number)
    if not form.is_valid():
        found = faults_of(form)
        return _question(request, row.question, version=number, decision=form, faults=found, status=422)
    verdict = ConcernState(form.cleaned_data["verdict"])
    try:
        decide_concern(by=acting, concern=uuid, verdict=verdict, reason=form.cleaned_data["reason"], now=clock.now())
    except (StatisticsRefusal, BankRefusal) as refusal:
        told = [("", "", refusal.message)]
        return _question(request, row.question, version=number, decision=form, faults=told, status=422)
    done = {
        ConcernState.KEPT: _("Kept as it is. It comes again only if its figures become worse."),
        ConcernState.SUSPENDED: _("Suspended: papers do not draw it from now on."),
    }
    messages.success(request, done[verdict])
    return redirect("statistics:concerns")
