"""Pages of marks."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from lms.accounts.api import ActingRequest


@login_required
@never_cache
@require_GET
def result(request: ActingRequest, entry: UUID) -> HttpResponse:
    """A candidate's own released marks."""
    raise Http404
