"""allauth's forms with our labels: labels above, no placeholders, what people type is tidied first."""

from typing import Any

from allauth.account.forms import ChangePasswordForm, LoginForm, ReauthenticateForm
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm as MFAAuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as MFAReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext_lazy as _

from lms.accounts.logic import tidy_number
from lms.accounts.memberships.selectors import is_staff_today
from lms.accounts.people.models import User
from lms.accounts.signin.selectors import login_name_of
from lms.accounts.signin.services import take_code
from lms.accounts.signin.signals import note
from lms.accounts.signin.types import AliasKind
from lms.accounts.types import AccountsRefusal

THEMES = ("light", "dark", "auto")
TEXT_SIZES = ("normal", "large")


def _present(field: forms.Field, label: Any, help_text: Any = "", **attributes: str) -> None:
    field.label, field.help_text = label, help_text
    field.widget.attrs.pop("placeholder", None)
    field.widget.attrs.update(attributes)


class SignInForm(LoginForm):
    """Login name and password. On one's own phone a trainee may stay signed in; staff never."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _present(
            self.fields["login"],
            _("Login name"),
            _("The 8 digits you were given; or the phone or mail address you have added"),
        )
        _present(self.fields["password"], _("Password"))
        _present(self.fields["remember"], _("This is my own phone: keep me signed in for 14 days"))
        # The stored name has 8 digits; what is typed may carry spaces between them.
        self.fields["login"].validators = []
        self.fields["login"].widget.attrs.update(maxlength="254")

    def clean_login(self) -> str:
        """As typed or pasted: with spaces, hyphens or full-width digits; a confirmed phone or mail address stands for it."""
        return login_name_of(self.cleaned_data["login"])

    def login(self, request: HttpRequest, redirect_url: str | None = None) -> HttpResponseBase:
        """Sign in; at an office's shared computer the session ends with the browser."""
        if is_staff_today(self.user):
            self.cleaned_data["remember"] = False
        # A session and its line in the trail are there together or not at all; and one commit flushes once.
        with transaction.atomic():
            return super().login(request, redirect_url)


class PasswordForm(ChangePasswordForm):
    """The current password, then the new one twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _present(self.fields["oldpassword"], _("Current password"))
        _present(
            self.fields["password1"],
            _("New password"),
            _("At least 10 characters. No birthday, no phone number; four unrelated words are easy to keep in mind."),
        )
        _present(self.fields["password2"], _("New password again"))

    def clean(self) -> dict[str, Any]:
        """Refuses the password that is in use."""
        cleaned: dict[str, Any] = super().clean()
        if cleaned.get("password1") and cleaned.get("password1") == cleaned.get("oldpassword"):
            self.add_error("password1", ValidationError(_("This is the password you have now. Choose another.")))
        return cleaned


class PasswordAgainForm(ReauthenticateForm):
    """The password once more before something delicate."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _present(self.fields["password"], _("Password"))


class _CodeForm(forms.Form):
    code_label: Any = _("Verification code")
    code_help: Any = _("The 6 digits your authenticator app shows now, or a recovery code")
    user: User

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _present(self.fields["code"], self.code_label, self.code_help, inputmode="numeric")

    def clean_code(self) -> str:
        """Apps show the digits in two groups."""
        self.cleaned_data["code"] = tidy_number(self.cleaned_data["code"])
        code: str = super().clean_code()  # type: ignore[misc]  # allauth's form, next in line
        if not take_code(self.user, code):
            note(self.user, "code_refused")
            raise get_adapter().validation_error("incorrect_code")
        return code


class SecondStepForm(_CodeForm, MFAAuthenticateForm):
    """The second step of signing in."""


class SecondStepAgainForm(_CodeForm, MFAReauthenticateForm):
    """A fresh code before something delicate."""


class SetUpSecondStepForm(_CodeForm, ActivateTOTPForm):
    """The first code proves that the app has the secret."""

    code_help = _("The 6 digits your authenticator app shows now")


class PreferencesForm(forms.Form):
    """Language, text size, appearance: each on its own button, so none is required."""

    language = forms.ChoiceField(choices=settings.LANGUAGES, required=False)
    text_size = forms.ChoiceField(choices=[(size, size) for size in TEXT_SIZES], required=False)
    theme = forms.ChoiceField(choices=[(theme, theme) for theme in THEMES], required=False)

    def changes(self) -> dict[str, str]:
        """Only what was sent."""
        return {name: value for name, value in self.cleaned_data.items() if value}


class AliasForm(forms.Form):
    """A phone number or mail address to add."""

    value = forms.CharField(max_length=254)

    def __init__(self, *args: Any, kind: AliasKind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["value"]
        if kind is AliasKind.PHONE:
            field.label = _("Mobile number")
            field.widget.attrs.update(inputmode="tel", autocomplete="tel")
        else:
            field.label = _("Mail address")
            field.widget.attrs.update(inputmode="email", autocomplete="email")

    def refuse(self, refusal: AccountsRefusal) -> None:
        """Show a service's refusal beside the field it names."""
        self.add_error(refusal.field if refusal.field in self.fields else None, refusal.message)


class AliasCodeForm(forms.Form):
    """The code that was sent."""

    code = forms.CharField(
        label=_("Verification code"),
        max_length=12,
        help_text=_("The 6 digits that were sent to you"),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )

    def clean_code(self) -> str:
        """Without spaces."""
        return tidy_number(self.cleaned_data["code"])

    def refuse(self, refusal: AccountsRefusal) -> None:
        """Show a service's refusal beside the field it names."""
        self.add_error(refusal.field if refusal.field in self.fields else None, refusal.message)
