"""Registering oneself: public, bounded by address, and the page that tells the login name."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from lms.accounts.consent.selectors import texts_in_force
from lms.accounts.registration.forms import RegistrationForm
from lms.accounts.registration.selectors import open_institutions
from lms.accounts.registration.services import register_trainee
from lms.accounts.signin.limits import within
from lms.accounts.types import AccountsRefusal
from lms.core import clock

_DONE_KEY = "registered"
_RATES = "120/h/ip"  # a class shares one address


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@require_http_methods(["GET", "POST"])
@never_cache
@sensitive_post_parameters("document_number", "phone", "password1", "password2")
def register(request: HttpRequest) -> HttpResponse:
    """Form and registration of a trainee."""
    if request.user.is_authenticated:
        return redirect("portal:home")
    texts = texts_in_force()
    form = RegistrationForm(
        request.POST or None,
        institutions=open_institutions(_uuid(request.POST.get("institution") or request.GET.get("institution", ""))),
        texts=texts,
        initial={"document_type": "resident_card", "institution": request.GET.get("institution", "")},
    )
    status = 422 if form.errors else 200
    if request.method == "POST" and form.is_valid():
        if not within(request, "register", _RATES):
            form.add_error(None, _("Too many registrations from this network. Please try again in an hour."))
            return render(request, "accounts/registration/register.html", {"form": form}, status=429)
        data = form.cleaned_data
        try:
            made = register_trainee(
                institution=UUID(data["institution"]),
                data=form.person_data(),
                password=data["password1"],
                consents=[text.uuid for text in texts if data[text.key.value]],
                now=clock.now(),
            )
        except AccountsRefusal as refusal:
            form.refuse(refusal)
            status = 422
        else:
            request.session[_DONE_KEY] = {
                "login_name": made.login_name,
                "name": made.name,
                "institution": made.institution,
                "minor": made.minor,
            }
            return redirect("accounts:registered")
    return render(request, "accounts/registration/register.html", {"form": form}, status=status)


@require_GET
@never_cache
def registered(request: HttpRequest) -> HttpResponse:
    """Her login name, to write down or print; gone with the browser's session."""
    made = request.session.get(_DONE_KEY)
    if made is None:
        return redirect("accounts:register")
    return render(request, "accounts/registration/done.html", {"made": made})
