"""The specifications: what is examined, and the bureau's approval."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from assessment.specification import pages
from assessment.specification.services import approve_specification
from assessment.specification.types import SpecificationRefusal
from lms.accounts.api import ActingRequest
from lms.core import clock


@login_required
@require_GET
def specification_list(request: ActingRequest) -> HttpResponse:
    """Every specification."""
    rows = pages.specification_list(request.acting)
    return render(request, "assessment/specification_list.html", {"rows": rows})


@login_required
@require_GET
def specification(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """One version."""
    page = pages.specification_page(request.acting, uuid)
    return render(request, "assessment/specification.html", {"page": page})


@login_required
@require_POST
def approve(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """The bureau lets a version be examined by."""
    pages.specification_page(request.acting, uuid)
    try:
        approve_specification(by=request.acting, specification=uuid, now=clock.now())
    except SpecificationRefusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("Approved. New classes may be examined by it."))
    return redirect("assessment:specification", uuid=uuid)
