"""What the offices do about arrangements: asked for, decided, the paper form printed, keyed in twice and settled."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from assessment.delivery import services
from assessment.delivery.forms import KeyingForm, SettlingForm
from assessment.delivery.pages.arrangements import keying_page
from assessment.delivery.pages.board import entry_at
from assessment.delivery.papers import form_as_pdf
from assessment.delivery.rules import CONDUCT, require_for
from assessment.delivery.selectors import granted_kinds
from assessment.delivery.types import ArrangementKind, DeliveryRefused
from lms.accounts.api import ActingRequest
from lms.core import clock


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def keying(request: ActingRequest, uuid: UUID, entry: UUID, attempt: UUID) -> HttpResponse:
    """Key a paper form in, the first or the second time; neither person sees what the other read."""
    page = keying_page(request.acting, entry_at(request.acting, uuid, entry), attempt, settles=False)
    form = KeyingForm(request.POST or None, questions=page.questions)
    if request.method == "POST" and form.is_valid():
        try:
            apart = services.key_in(by=request.acting, attempt=attempt, responses=form.responses(), now=clock.now())
        except DeliveryRefused as refused:
            form.refuse(refused)
        else:
            messages.success(request, _said(page.number, len(apart)))
            return redirect(page.candidate_url)
    return _page(request, {"page": page, "form": form})


def _said(number: int, apart: int) -> str:
    if number == 1:
        return _("Keyed in. Now somebody else keys the same form in.")
    if apart:
        return _("Keyed in. The two differ in %(count)d questions; the chief examiner decides.") % {"count": apart}
    return _("Keyed in. The two agree, and the answers are stored.")


def _page(request: ActingRequest, context: dict[str, Any]) -> HttpResponse:
    status = 422 if context["form"].errors else 200
    return render(request, "assessment/sittings/keying.html", context, status=status)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def settling(request: ActingRequest, uuid: UUID, entry: UUID, attempt: UUID) -> HttpResponse:
    """The chief reads on the form what two people read differently."""
    page = keying_page(request.acting, entry_at(request.acting, uuid, entry), attempt, settles=True)
    form = SettlingForm(request.POST or None, questions=page.questions)
    if request.method == "POST" and form.is_valid():
        try:
            services.settle_keying(
                by=request.acting,
                attempt=attempt,
                responses=form.responses(),
                reason=form.cleaned_data["reason"],
                now=clock.now(),
            )
        except DeliveryRefused as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("Decided. The answers are stored."))
            return redirect(page.candidate_url)
    return _page(request, {"page": page, "form": form})


@login_required
@never_cache
@require_GET
def paper_form(request: ActingRequest, uuid: UUID, entry: UUID) -> HttpResponse:
    """Her own paper form on A4, without a key, in large type where that was granted; who prints it is recorded."""
    row = entry_at(request.acting, uuid, entry)
    require_for(request.acting, CONDUCT, "execute", row.sitting)
    kinds = granted_kinds(row)
    if ArrangementKind.PAPER_FORM not in kinds or not row.form:
        raise Http404
    last = row.attempts.order_by("-number").first()
    form = last.form if last else row.form
    made = form_as_pdf(UUID(row.sitting.papers[form]), large=ArrangementKind.LARGE_TYPE in kinds)
    services.note_form_printed(by=request.acting, entry=entry, now=clock.now())
    answer = HttpResponse(made, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="paper-{row.uuid.hex[:8]}.pdf"'
    answer["Cache-Control"] = "private, no-store"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
