"""Her own consents: read, agree, take back."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from lms.accounts.consent.selectors import consents_of
from lms.accounts.consent.services import record_consent
from lms.accounts.people.models import Person
from lms.accounts.requests import ActingRequest
from lms.accounts.types import AccountsRefusal
from lms.core import clock


@login_required
@require_http_methods(["GET", "POST"])
@never_cache
def consents(request: ActingRequest) -> HttpResponse:
    """The texts in force, each with where she stands; POST agrees (`given` 1) or takes back (0)."""
    person = request.acting.person
    if person is None:
        raise Http404(_("There is no personal record for this login."))
    if request.method == "POST":
        return _answer(request, person)
    return render(request, "accounts/consent/own.html", {"rows": consents_of(person)})


def _answer(request: ActingRequest, person: UUID) -> HttpResponse:
    given = request.POST.get("given") == "1"
    try:
        text = UUID(request.POST.get("text", ""))
    except ValueError:
        raise Http404 from None
    try:
        record_consent(
            by=request.acting,
            person=get_object_or_404(Person, uuid=person),
            text=text,
            given=given,
            now=clock.now(),
        )
    except AccountsRefusal as refusal:
        messages.error(request, refusal.message)
    else:
        words = _("Recorded: you agree.") if given else _("Recorded: you have taken your consent back.")
        messages.success(request, words)
    return redirect("accounts:consents")
