"""Results by role: a trainee reads hers, the desk confirms and releases."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from assessment.results import selectors, services
from assessment.results.forms import RefusedForm, SelectionForm
from assessment.results.logic import number_of
from assessment.results.models import GradeDecision
from lms.accounts.api import Acting, ActingRequest
from lms.core import clock
from media_pipeline.api import page_asked


class Service(Protocol):
    """Confirming or releasing one decision."""

    def __call__(self, *, by: Acting, decision: UUID, now: datetime) -> GradeDecision: ...


@login_required
@never_cache
@require_GET
def results(request: ActingRequest) -> HttpResponse:
    """Her published results, or one list of the desk (`?show=`)."""
    if selectors.is_trainee(request.acting):
        return render(request, "assessment/my_results.html", {"rows": selectors.my_results(request.acting)})
    return _desk(request)


def _desk(request: ActingRequest, refused: RefusedForm | None = None, shelf: str = "") -> HttpResponse:
    page = selectors.results_page(request.acting, shelf=shelf or request.GET.get("show", ""), page=page_asked(request))
    shown = {"page": page, "refused": refused}
    return render(request, "assessment/results.html", shown, status=422 if refused else 200)


@login_required
@never_cache
@require_GET
def result(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """How one result came about; `?t=41` opens her video at a second."""
    if selectors.is_trainee(request.acting):
        page = selectors.result_page(request.acting, uuid, start_s=second_asked(request))
        return render(request, "assessment/result.html", {"page": page})
    return _judgement(request, uuid)


def second_asked(request: ActingRequest) -> float:
    """0 for what is no second; the page cuts it to the video's length."""
    try:
        return max(0.0, float(request.GET.get("t", "")))
    except ValueError:
        return 0.0


def _judgement(request: ActingRequest, uuid: UUID, refused: RefusedForm | None = None) -> HttpResponse:
    shown = {"page": selectors.judgement_page(request.acting, uuid), "refused": refused}
    return render(request, "assessment/judgement.html", shown, status=422 if refused else 200)


@login_required
@require_POST
def confirm(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """The chief confirms one."""
    return _one(request, uuid, services.confirm_grade)


@login_required
@require_POST
def release(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """Chief or HR bureau releases one."""
    return _one(request, uuid, services.release_grade)


def _one(request: ActingRequest, uuid: UUID, service: Service) -> HttpResponse:
    selectors.require_judge(request.acting)
    selectors.judgement_page(request.acting, uuid)
    try:
        service(by=request.acting, decision=uuid, now=clock.now())
    except services.ResultRefused as refusal:
        return _judgement(request, uuid, RefusedForm([refusal.message]))
    _say(request, service, 1)
    return redirect("assessment:result", uuid)


@login_required
@require_POST
def confirm_selected(request: ActingRequest) -> HttpResponse:
    """The chief confirms those ticked, each for itself."""
    return _several(request, services.confirm_grade, "confirm")


@login_required
@require_POST
def release_selected(request: ActingRequest) -> HttpResponse:
    """Chief or HR bureau releases those ticked, each for itself."""
    return _several(request, services.release_grade, "release")


def _several(request: ActingRequest, service: Service, shelf: str) -> HttpResponse:
    """What can be done is done; what was refused is said above the list."""
    selectors.require_judge(request.acting)
    form = SelectionForm(request.POST)
    if not form.is_valid():
        return _desk(request, RefusedForm([str(error) for error in form.errors["decision"]]), shelf)
    done, refused = 0, []
    for uuid in form.cleaned_data["decision"]:
        try:
            service(by=request.acting, decision=uuid, now=clock.now())
        except services.ResultRefused as refusal:
            refused.append(f"{number_of(uuid)} {refusal.message}")
        except (PermissionDenied, GradeDecision.DoesNotExist):
            raise Http404 from None
        else:
            done += 1
    if done:
        _say(request, service, done)
    if refused:
        return _desk(request, RefusedForm(refused), shelf)
    return redirect(f"{reverse('assessment:results')}?show={shelf}")


def _say(request: ActingRequest, service: Service, number: int) -> None:
    if service is services.confirm_grade:
        words = ngettext("%(number)d result confirmed", "%(number)d results confirmed", number)
    else:
        words = ngettext("%(number)d result released", "%(number)d results released", number)
    messages.success(request, words % {"number": number})
