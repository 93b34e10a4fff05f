"""Pages of batches and certificates; the public page that verifies one."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from allauth.core.internal import ratelimit
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from assessment.certification import issuing, selectors, services
from assessment.certification.forms import (
    BatchForm,
    CodesForm,
    FreezeForm,
    ReissueForm,
    ReturnForm,
    RevokeForm,
    StepForm,
    VerifyForm,
)
from assessment.certification.models import Certificate
from assessment.certification.papers import paper_bytes, paper_picture
from assessment.certification.types import CertificationRefused
from lms.accounts.api import ActingRequest
from lms.core import clock
from lms.core.states import IllegalMove
from media_pipeline.api import page_asked

_REFUSALS = (CertificationRefused, IllegalMove)
# A class verifies its papers behind one address; who tries names against numbers is held closer.
_RATES = {"code": "60/m/ip", "number": "20/m/ip"}
_WAIT_S = 60


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def batches(request: ActingRequest) -> HttpResponse:
    """The batches she reaches; a body begins one from who waits."""
    form = BatchForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.create_batch(by=request.acting, now=clock.now(), **form.cleaned_data)
        except CertificationRefused as refused:
            form.refuse(refused)
        else:
            return redirect("assessment:batch", made.uuid)
    page = selectors.batch_list(request.acting, page=page_asked(request))
    return _page(request, "assessment/batches.html", {"page": page, "form": form})


@login_required
@never_cache
@require_GET
def batch(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """One batch: its people, its way, the step that is hers."""
    return _batch(request, uuid, StepForm())


def _batch(request: ActingRequest, uuid: UUID, form: StepForm) -> HttpResponse:
    page = selectors.batch_page(request.acting, uuid)
    back = form if isinstance(form, ReturnForm) else ReturnForm()
    return _page(request, "assessment/batch.html", {"page": page, "form": form, "return_form": back})


@login_required
@require_POST
def batch_step(request: ActingRequest, uuid: UUID, step: str) -> HttpResponse:
    """Take one step with a batch."""
    selectors.batch_for(request.acting, uuid)
    taken = {
        "freeze": _freeze,
        "file": _file,
        "review": _review,
        "return": _return,
        "allocate": _allocate,
        "issue": _issue,
    }.get(step)
    if taken is None:
        raise Http404
    form: StepForm = {"freeze": FreezeForm, "return": ReturnForm}.get(step, StepForm)(request.POST)
    if form.is_valid():
        try:
            said = taken(request, uuid, form)
        except _REFUSALS as refused:
            form.refuse(refused)
        else:
            if said:
                messages.success(request, said)
                return redirect("assessment:batch", uuid)
    return _batch(request, uuid, form)


def _freeze(request: ActingRequest, uuid: UUID, form: StepForm) -> str:
    chosen = form.chosen(request.POST.getlist("candidacies")) if isinstance(form, FreezeForm) else []
    if form.errors:
        return ""
    services.freeze_batch(by=request.acting, batch=uuid, candidacies=chosen, now=clock.now())
    return gettext("The rows are fixed. Look at them once more, then file the batch.")


def _file(request: ActingRequest, uuid: UUID, form: StepForm) -> str:
    services.file_batch(by=request.acting, batch=uuid, now=clock.now())
    return gettext("Filed. The HR bureau reviews it next.")


def _review(request: ActingRequest, uuid: UUID, form: StepForm) -> str:
    services.review_batch(by=request.acting, batch=uuid, now=clock.now())
    return gettext("Reviewed. Now the numbers can be allocated.")


def _return(request: ActingRequest, uuid: UUID, form: StepForm) -> str:
    services.return_batch(by=request.acting, batch=uuid, reason=form.cleaned_data["reason"], now=clock.now())
    return gettext("Returned. The evaluation body reads the reason.")


def _allocate(request: ActingRequest, uuid: UUID, form: StepForm) -> str:
    given = services.allocate_numbers(by=request.acting, batch=uuid, now=clock.now())
    return gettext("%(count)d numbers allocated, from %(first)s to %(last)s.") % {
        "count": len(given),
        "first": given[0],
        "last": given[-1],
    }


def _issue(request: ActingRequest, uuid: UUID, form: StepForm) -> str:
    made = issuing.issue_batch(by=request.acting, batch=uuid, now=clock.now())
    return gettext("%(count)d certificates issued. Their holders can see and download them now.") % {"count": len(made)}


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def body_codes(request: ActingRequest, body: UUID) -> HttpResponse:
    """The codes the bureau gives an evaluation body; `?scheme=` chooses another scheme."""
    page = selectors.codes_page(request.acting, body, scheme=request.GET.get("scheme", ""))
    form = CodesForm(request.POST or None, scheme=page.scheme, initial=dict(page.held))
    if request.method == "POST" and form.is_valid():
        try:
            services.set_codes(
                by=request.acting, body=body, scheme=page.scheme.key, codes=form.codes(), now=clock.now()
            )
        except CertificationRefused as refused:
            form.refuse(refused)
        else:
            messages.success(request, gettext("The codes hold from the next allocation on."))
            return redirect("assessment:body_codes", body)
    return _page(request, "assessment/body_codes.html", {"page": page, "form": form})


@login_required
@never_cache
@require_GET
def certificate(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """A certificate at the desks."""
    return _certificate(request, uuid, StepForm())


def _certificate(request: ActingRequest, uuid: UUID, form: StepForm) -> HttpResponse:
    page = selectors.certificate_page(request.acting, uuid)
    context = {
        "page": page,
        "form": form,
        "revoke_form": form if isinstance(form, RevokeForm) else RevokeForm(),
        "reissue_form": form if isinstance(form, ReissueForm) else ReissueForm(),
    }
    return _page(request, "assessment/certificate.html", context)


@login_required
@require_POST
def certificate_step(request: ActingRequest, uuid: UUID, step: str) -> HttpResponse:
    """Revoke, ask for a reissue, give its number, issue it."""
    selectors.certificate_for(request.acting, uuid)
    taken = _CERTIFICATE_STEPS.get(step)
    if taken is None:
        raise Http404
    form: StepForm = {"revoke": RevokeForm, "reissue": ReissueForm}.get(step, StepForm)(request.POST)
    if form.is_valid():
        try:
            said, shown = taken(request, uuid, form)
        except _REFUSALS as refused:
            form.refuse(refused)
        else:
            messages.success(request, said)
            return redirect("assessment:certificate", shown)
    return _certificate(request, uuid, form)


def _revoke(request: ActingRequest, uuid: UUID, form: StepForm) -> tuple[str, UUID]:
    issuing.revoke_certificate(by=request.acting, certificate=uuid, now=clock.now(), **form.cleaned_data)
    return gettext("Revoked. The verification page says so from now on."), uuid


def _reissue(request: ActingRequest, uuid: UUID, form: StepForm) -> tuple[str, UUID]:
    made = issuing.reissue_certificate(by=request.acting, certificate=uuid, now=clock.now(), **form.cleaned_data)
    if made is None:
        return gettext("Asked for. The HR bureau gives the new number next."), uuid
    return gettext("Reissued. The earlier paper no longer holds."), made.uuid


def _number(request: ActingRequest, uuid: UUID, form: StepForm) -> tuple[str, UUID]:
    given = issuing.allocate_replacement_number(by=request.acting, certificate=uuid, now=clock.now())
    return gettext("The replacement has the number %(number)s.") % {"number": given}, uuid


def _issue_replacement(request: ActingRequest, uuid: UUID, form: StepForm) -> tuple[str, UUID]:
    made = issuing.issue_replacement(by=request.acting, certificate=uuid, now=clock.now())
    return gettext("Reissued. The earlier paper no longer holds."), made.uuid


_CERTIFICATE_STEPS: Mapping[str, Callable[[ActingRequest, UUID, StepForm], tuple[str, UUID]]] = {
    "revoke": _revoke,
    "reissue": _reissue,
    "number": _number,
    "issue": _issue_replacement,
}


@login_required
@never_cache
@require_GET
def certificate_pdf(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """The paper at the desks, to print; it carries the full identity number, so who took it is recorded."""
    row = selectors.certificate_file_for(request.acting, uuid)
    issuing.note_download(by=request.acting, certificate=uuid, now=clock.now())
    return _pdf(row)


@login_required
@require_GET
def my_certificates(request: ActingRequest) -> HttpResponse:
    """Her certificates."""
    return _page(request, "assessment/my_certificates.html", {"rows": selectors.my_certificates(request.acting)})


@login_required
@require_GET
def my_certificate(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """One of her certificates."""
    page = selectors.my_certificate_page(request.acting, uuid)
    return _page(request, "assessment/my_certificate.html", {"page": page})


@login_required
@require_safe
def my_certificate_pdf(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """Her paper, to keep and to send on."""
    return _pdf(selectors.my_certificate(request.acting, uuid))


@login_required
@require_safe
def my_certificate_png(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """Her paper as a picture; made anew unless the browser has it already."""
    row = selectors.my_certificate(request.acting, uuid)
    etag = f'"{row.pdf_sha256[:32]}"'
    answer: HttpResponse
    if etag in request.headers.get("If-None-Match", ""):
        answer = HttpResponseNotModified()
    else:
        answer = HttpResponse(paper_picture(row), content_type="image/png")
    answer["ETag"] = etag
    answer["Cache-Control"] = "private, no-cache"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def _pdf(row: Certificate) -> HttpResponse:
    answer = HttpResponse(paper_bytes(row), content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="{row.number}.pdf"'
    answer["Cache-Control"] = "private, no-store"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


@never_cache
@require_http_methods(["GET", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """Look a paper up by number and name. The name is posted, so that it stands in no address and no log."""
    form = VerifyForm(request.POST or None)
    if request.method == "POST":
        if _too_fast(request, "number"):
            return _wait(request)
        if form.is_valid():
            code = selectors.code_of(**form.cleaned_data)
            if code:
                return redirect("assessment:verify_code", code)
            return render(request, "assessment/verify.html", {"form": form, "unknown": True}, status=404)
    return _page(request, "assessment/verify.html", {"form": form})


@never_cache
@require_GET
def verify_code(request: HttpRequest, code: str) -> HttpResponse:
    """What the code on a paper says about it."""
    if _too_fast(request, "code"):
        return _wait(request)
    answer = selectors.verify(code, now=clock.now())
    status = 404 if answer.state == "unknown" else 200
    return render(request, "assessment/verified.html", {"page": answer}, status=status)


def _too_fast(request: HttpRequest, action: str) -> bool:
    usage = ratelimit.consume(request, app="kaibo.verify", action=action, config=_RATES, limit_get=True)
    return usage is None


def _wait(request: HttpRequest) -> HttpResponse:
    answer = render(request, "assessment/verify_wait.html", status=429)
    answer["Retry-After"] = str(_WAIT_S)
    return answer


def _page(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """422 where a form was refused."""
    form = context.get("form")
    return render(request, template, context, status=422 if form is not None and form.errors else 200)
