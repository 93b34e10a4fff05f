"""Using a slip: login name, code, a password of one's own; then signed in by the usual stages."""

from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from lms.accounts.logic import tidy_number
from lms.accounts.signin.limits import within
from lms.accounts.slips.forms import UseSlipForm
from lms.accounts.slips.services import redeem_slip
from lms.accounts.types import AccountsRefusal
from lms.core import clock

_RATES = "60/m/ip,10/15m/key"  # a class shares one address; the code itself cannot be guessed


@require_http_methods(["GET", "POST"])
@never_cache
@sensitive_post_parameters("code", "password1", "password2")
def use_slip(request: HttpRequest) -> HttpResponse:
    """One page, one act: the slip is used up when the password is set and by nothing less."""
    if request.user.is_authenticated:
        return redirect("portal:home")
    form = UseSlipForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            data = form.cleaned_data
            if not within(request, "slip", _RATES, key=tidy_number(data["login_name"])):
                form.add_error(
                    None, _("Too many wrong tries. For safety this login waits 15 minutes; then please try again.")
                )
                return render(request, "accounts/slip/use.html", {"form": form}, status=429)
            try:
                user = redeem_slip(
                    login_name=data["login_name"], code=data["code"], password=data["password1"], now=clock.now()
                )
            except AccountsRefusal as refusal:
                form.refuse(refusal)
            else:
                user.backend = "lms.accounts.signin.backend.SigninBackend"
                record_authentication(request, user, method="password", username=user.username)
                # Staff with an authenticator show it now, as after any password; without one they set it up next.
                answer: HttpResponse = perform_login(request, user, email_verification="none")
                return answer
    return render(request, "accounts/slip/use.html", {"form": form}, status=status)
