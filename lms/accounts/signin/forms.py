"""allauth's forms with our labels: labels above, no placeholders, what people type is tidied first."""

from typing import Any

from allauth.account.forms import ChangePasswordForm, LoginForm, ReauthenticateForm
from allauth.mfa.base.forms import AuthenticateForm as MFAAuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as MFAReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext_lazy as _

from lms.accounts.logic import tidy_number
from lms.accounts.memberships.selectors import is_staff_today

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
        _present(self.fields["login"], _("Login name"), _("The 8 digits you were given"), inputmode="numeric")
        _present(self.fields["password"], _("Password"))
        _present(self.fields["remember"], _("This is my own phone: keep me signed in for 14 days"))
        # The stored name has 8 digits; what is typed may carry spaces between them.
        self.fields["login"].validators = []
        self.fields["login"].widget.attrs.update(maxlength="32")

    def clean_login(self) -> str:
        """As typed or pasted: with spaces, hyphens or full-width digits."""
        return tidy_number(self.cleaned_data["login"])

    def login(self, request: HttpRequest, redirect_url: str | None = None) -> HttpResponseBase:
        """Sign in; at an office's shared computer the session ends with the browser."""
        if is_staff_today(self.user):
            self.cleaned_data["remember"] = False
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

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _present(self.fields["code"], self.code_label, self.code_help, inputmode="numeric")

    def clean_code(self) -> str:
        """Apps show the digits in two groups."""
        self.cleaned_data["code"] = tidy_number(self.cleaned_data["code"])
        return super().clean_code()  # type: ignore[misc]  # allauth's form, next in line


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
