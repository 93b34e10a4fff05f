"""The trainee's enrolment on the phone; the institution's list of classes, a class with its people, one enrolment."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from courses.classes.selectors import class_for, class_head
from courses.enrolment import selectors
from courses.enrolment.forms import AdmitForm, EnrolmentForm, LeaveForm, RejectForm
from courses.enrolment.models import Enrolment
from courses.enrolment.services import (
    approve_enrolment,
    let_leave,
    reject_enrolment,
    start_training,
    submit_enrolment,
    withdraw_enrolment,
)
from courses.enrolment.types import EnrolmentRefused, EnrolmentState
from lms.accounts.api import ActingRequest, Role
from lms.core import clock
from lms.core.states import IllegalMove


@login_required
@never_cache
@require_GET
def classes(request: ActingRequest) -> HttpResponse:
    """Classes as the acting person may see them; a trainee's own are her enrolments."""
    if request.acting.role is Role.TRAINEE:
        return redirect("courses:enrolments")
    return render(request, "courses/classes.html", {"page": selectors.classes_page(request.acting)})


@login_required
@never_cache
@require_GET
def class_(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """One class: its plan, the decision on its opening, its people."""
    row = selectors.class_for_page(request.acting, uuid)
    return render(request, "courses/class.html", {"page": selectors.class_page(request.acting, row)})


@login_required
@never_cache
@require_POST
def class_start(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """Teaching begins; everybody admitted becomes a candidate."""
    row = class_for(request.acting, uuid)
    try:
        number = start_training(by=request.acting, training_class=row, now=clock.now())
    except IllegalMove:
        messages.warning(request, _("This was changed meanwhile. Please look at it again."))
    except EnrolmentRefused as refusal:
        messages.warning(request, refusal.message)
    else:
        messages.success(request, _("The training has begun with %(number)d trainees.") % {"number": number})
    return redirect("courses:class", uuid)


@login_required
@never_cache
@require_GET
def enrolments(request: ActingRequest) -> HttpResponse:
    """Her enrolments, and the classes she may join."""
    return render(request, "courses/enrolments.html", {"page": selectors.enrolment_home(request.acting)})


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def enrol(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """What the policy of one open class asks of her."""
    row = selectors.open_class_for(request.acting, uuid)
    form = EnrolmentForm(request.POST if request.method == "POST" else None, questions=selectors.questions_of(row))
    if request.method == "POST" and form.is_valid():
        try:
            made = submit_enrolment(
                by=request.acting, training_class=row.uuid, declared=form.declaration(), now=clock.now()
            )
        except EnrolmentRefused as refusal:
            form.refuse(refusal)
        else:
            if made.state == EnrolmentState.SUBMITTED:
                messages.success(request, _("Your enrolment is submitted. Your institution will decide."))
            return redirect("courses:enrolment", made.uuid)
    context = {"form": form, "head": class_head(row)}
    return render(request, "courses/enrol.html", context, status=422 if form.errors else 200)


@login_required
@never_cache
@require_GET
def enrolment(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """One enrolment, as its owner or the office sees it."""
    return _page(request, selectors.enrolment_for(request.acting, uuid), AdmitForm(), RejectForm())


def _page(
    request: ActingRequest, row: Enrolment, admit: AdmitForm, reject: RejectForm, leave: LeaveForm | None = None
) -> HttpResponse:
    page = selectors.enrolment_page(request.acting, row)
    leave = leave or LeaveForm()
    refused = next((form for form in (admit, reject, leave) if form.errors), None)
    context = {"page": page, "admit": admit, "reject": reject, "leave": leave, "form": refused or reject}
    status = 422 if refused else 200
    return render(request, "courses/enrolment.html", context, status=status)


@login_required
@never_cache
@require_POST
def enrolment_admit(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """Admit her."""
    row = selectors.enrolment_for(request.acting, uuid)
    form = AdmitForm(request.POST)
    consent = form.is_valid() and form.cleaned_data["guardian_consent"]
    try:
        approve_enrolment(by=request.acting, enrolment=row, guardian_consent=consent, now=clock.now())
    except IllegalMove:
        messages.warning(request, _("This was changed meanwhile. Please look at it again."))
    except EnrolmentRefused as refusal:
        form.add_error(None, refusal.message)
        return _page(request, row, form, RejectForm())
    else:
        messages.success(request, _("Admitted. She is told."))
        return redirect("courses:class", row.training_class.uuid)
    return redirect("courses:enrolment", uuid)


@login_required
@never_cache
@require_POST
def enrolment_reject(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """Do not admit her, with a reason."""
    row = selectors.enrolment_for(request.acting, uuid)
    form = RejectForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    try:
        if form.is_valid():
            reject_enrolment(by=request.acting, enrolment=row, reason=reason, now=clock.now())
    except IllegalMove:
        messages.warning(request, _("This was changed meanwhile. Please look at it again."))
    except EnrolmentRefused as refusal:
        form.add_error("reason", refusal.message)
    if form.errors:
        return _page(request, row, AdmitForm(), form)
    return redirect("courses:class", row.training_class.uuid)


@login_required
@never_cache
@require_POST
def enrolment_leave(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """She leaves the class after the training began, with a reason."""
    row = selectors.enrolment_for(request.acting, uuid)
    form = LeaveForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    try:
        let_leave(by=request.acting, enrolment=row, reason=reason, now=clock.now())
    except IllegalMove:
        messages.warning(request, _("This was changed meanwhile. Please look at it again."))
    except EnrolmentRefused as refusal:
        form.add_error("reason", refusal.message)
        return _page(request, row, AdmitForm(), RejectForm(), form)
    return redirect("courses:class", row.training_class.uuid)


@login_required
@never_cache
@require_POST
def enrolment_withdraw(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """She takes it back."""
    row = selectors.enrolment_for(request.acting, uuid)
    try:
        withdraw_enrolment(by=request.acting, enrolment=row, now=clock.now())
    except IllegalMove:
        messages.warning(request, _("This was changed meanwhile. Please look at it again."))
    else:
        messages.success(request, _("The enrolment is taken back."))
    return redirect("courses:enrolments")
