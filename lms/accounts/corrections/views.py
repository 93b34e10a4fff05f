"""Asking for a correction or a merge, and the desk where they are decided."""

from collections.abc import Callable
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lms.accounts.corrections.forms import CorrectionForm, DecisionForm, MergeForm
from lms.accounts.corrections.selectors import (
    correctable_person,
    correction_for,
    correction_page,
    corrections_desk,
    merge_for,
    merge_page,
    persons_typed,
    record_card,
)
from lms.accounts.corrections.services import (
    ask_correction,
    decide_correction,
    decide_merge,
    note_full_reading,
    propose_merge,
)
from lms.accounts.people.models import Person
from lms.accounts.requests import ActingRequest
from lms.accounts.rules import require
from lms.accounts.types import AccountsRefusal, Acting
from lms.core import clock


@login_required
@require_GET
def desk(request: ActingRequest) -> HttpResponse:
    """What waits for a decision and what was decided."""
    return render(request, "accounts/corrections/desk.html", {"page": corrections_desk(request.acting)})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: ActingRequest, person: UUID) -> HttpResponse:
    """Ask for another name or number: for herself, or at the institution's desk."""
    row = correctable_person(request.acting, person)
    own = request.acting.person == row.uuid
    form = CorrectionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            ask_correction(by=request.acting, person=row.uuid, now=clock.now(), **form.cleaned_data)
        except AccountsRefusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        else:
            messages.success(request, _("Sent to the HR bureau for its decision."))
            return redirect("accounts:held" if own else "accounts:corrections")
    return render(
        request,
        "accounts/corrections/ask.html",
        {"form": form, "card": record_card(row, in_full=own), "own": own},
        status=422 if form.errors else 200,
    )


@login_required
@require_GET
def correction(request: ActingRequest, correction: UUID) -> HttpResponse:
    """One request. Whoever decides on it sees it in full, and the trail says so."""
    row = correction_for(request.acting, correction)
    page = correction_page(request.acting, row)
    if page.may_decide:
        note_full_reading(by=request.acting, correction=row.uuid, now=clock.now())
    return render(request, "accounts/corrections/correction.html", {"page": page, "form": DecisionForm()})


@login_required
@require_POST
def decide(request: ActingRequest, correction: UUID) -> HttpResponse:
    """Allow or refuse a correction."""
    row = correction_for(request.acting, correction)

    def again(form: forms.Form) -> HttpResponse:
        page = correction_page(request.acting, row)
        return render(request, "accounts/corrections/correction.html", {"page": page, "form": form}, status=422)

    def act(allowed: bool, reason: str) -> None:
        decide_correction(by=request.acting, correction=row.uuid, allowed=allowed, reason=reason, now=clock.now())

    return _decided(request, act, again)


def _decided(
    request: ActingRequest, act: Callable[[bool, str], None], again: Callable[[forms.Form], HttpResponse]
) -> HttpResponse:
    form = DecisionForm(request.POST)
    if form.is_valid():
        try:
            act(form.cleaned_data["verdict"] == "allow", form.cleaned_data["reason"])
        except AccountsRefusal as refusal:
            form.add_error("reason" if refusal.field == "reason" else None, refusal.message)
        else:
            messages.success(request, _("The decision is recorded."))
            return redirect("accounts:corrections")
    return again(form)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def propose(request: ActingRequest) -> HttpResponse:
    """Propose to make two records one."""
    require(request.acting, "merge", "create", place=request.acting.organisation_path)
    form = MergeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        keep = _found(request.acting, form, "kept")
        away = _found(request.acting, form, "merged")
        if keep and away:
            try:
                made = propose_merge(
                    by=request.acting,
                    kept=keep.uuid,
                    merged=away.uuid,
                    evidence=form.cleaned_data["evidence"],
                    now=clock.now(),
                )
            except AccountsRefusal as refusal:
                form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
            else:
                messages.success(request, _("A second person must decide on it now."))
                return redirect("accounts:merge", made.uuid)
    return render(request, "accounts/corrections/propose.html", {"form": form}, status=422 if form.errors else 200)


def _found(acting: Acting, form: MergeForm, field: str) -> Person | None:
    rows = persons_typed(acting, form.cleaned_data[field])
    if len(rows) != 1:
        form.add_error(field, _("No record of your institution has this login name or number."))
        return None
    return rows[0]


@login_required
@require_GET
def merge(request: ActingRequest, merge: UUID) -> HttpResponse:
    """Two records side by side."""
    page = merge_page(request.acting, merge_for(request.acting, merge))
    return render(request, "accounts/corrections/merge.html", {"page": page, "form": DecisionForm()})


@login_required
@require_POST
def decide_on_merge(request: ActingRequest, merge: UUID) -> HttpResponse:
    """Allow or refuse a merge."""
    row = merge_for(request.acting, merge)

    def again(form: forms.Form) -> HttpResponse:
        page = merge_page(request.acting, row)
        return render(request, "accounts/corrections/merge.html", {"page": page, "form": form}, status=422)

    def act(allowed: bool, reason: str) -> None:
        decide_merge(by=request.acting, merge=row.uuid, allowed=allowed, reason=reason, now=clock.now())

    return _decided(request, act, again)
