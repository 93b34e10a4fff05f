"""Blueprints and papers at the desk of the offices, which do not enter Wagtail's admin: chiefs and inspectors read, the HR
bureau approves."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from assessment.papers.forms import ReasonForm
from assessment.papers.pages import Frame, blueprint_page, list_page, paper_page
from assessment.papers.rules import require_approver
from assessment.papers.services import approve_blueprint, approve_paper, withdraw_paper
from assessment.papers.types import PaperRefusal
from lms.accounts.api import ActingRequest
from lms.core import clock

_FRAME = Frame(desk=True)


@login_required
@require_GET
def papers(request: ActingRequest) -> HttpResponse:
    """Blueprints and papers."""
    return render(request, "assessment/papers/desk_list.html", {"page": list_page(request.acting, _FRAME)})


@login_required
@require_GET
def blueprint(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """One version, and what the bank has for it now."""
    page = blueprint_page(request.acting, uuid, _FRAME)
    return render(request, "assessment/papers/desk_blueprint.html", {"page": page, "list_url": _FRAME.list()})


@login_required
@require_POST
def approve(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """The bureau lets papers be drawn by a version."""
    blueprint_page(request.acting, uuid, _FRAME)
    try:
        approve_blueprint(by=request.acting, blueprint=uuid, now=clock.now())
    except PaperRefusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("Approved. Papers may be drawn by it."))
    return redirect("assessment:blueprint", uuid=uuid)


@login_required
@require_GET
def paper(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """One form of a paper."""
    return _paper(request, uuid, ReasonForm())


def _paper(request: ActingRequest, uuid: UUID, form: ReasonForm, status: int = 200) -> HttpResponse:
    page = paper_page(request.acting, uuid, _FRAME)
    context = {"page": page, "form": form, "list_url": _FRAME.list()}
    return render(request, "assessment/papers/desk_paper.html", context, status=status)


@login_required
@require_POST
def approve_form(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """The bureau lets sittings use a paper."""
    paper_page(request.acting, uuid, _FRAME)
    try:
        approve_paper(by=request.acting, paper=uuid, now=clock.now())
    except PaperRefusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("Approved. Sittings may use it."))
    return redirect("assessment:paper", uuid=uuid)


@login_required
@require_POST
def withdraw_form(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """No sitting uses it any more."""
    paper_page(request.acting, uuid, _FRAME)
    require_approver(request.acting)  # the committee withdraws in its own frame
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _paper(request, uuid, form, 422)
    try:
        withdraw_paper(by=request.acting, paper=uuid, reason=form.cleaned_data["reason"], now=clock.now())
    except PaperRefusal as refusal:
        form.add_error(None, refusal.message)
        return _paper(request, uuid, form, 422)
    messages.success(request, _("Withdrawn. No sitting uses it."))
    return redirect("assessment:paper", uuid=uuid)
