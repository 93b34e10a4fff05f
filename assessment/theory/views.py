"""Pages of marks: a candidate's own result; the marks of a sitting; corrections of questions that were asked."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from assessment.bank.presentation import TYPES
from assessment.bank.selectors import documents_of
from assessment.delivery.models import Attempt, Sitting
from assessment.theory import own, pages, services
from assessment.theory.forms import DecideForm, ProposeForm, ReleaseForm, SettleForm, StepForm
from assessment.theory.rules import CORRECTION, PUBLISH, require_for
from assessment.theory.selectors import may_be_shown
from assessment.theory.types import TheoryRefused
from lms.accounts.api import ActingRequest, require
from lms.core import clock
from media_pipeline.api import page_asked

# ---- a candidate's own ----


@login_required
@never_cache
@require_GET
def result(request: ActingRequest, entry: UUID) -> HttpResponse:
    """Her marks once they are released."""
    return render(request, "assessment/theory/result.html", {"page": own.paper_result(request.acting, entry)})


# ---- the marks of a sitting ----


@login_required
@never_cache
@require_GET
def marks(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """Who is marked, what waits and why, who was absent; the step that is hers."""
    return _marks(request, uuid)


def _marks(
    request: ActingRequest, uuid: UUID, form: StepForm | None = None, attempt: UUID | None = None
) -> HttpResponse:
    page = pages.marks_page(request.acting, uuid, page=page_asked(request))
    releasing = form if isinstance(form, ReleaseForm) else ReleaseForm(allowed=page.may_show)
    shown = {"page": page, "form": form, "releasing": releasing, "tried": attempt}
    return render(request, "assessment/theory/marks.html", shown, status=422 if form is not None else 200)


@login_required
@require_POST
def confirm(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """The chief stands by the marks."""
    _publishing(request, uuid)
    form = StepForm(request.POST)
    form.is_valid()
    try:
        services.confirm_marks(by=request.acting, sitting=uuid, now=clock.now())
    except TheoryRefused as refused:
        form.refuse(refused)
        return _marks(request, uuid, form)
    messages.success(request, _("Confirmed. The marks can be released now."))
    return redirect("assessment:sitting_marks", uuid)


@login_required
@require_POST
def release(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """Chief or HR bureau releases them, and says what candidates see of their papers."""
    form = ReleaseForm(request.POST, allowed=may_be_shown(_publishing(request, uuid)))
    if not form.is_valid():
        return _marks(request, uuid, form)
    try:
        services.release_marks(
            by=request.acting,
            sitting=uuid,
            shown=form.cleaned_data["shown"],
            reason=form.cleaned_data["reason"],
            now=clock.now(),
        )
    except TheoryRefused as refused:
        form.refuse(refused)
        return _marks(request, uuid, form)
    messages.success(request, _("Released. The candidates are told one after another."))
    return redirect("assessment:sitting_marks", uuid)


def _publishing(request: ActingRequest, uuid: UUID) -> Sitting:
    """The gate of both steps."""
    row = pages.marks_sitting(request.acting, uuid)
    require_for(request.acting, PUBLISH, "approve", row)
    return row


@login_required
@require_POST
def settle(request: ActingRequest, uuid: UUID, attempt: UUID) -> HttpResponse:
    """The chief decides not to wait for a part of one paper."""
    row = pages.marks_sitting(request.acting, uuid)
    require_for(request.acting, "exam_decision", "approve", row)
    if not Attempt.objects.filter(uuid=attempt, entry__sitting=row).exists():
        raise Http404
    form = SettleForm(request.POST)
    if form.is_valid():
        try:
            services.settle_part(
                by=request.acting,
                attempt=attempt,
                part=form.cleaned_data["part"],
                reason=form.cleaned_data["reason"],
                now=clock.now(),
            )
        except TheoryRefused as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("Decided. The paper's mark is made in a moment."))
            return redirect("assessment:sitting_marks", uuid)
    return _marks(request, uuid, form, attempt)


# ---- corrections ----


@login_required
@never_cache
@require_GET
def corrections(request: ActingRequest) -> HttpResponse:
    """Every correction, those that wait first."""
    rows = pages.corrections_page(request.acting)
    return render(request, "assessment/theory/corrections.html", {"rows": rows})


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def propose(request: ActingRequest, version: UUID) -> HttpResponse:
    """The committee says how a version that was asked shall count."""
    require(request.acting, CORRECTION, "create")
    document = documents_of([version]).get(version)
    if document is None:
        raise Http404
    form = ProposeForm(request.POST or None, document=document)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.propose_correction(
                by=request.acting,
                version=version,
                kind=form.cleaned_data["kind"],
                key=form.cleaned_data["key"],
                reason=form.cleaned_data["reason"],
                now=clock.now(),
            )
        except TheoryRefused as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("Proposed. The chief examiner decides on what it changes."))
            return redirect("assessment:question_correction", made.uuid)
    shown = {"form": form, "document": document, "type": TYPES[document.type]}
    return render(request, "assessment/theory/propose.html", shown, status=422 if form.errors else 200)


@login_required
@never_cache
@require_GET
def correction(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """What one correction would change, or has changed."""
    return _correction(request, uuid, None)


def _correction(request: ActingRequest, uuid: UUID, form: DecideForm | None) -> HttpResponse:
    row = pages.correction_for(request.acting, uuid)
    waits = not hasattr(row, "decision")
    tried = services.trying(by=request.acting, correction=uuid) if waits else None
    page = pages.correction_page(request.acting, uuid, tried)
    shown = {"page": page, "form": form or DecideForm()}
    return render(request, "assessment/theory/correction.html", shown, status=422 if form is not None else 200)


@login_required
@require_POST
def decide(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """The chief's word."""
    pages.correction_for(request.acting, uuid)
    require(request.acting, CORRECTION, "approve")
    form = DecideForm(request.POST)
    if form.is_valid():
        try:
            services.decide_correction(
                by=request.acting,
                correction=uuid,
                accepted=form.cleaned_data["accepted"],
                reason=form.cleaned_data["reason"],
                seen=form.cleaned_data["seen"],
                now=clock.now(),
            )
        except TheoryRefused as refused:
            form.refuse(refused)
        else:
            said = _("Accepted. Marks are made anew in a moment.") if form.cleaned_data["accepted"] else _("Refused.")
            messages.success(request, said)
            return redirect("assessment:question_correction", uuid)
    return _correction(request, uuid, form)
