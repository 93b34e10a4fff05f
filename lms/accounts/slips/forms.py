"""The form on which a slip is used."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from lms.accounts.types import AccountsRefusal


class UseSlipForm(forms.Form):
    """Login name and code from the slip, and a password of one's own, twice."""

    login_name = forms.CharField(
        label=_("Login name"),
        max_length=32,
        help_text=_("The 8 digits on the slip"),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "username"}),
    )
    code = forms.CharField(
        label=_("One-time code"),
        max_length=40,
        help_text=_("As on the slip; capitals and hyphens do not matter"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )
    password1 = forms.CharField(
        label=_("New password"),
        strip=False,
        help_text=_(
            "At least 10 characters. No birthday, no phone number; four unrelated words are easy to keep in mind."
        ),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    password2 = forms.CharField(
        label=_("New password again"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, Any]:
        """The two passwords agree."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("password1") and cleaned.get("password2") and cleaned["password1"] != cleaned["password2"]:
            self.add_error("password2", _("The two passwords differ. Please type them again."))
        return cleaned

    def refuse(self, refusal: AccountsRefusal) -> None:
        """Show a service's refusal beside the field it names."""
        self.add_error(refusal.field if refusal.field in self.fields else None, refusal.message)
